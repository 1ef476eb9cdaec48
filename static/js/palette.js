// The command palette: `/` or Ctrl/⌘ K. Deeds and pages come from what is on the page, records from
// the search address: GET ?q=… with HX-Request answers options grouped like the ones made here.
const dialog = document.getElementById("palette");
const words = document.getElementById("words")?.dataset ?? {};
const WAIT_MS = 120;

if (dialog) {
  const input = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  let timer = 0;
  let asked = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function select(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** What can be pressed on this page, by the word on it. */
  function here(selector, query) {
    return [...document.querySelectorAll(selector)]
      .filter((one) => !one.closest("dialog") && label(one).toLowerCase().includes(query))
      .filter((one, place, all) => all.findIndex((other) => label(other) === label(one)) === place);
  }

  function label(element) {
    const shown = (element.querySelector(".nav-text") ?? element).cloneNode(true);
    shown.querySelectorAll("kbd, .nav-count").forEach((hint) => hint.remove());
    const own = element.dataset.label ?? element.getAttribute("aria-label") ?? shown.textContent;
    return own.replace(/\s+/g, " ").trim();
  }

  function optionFor(element) {
    const option = document.createElement("button");
    option.type = "button";
    option.className = "palette-item";
    option.setAttribute("role", "option");
    const mark = element.querySelector("svg.icon")?.cloneNode(true);
    if (mark) option.append(mark);
    const text = document.createElement("span");
    text.textContent = label(element);
    option.append(text);
    const key = element.dataset.key ?? (element.dataset.go && `g ${element.dataset.go}`);
    if (key) {
      const hint = document.createElement("kbd");
      hint.className = "push";
      hint.textContent = key;
      option.append(hint);
    }
    option.addEventListener("click", () => { dialog.close(); element.click(); });
    return option;
  }

  function group(title, elements) {
    if (!elements.length) return [];
    const head = document.createElement("div");
    head.className = "palette-group";
    head.textContent = title;
    return [head, ...elements.map(optionFor)];
  }

  function local(query) {
    const scope = document.querySelector("#detail [data-key]") ? "#detail [data-key]" : "main [data-key]:not([data-row] *)";
    return [...group(words.deeds, here(scope, query)), ...group(words.pages, here(".nav-list:not(.nav-more *) [data-go], .nav [data-key]", query))];
  }

  function show(records) {
    const query = input.value.trim().toLowerCase();
    const mine = local(query);
    list.replaceChildren();
    if (query) list.append(records, ...mine);
    else list.append(...mine);
    options().forEach((option, place) => { option.id = `palette-${place}`; option.tabIndex = -1; });
    if (!options().length) {
      const none = document.createElement("p");
      none.className = "palette-none";
      none.textContent = words.nothing;
      list.append(none);
    }
    select(options()[0]);
  }

  async function ask() {
    const query = input.value.trim();
    const turn = ++asked;
    let records = document.createDocumentFragment();
    if (query) {
      try {
        const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(query)}`, { headers: { "HX-Request": "true", "HX-Target": "palette-list" } });
        if (answer.ok) records = document.createRange().createContextualFragment(await answer.text());
      } catch { /* without a connection the page's own deeds are still here */ }
    }
    if (turn !== asked) return;
    show(records);
    if (query) announce(options().length);
  }

  function announce(count) {
    const text = count ? words.found.replace("%(n)s", count) : words.nothing;
    dialog.dispatchEvent(new CustomEvent("baton:announce", { bubbles: true, detail: { text } }));
  }

  function open(text = "") {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    input.value = text;
    dialog.showModal();
    input.focus();
    ask();
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const place = all.indexOf(chosen());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); select(all[(place + step + all.length) % all.length]); }
    if (event.key === "Enter") { event.preventDefault(); chosen()?.click(); }
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) select(option);
  });

  const field = document.querySelector("[data-palette]");
  field?.addEventListener("focus", () => { field.blur(); open(field.value); });
  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.target.matches("input, textarea, select") && !event.isComposing;
    const chord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (slash || chord) { event.preventDefault(); open(); }
  });
}
