"use strict";
// Before the page is drawn: what only a script can work shows, popups wait for site.js without flashing, the reader's
// settings hold, and a page out of a cache is grey when it should be.
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  const AT_FIRST = { size: "medium", scheme: "system", elder: false };

  // Storage may be forbidden, full or filled by others: the page is then as it comes.
  const read = () => {
    try {
      return { ...AT_FIRST, ...JSON.parse(localStorage.getItem("reading")) };
    } catch {
      return AT_FIRST;
    }
  };

  const apply = ({ size, scheme, elder }) => {
    root.dataset.size = size;
    root.dataset.scheme = scheme;
    root.classList.toggle("elder", elder === true);
  };

  // The reader's settings: changed by what is given, applied, kept and answered.
  let settings = read();
  window.readingSettings = (change = {}) => {
    settings = { ...settings, ...change };
    apply(settings);
    try {
      if (Object.keys(change).length) localStorage.setItem("reading", JSON.stringify(settings));
    } catch {
      // They hold on this page all the same.
    }
    return settings;
  };
  readingSettings();
  addEventListener("storage", () => apply((settings = read())));

  const [from, until] = (root.dataset.grey || "").split(" ").map((second) => second * 1000);
  const grey = () => root.classList.toggle("grey", from <= Date.now() && Date.now() < until);
  if (until) {
    grey();
    setInterval(grey, 1000);
  }
})();
