// Suggestions under the search box: a combobox with a list. Searches of this device are kept on it, and nowhere else.
const RECENT = 6;
const recent = () => {
  try {
    const kept = JSON.parse(localStorage.getItem("searches"));
    return Array.isArray(kept) ? kept.filter((text) => typeof text === "string").slice(0, RECENT) : [];
  } catch {
    return [];
  }
};
const keepRecent = (searches) => {
  try {
    if (searches.length) localStorage.setItem("searches", JSON.stringify(searches.slice(0, RECENT)));
    else localStorage.removeItem("searches");
  } catch {
    // Nothing is kept then.
  }
};
export default (box) => {
  const { suggest, recent: heading, forget, kinds } = box.dataset;
  const input = box.elements.q;
  const panel = document.createElement("div");
  const list = document.createElement("div");
  panel.className = "suggestions";
  list.id = "suggestions";
  for (const [name, value] of [["role", "listbox"], ["aria-label", input.getAttribute("aria-label")]]) list.setAttribute(name, value);
  box.append(panel);
  for (const [name, value] of [["aria-autocomplete", "list"], ["aria-haspopup", "listbox"]]) input.setAttribute(name, value);
  let asking, timer, at = -1;

  const close = () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    panel.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.removeAttribute("aria-controls");
    at = -1;
  };
  const choose = (text) => {
    input.value = text;
    box.requestSubmit ? box.requestSubmit() : box.submit();
  };
  const show = (options, isRecent) => {
    close();
    if (!options.length || document.activeElement !== input) return;
    list.replaceChildren(
      ...options.map(({ text, kind }, number) => {
        const option = document.createElement("div");
        option.id = `${list.id}-${number}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const words = document.createElement("span");
        words.textContent = text;
        const small = document.createElement("small");
        small.textContent = kind || "";
        option.append(words, small);
        option.addEventListener("click", () => choose(text));
        return option;
      }),
    );
    panel.append(list);
    if (isRecent) {
      const head = document.createElement("p");
      head.textContent = heading;
      panel.prepend(head);
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = forget;
      button.addEventListener("click", () => {
        keepRecent([]);
        close();
        input.focus();
      });
      panel.append(button);
    }
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "true");
  };
  const offer = async () => {
    if (asking) asking.abort();
    const text = input.value.trim();
    if (!text) return show(recent().map((one) => ({ text: one })), true);
    asking = new AbortController();
    try {
      const answer = await fetch(`${suggest}?q=${encodeURIComponent(text)}`, { signal: asking.signal, credentials: "omit" });
      const { suggestions } = await answer.json();
      const names = kinds.split(" ");
      const called = { title: names[0], author: names[1], keyword: names[2], column: names[3] };
      show(suggestions.map(({ text: one, kind }) => ({ text: one, kind: called[kind] })));
    } catch {
      // Another letter came, or no answer: typing goes on.
    }
  };
  const move = (step) => {
    const options = [...list.children];
    at = at + step < -1 ? options.length - 1 : at + step >= options.length ? -1 : at + step;
    for (const [number, option] of options.entries()) option.setAttribute("aria-selected", number === at);
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[at].id);
    if (options[at]) options[at].scrollIntoView({ block: "nearest" });
  };

  input.addEventListener("input", ({ isComposing }) => {
    clearTimeout(timer);
    if (!isComposing) timer = setTimeout(offer, 150);
  });
  input.addEventListener("compositionend", offer);
  input.addEventListener("focus", () => input.value || offer());
  input.addEventListener("click", () => input.value || offer());
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isOpen = panel.contains(list);
    if (isOpen && /^Arrow(Down|Up)$/.test(event.key)) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "ArrowDown") offer();
    else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(list.children[at].firstElementChild.textContent);
    } else if (isOpen && event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  panel.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays where one types
  box.addEventListener("focusout", ({ relatedTarget }) => box.contains(relatedTarget) || close());
  box.addEventListener("submit", () => {
    const text = input.value.trim();
    if (text) keepRecent([text, ...recent().filter((one) => one !== text)]);
  });

  // What was typed before this script came.
  if (!input.value || input.value !== input.defaultValue) offer();
};
