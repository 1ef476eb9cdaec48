// Dialogs and menus. Markup: data-opens="dialog-id" on a link or button (the link's page is the way without a
// script), data-closes inside the dialog, and #sheet, which opens itself when htmx puts something into it.
const openers = new WeakMap();

function open(dialog, opener) {
  if (!dialog || dialog.open) return;
  openers.set(dialog, opener ?? document.activeElement);
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], .dialog-body input:not([type=hidden]), .dialog-body select, .dialog-body textarea");
  first?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(dialog, opener);
    return;
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  // A click on the backdrop has the dialog itself as its target.
  if (event.target instanceof HTMLDialogElement && outside(event)) event.target.close();
  closeMenus(event.target);
});

// What takes the focus comes into view with its label and its error; the foot of the dialog lies over the end.
document.addEventListener("focusin", (event) => {
  if (!event.target.matches("input:not([type=radio]), select, textarea")) return;
  event.target.closest(".dialog-body .field")?.scrollIntoView({ block: "nearest" });
});

function outside(event) {
  const box = event.target.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  // A key press on a button makes a click at 0,0; that is not the backdrop.
  return (x || y) && (x < box.left || x > box.right || y < box.top || y > box.bottom);
}

document.addEventListener("close", (event) => openers.get(event.target)?.focus?.(), true);

function closeMenus(except) {
  document.querySelectorAll("details.menu[open], details.nav-more[open]").forEach((menu) => {
    if (!menu.contains(except)) menu.open = false;
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open], details.nav-more[open]");
  if (!menu) return closeMenus(null);
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest("dialog");
  if (dialog && event.target.childElementCount) open(dialog, openers.get(dialog));
});
