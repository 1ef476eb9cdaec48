// Keyboard. A deed declares its letter with data-key; a page its letter after g with data-go; a list its rows with
// data-row and their link with data-row-link. A letter presses, in this order: the row with the focus, the
// detail beside the list, the page.
let waitsForPage = false;

const isVisible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
const rows = () => [...document.querySelectorAll("[data-row]")].filter(isVisible);
const currentRow = () => document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row][aria-current=true]");

function isTyping(target) {
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !["checkbox", "radio", "button", "submit"].includes(target.type);
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const place = all.indexOf(currentRow());
  const next = all[place < 0 ? 0 : Math.max(0, Math.min(all.length - 1, place + step))];
  const link = next.querySelector("[data-row-link]");
  link?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  link?.dispatchEvent(new CustomEvent("baton:row", { bubbles: true }));
}

function deed(key) {
  const chosen = `[data-key="${CSS.escape(key)}"]`;
  const focused = document.activeElement?.closest("[data-row]")?.querySelector(chosen);
  if (focused) return focused;
  const outsideRows = [...document.querySelectorAll(chosen)].filter((one) => !one.closest("[data-row]") && isVisible(one));
  const beside = outsideRows.find((one) => one.closest("#detail"));
  return beside ?? outsideRows[0] ?? currentRow()?.querySelector(chosen);
}

function press(element) {
  if (element.matches("input, select, textarea, [data-focus]")) element.focus();
  else element.click();
}

function goTo(key) {
  waitsForPage = false;
  return document.querySelector(`[data-go="${CSS.escape(key)}"]`);
}

function meaning(key) {
  if (waitsForPage) return goTo(key);
  if (key === "g") return void (waitsForPage = true);
  if (key === "j" || key === "k") return void move(key === "j" ? 1 : -1);
  return deed(key);
}

// From inside a form of a deed, without a way to its button.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("form.fields");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[type=submit]"));
});

document.addEventListener("keydown", (event) => {
  const isComposing = event.isComposing || event.keyCode === 229; // Japanese input in progress
  if (event.defaultPrevented || isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length !== 1 || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const before = waitsForPage;
  const element = meaning(event.key);
  if (element) press(element);
  if (element || before || waitsForPage || "jk".includes(event.key)) event.preventDefault();
  if (waitsForPage) setTimeout(() => { waitsForPage = false; }, 1500);
});
