"use strict";
(() => {
  const DAY = 24 * 60 * 60 * 1000;

  // Storage may be forbidden, full or filled by others: the notice shows again then.
  const isDismissed = ({ notice, revision, days }) => {
    try {
      const [seen, time] = JSON.parse(localStorage.getItem(`notice-${notice}`));
      const age = Date.now() - time;
      return seen === revision && age >= 0 && age < days * DAY;
    } catch {
      return false;
    }
  };

  const dismiss = ({ notice, revision, days }) => {
    try {
      if (days > 0) localStorage.setItem(`notice-${notice}`, JSON.stringify([revision, Date.now()]));
    } catch {
      // It is gone from this page all the same.
    }
  };

  for (const banner of document.querySelectorAll(".banner")) {
    if (isDismissed(banner.dataset)) banner.remove();
    banner.querySelector(".close").addEventListener("click", () => {
      dismiss(banner.dataset);
      banner.remove();
    });
  }

  const waiting = [];
  for (const popup of document.querySelectorAll("dialog.popup")) {
    if (!popup.showModal) continue;
    popup.open = false;
    if (!isDismissed(popup.dataset)) waiting.push(popup);
  }

  const showNext = () => {
    const popup = waiting.shift();
    if (!popup) return;
    let pressed;
    popup.addEventListener("pointerdown", ({ target }) => {
      pressed = target;
    });
    popup.addEventListener("click", ({ target }) => {
      // The dialog itself is hit only beside what it holds. Text dragged over its edge is no such press.
      if (target === popup && pressed === popup) popup.close();
    });
    popup.addEventListener("close", () => {
      dismiss(popup.dataset);
      showNext();
    });
    popup.showModal();
    popup.querySelector("h2").focus();
  };
  showNext();

  // A table too wide for the page scrolls: by the arrow keys, too.
  for (const table of document.querySelectorAll(".rich table")) {
    if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
  }

  const onClick = (selector, act) => {
    for (const button of document.querySelectorAll(selector)) button.addEventListener("click", () => act(button));
  };

  onClick("[data-print]", () => window.print());

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without https there is no clipboard: select the text and ask the old way.
      const field = document.createElement("textarea");
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };
  onClick("[data-copy]", async (button) => {
    await copy(button.dataset.copy);
    button.firstElementChild.textContent = button.dataset.done;
  });

  for (const button of document.querySelectorAll("[data-share]")) button.hidden = !navigator.share;
  onClick("[data-share]", ({ dataset }) => {
    navigator.share({ title: dataset.share, url: location.href }).catch(() => {});
  });
})();
