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

  // Where all are dismissed, no empty landmark stays behind.
  const notices = document.querySelector(".notices");
  const clear = () => {
    if (notices) notices.hidden = !notices.querySelector(".banner, [open]");
  };

  for (const banner of document.querySelectorAll(".banner")) {
    if (isDismissed(banner.dataset)) banner.remove();
    banner.querySelector(".close").addEventListener("click", () => {
      dismiss(banner.dataset);
      banner.remove();
      clear();
    });
  }

  const isElder = document.documentElement.classList.contains("elder");

  // Beside the text there is room for its contents. Before popups, which have the page laid out as it then is.
  const contents = document.querySelector(".toc details");
  if (contents) contents.open = matchMedia("(min-width: 80em)").matches && !isElder;

  // Keys go on from the top of the page, not from where a popup stands in its flow: past the whole masthead.
  const startAtTop = () => {
    document.body.tabIndex = -1;
    document.body.focus({ preventScroll: true });
    document.body.removeAttribute("tabindex");
  };

  // In senior mode nothing lies over the page: a popup stands in its flow, as it does without this script.
  const waiting = [];
  for (const popup of document.querySelectorAll("dialog.popup")) {
    if (!popup.showModal) {
      // Browsers that know no dialogs show it in the page's flow, and would send its form away.
      popup.classList.add("flow");
      if (isDismissed(popup.dataset)) popup.remove();
      popup.addEventListener("submit", (event) => {
        event.preventDefault();
        dismiss(popup.dataset);
        popup.remove();
        clear();
      });
      continue;
    }
    popup.classList.toggle("flow", isElder);
    popup.open = isElder && !isDismissed(popup.dataset);
    popup.addEventListener("close", () => {
      dismiss(popup.dataset);
      if (!isElder) startAtTop();
      showNext();
    });
    if (!isElder && !isDismissed(popup.dataset)) waiting.push(popup);
  }

  const showNext = () => {
    const popup = waiting.shift();
    if (!popup) return clear();
    let pressed;
    popup.addEventListener("pointerdown", ({ target }) => {
      pressed = target;
    });
    popup.addEventListener("click", ({ target }) => {
      // The dialog itself is hit only beside what it holds. Text dragged over its edge is no such press.
      if (target === popup && pressed === popup) popup.close();
    });
    popup.showModal();
    popup.querySelector("h2").focus();
  };
  showNext();

  // A table too wide for the page scrolls in its box, by the arrow keys, too; where it fits, no key need stop there.
  const boxes = new ResizeObserver((entries) => {
    for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
  });
  for (const box of document.querySelectorAll(".scroll")) boxes.observe(box);

  const onClick = (selector, act) => {
    for (const button of document.querySelectorAll(selector)) button.addEventListener("click", () => act(button));
  };

  // Paragraphs of up to three lines stay whole on paper: Chromium would leave the last of three alone on the next page,
  // whatever `widows` says, and Firefox knows no `widows`. A line holds about 45 characters; of Latin letters, twice that.
  const THREE_LINES = 145;
  const keepWhole = () => {
    for (const { textContent: text, classList } of document.querySelectorAll(".leaf p"))
      classList.toggle("brief", text.trim().replace(/[ -~]{2}/g, "+").length < THREE_LINES);
  };
  addEventListener("beforeprint", keepWhole);

  // Pictures further down may not have been asked for yet.
  const loadPictures = () => {
    const pictures = [...document.querySelectorAll(".leaf img")];
    for (const picture of pictures) picture.loading = "eager";
    return Promise.allSettled(pictures.map((picture) => picture.decode()));
  };
  addEventListener("beforeprint", loadPictures);
  // WeChat's browser prints nothing.
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = !window.print;
  onClick("[data-print]", async () => {
    await loadPictures();
    window.print();
  });

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

  // An article that has been in view for ten seconds is counted as read: that it was, and not by whom.
  for (const { dataset } of navigator.webdriver ? [] : document.querySelectorAll("[data-read]")) {
    let seconds = 10;
    const timer = setInterval(() => {
      if (document.hidden || --seconds) return;
      clearInterval(timer);
      fetch(dataset.read, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
    }, 1000);
  }

  // A picture opens large over the page; its link leads to the same picture where that cannot be.
  const enlarge = (link) => {
    const dialog = document.createElement("dialog");
    dialog.className = "enlarged";
    const close = document.createElement("button");
    close.textContent = document.querySelector("[data-close]").dataset.close;
    close.addEventListener("click", () => dialog.close());
    const picture = new Image();
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    const caption = document.createElement("p");
    const said = link.closest("figure") && link.closest("figure").querySelector("figcaption");
    caption.textContent = said ? said.textContent : picture.alt;
    dialog.setAttribute("aria-label", link.getAttribute("aria-label") || caption.textContent);
    dialog.append(close, picture, caption);
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };
  for (const link of document.querySelectorAll("a.large")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return;
      event.preventDefault();
      enlarge(link);
    });
  }

  // The reader's settings, kept and applied by head.js.
  const elder = document.querySelector("[data-elder]");
  const panel = document.querySelector(".settings");
  if (panel) {
    const form = panel.querySelector("form");
    const show = ({ size, scheme, elder: isOn }) => {
      form.elements.size.value = size;
      form.elements.scheme.value = scheme;
      elder.setAttribute("aria-pressed", isOn === true);
    };
    show(readingSettings());
    form.addEventListener("change", ({ target }) => readingSettings({ [target.name]: target.value }));
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      show(readingSettings({ size: "medium", scheme: "system", elder: false }));
    });
    elder.addEventListener("click", () => show(readingSettings({ elder: elder.getAttribute("aria-pressed") !== "true" })));
  }

  // Suggestions are worked by a script of their own, which comes when somebody turns to the box.
  for (const box of document.querySelectorAll(".search-box")) {
    box.elements.q.setAttribute("role", "combobox");
    box.elements.q.setAttribute("aria-expanded", "false");
    const start = () => import(box.dataset.script).then((script) => script.default(box), () => {});
    if (document.activeElement === box.elements.q) start();
    else box.elements.q.addEventListener("focus", start, { once: true });
  }

  // What lies over the page shuts on Esc, and on a press beside it.
  const shut = (event) => {
    for (const open of document.querySelectorAll(".panel[open]")) {
      if (event.type === "click" ? open.contains(event.target) : event.key !== "Escape") continue;
      open.open = false;
      if (event.type === "keydown") open.firstElementChild.focus();
    }
  };
  addEventListener("click", shut);
  addEventListener("keydown", shut);

  // Reading aloud: paragraph by paragraph, so that the voice starts at once and the place can be shown.
  const BLOCKS = "h1, h2, h3, h4, p, li, dt, dd, figcaption, caption, th, td";
  const UNREAD = ".share, .notices, .toc, .on-paper, .unseen, .pagination, [aria-hidden], [hidden]";
  const speech = window.speechSynthesis;
  const buttons = document.querySelectorAll("[data-aloud]");
  let reading = null;
  // A voice of the device: others send the text to their makers, and wait for ever on a closed network.
  const voice = (language) => speech.getVoices().find(({ lang, localService }) => localService && language.test(lang));
  const CHINESE = /^(zh|cmn)/i;
  const label = (words) => {
    for (const button of buttons) {
      button.dataset.start = button.dataset.start || button.textContent;
      button.textContent = button.dataset[words];
    }
    document.querySelector(".tools [role=status]").textContent = words === "failed" ? buttons[0].textContent : "";
  };
  const silence = () => {
    if (reading) reading.classList.remove("spoken");
    reading = null;
    speech.cancel();
    label("start");
  };
  const fail = () => {
    silence();
    label("failed");
  };
  const speak = (blocks) => {
    if (reading) reading.classList.remove("spoken");
    reading = blocks.shift() || null;
    label(reading ? "aloud" : "start");
    if (!reading) return;
    const block = reading;
    block.classList.add("spoken");
    block.scrollIntoView({ block: "nearest" });
    const words = new SpeechSynthesisUtterance(block.textContent.replace(/\s+/g, " "));
    const isEnglish = block.closest("[lang]").lang === "en";
    words.lang = isEnglish ? "en" : "zh-CN";
    words.voice = (isEnglish && voice(/^en/i)) || voice(CHINESE);
    words.onend = () => reading === block && speak(blocks);
    words.onerror = ({ error }) => reading === block && !/cancel|interrupt/.test(error) && fail();
    speech.speak(words);
  };
  const isHidden = (block) => block.checkVisibility && !block.checkVisibility();
  const isRead = (block) =>
    !block.querySelector(BLOCKS) && !block.closest(UNREAD) && !isHidden(block) && block.textContent.trim();
  onClick("[data-aloud]", () =>
    reading ? silence() : speak([...document.querySelectorAll("main *")].filter((block) => block.matches(BLOCKS) && isRead(block))),
  );
  // Browsers that have no voice for Chinese would stay silent; those that have one may find it late.
  const offer = () => {
    for (const button of buttons) button.hidden = !voice(CHINESE);
  };
  if (speech) {
    offer();
    speech.onvoiceschanged = offer;
    addEventListener("pagehide", silence);
  }
})();
