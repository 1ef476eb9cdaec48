// Lists: rows that open beside the list where there is room, selection with a bulk bar, cards dragged on a board.
const words = document.getElementById("words")?.dataset ?? {};
const isWide = window.matchMedia("(min-width: 1100px)");

// From 1 100 px a row of a split list opens in #detail; below, its link is a link. Moving through the rows opens
// them too, after a moment, so that holding j does not ask for every row on the way.
const detail = document.getElementById("detail");
const AFTER = "baton:after";
const THEN = "baton:then";
const SETTLES_MS = 120;
let settling = 0;

const links = () => [...document.querySelectorAll("[data-split] [data-row-link]")];

function mark(row) {
  document.querySelectorAll("[data-row][aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  row?.setAttribute("aria-current", "true");
}

/** Quietly: without taking the focus or saying the name, because nobody asked for it. */
function show(link, quietly = false) {
  clearTimeout(settling);
  mark(link.closest("[data-row]"));
  detail.toggleAttribute("data-quiet", quietly);
  detail.querySelector(":scope > .empty")?.remove(); // “Choose somebody” would be said to who just did
  // The next row takes the place of one still on its way; that one's end is no mistake.
  window.htmx.ajax("GET", link.href, { target: "#detail", swap: "innerHTML show:none", source: detail })?.catch(() => {});
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-split] [data-row-link]");
  if (!link || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(link);
});

document.addEventListener("baton:row", (event) => {
  const link = event.target.closest("[data-split] [data-row-link]");
  if (!link || !isWide.matches) return;
  clearTimeout(settling);
  settling = setTimeout(() => show(link), SETTLES_MS);
});

// A deed that is done leads back to the list: what came after its row is kept, and chosen there. Where the same
// person's next move follows, their row stays chosen wherever it went, and the list goes on from its old place later.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  const current = document.querySelector("[data-split] [data-row][aria-current]") ?? document.activeElement?.closest("[data-row]");
  if (!xhr.getResponseHeader("HX-Redirect") || !current) return;
  const all = links();
  const place = all.findIndex((link) => current.contains(link));
  const own = all[place]?.pathname;
  const [stayed, then] = (sessionStorage.getItem(THEN) ?? "").split(" ");
  const next = (own === stayed && then) || all[place + 1]?.pathname || all[place - 1]?.pathname || "";
  const stays = xhr.getResponseHeader("Baton-Stays");
  sessionStorage.setItem(AFTER, stays ? own : next);
  sessionStorage.setItem(THEN, stays ? `${own} ${next}` : "");
});

// The list as it opens: on the row after the last deed, else on the first one.
if (detail && window.htmx) {
  const after = sessionStorage.getItem(AFTER);
  sessionStorage.removeItem(AFTER);
  const chosen = links().find((link) => link.pathname === after);
  if (chosen) { chosen.focus({ preventScroll: true }); chosen.closest("[data-row]").scrollIntoView({ block: "nearest" }); }
  const first = chosen ?? links()[0];
  if (first && isWide.matches) show(first, true);
}

// The inbox asks for itself anew from time to time; the chosen row stays chosen.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "inbox-list") return;
  event.target.dataset.chosen = document.querySelector("[data-row][aria-current] [data-row-link]")?.pathname ?? "";
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "inbox-list") return;
  mark(links().find((link) => link.pathname === event.target.dataset.chosen)?.closest("[data-row]"));
});

document.addEventListener("change", (event) => {
  // A box may belong to a form it does not stand in: rows with forms of their own cannot stand in another one.
  if (!event.target.matches("[data-select], [data-select-all]")) return;
  const form = event.target.form;
  const boxes = [...form.elements].filter((box) => box.matches("[data-select]"));
  if (event.target.matches("[data-select-all]")) boxes.forEach((box) => { box.checked = event.target.checked; });
  const count = boxes.filter((box) => box.checked).length;
  const all = [...form.elements].find((box) => box.matches("[data-select-all]"));
  if (all) { all.checked = count === boxes.length; all.indeterminate = count > 0 && count < boxes.length; }
  const said = form.querySelector("[data-picked]");
  if (said) said.textContent = words.picked.replace("%(n)s", count);
});

// Dropping a card on a column, or a row on a person, presses the same form that is there for the keyboard.
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-card]") ?? null;
  dragged?.setAttribute("data-dragging", "");
});

document.addEventListener("dragend", () => {
  dragged?.removeAttribute("data-dragging");
  document.querySelectorAll("[data-over]").forEach((column) => column.removeAttribute("data-over"));
  dragged = null;
});

document.addEventListener("dragover", (event) => {
  const column = dragged && event.target.closest("[data-column]");
  if (!column) return;
  event.preventDefault();
  document.querySelectorAll("[data-over]").forEach((other) => other !== column && other.removeAttribute("data-over"));
  column.setAttribute("data-over", "");
});

/** A row takes along the others that are chosen, if it is one of them; else it goes alone. */
function pick(row) {
  const own = row.querySelector("[data-select]");
  if (!own || own.checked) return;
  own.form.querySelectorAll("[data-select]").forEach((box) => { box.checked = box === own; });
}

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest("[data-column]");
  if (!column || column.contains(dragged)) return;
  event.preventDefault();
  const form = dragged.querySelector("form[data-move]") ?? dragged.closest("form[data-move]");
  const choice = form?.querySelector(`:is(button, option)[value="${CSS.escape(column.dataset.column)}"]`);
  if (!choice) return;
  pick(dragged);
  if (choice.matches("button")) form.requestSubmit(choice);
  else { choice.selected = choice.checked = true; form.requestSubmit(); }
});
