// Lists: rows that open beside the list where there is room, selection with a bulk bar, cards dragged on a board.
const words = document.getElementById("words")?.dataset ?? {};
const isWide = window.matchMedia("(min-width: 1100px)");

// From 1 100 px a row of a split list opens in #detail; below, its link is a link.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-split] [data-row-link]");
  if (!link || !isWide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.href, { target: "#detail", swap: "innerHTML show:none", source: link });
  document.querySelectorAll("[data-row][aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  link.closest("[data-row]").setAttribute("aria-current", "true");
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (event.target.matches("[data-select-all]")) {
    form.querySelectorAll("[data-select]").forEach((box) => { box.checked = event.target.checked; });
  }
  if (!event.target.matches("[data-select], [data-select-all]")) return;
  const boxes = [...form.querySelectorAll("[data-select]")];
  const count = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("[data-select-all]");
  if (all) { all.checked = count === boxes.length; all.indeterminate = count > 0 && count < boxes.length; }
  const said = form.querySelector("[data-picked]");
  if (said) said.textContent = words.picked.replace("%(n)s", count);
});

// Board: dropping a card presses the same form that its menu offers to the keyboard.
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

document.addEventListener("drop", (event) => {
  const column = dragged && event.target.closest("[data-column]");
  if (!column || column.contains(dragged)) return;
  event.preventDefault();
  const form = dragged.querySelector("form[data-move]");
  const choice = form?.querySelector(`[value="${CSS.escape(column.dataset.column)}"]`);
  if (!choice) return;
  if (choice.matches("button")) form.requestSubmit(choice);
  else { choice.selected = choice.checked = true; form.requestSubmit(); }
});
