// Toasts and spoken announcements. Others send events: baton:toast {text, tone}, baton:announce {text}.
// The server may send the same by an HX-Trigger header.
const box = document.getElementById("toasts");
const announcer = document.getElementById("announcer");
const pattern = document.getElementById("toast-pattern");
const icons = { ok: "check", warn: "at-risk", late: "breached" };
const READING_MS = 6000;

function dismiss(toast) {
  toast.remove();
}

/** A toast leaves by itself unless it reports a failure, offers a deed, or is being read. */
function watch(toast) {
  toast.querySelector("[data-toast-close]")?.addEventListener("click", () => dismiss(toast));
  if (toast.classList.contains("tone-late")) return;
  const stay = toast.querySelector("form") ? READING_MS * 2 : READING_MS;
  let timer = setTimeout(() => dismiss(toast), stay);
  const hold = () => clearTimeout(timer);
  const release = () => { timer = setTimeout(() => dismiss(toast), stay); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", release);
  toast.addEventListener("focusout", release);
}

function show({ text, tone = "ok" }) {
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.classList.replace("tone-ok", `tone-${tone}`);
  const mark = toast.querySelector("use");
  mark.setAttribute("href", mark.getAttribute("href").replace(/#.*/, `#${icons[tone] ?? "check"}`));
  toast.querySelector(".toast-text").textContent = text;
  box.append(toast);
}

if (box) {
  box.querySelectorAll("[data-toast]").forEach(watch);
  // Toasts also arrive inside htmx answers, so watch whatever is added.
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.("[data-toast]")) watch(node);
  }).observe(box, { childList: true });
  document.addEventListener("baton:toast", (event) => show(event.detail));
  // A deed that is not to be had yet says why.
  document.addEventListener("click", (event) => {
    const barred = event.target.closest("[data-says]");
    if (barred) show({ text: barred.dataset.says, tone: "warn" });
  });
  document.addEventListener("baton:announce", (event) => {
    announcer.textContent = "";
    requestAnimationFrame(() => { announcer.textContent = event.detail.text; });
  });
}
