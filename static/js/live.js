// What every htmx answer needs: a busy sign, words for failures, focus that stays, spoken results.
const words = document.getElementById("words")?.dataset ?? {};
let running = 0;

function say(text, tone) {
  document.dispatchEvent(new CustomEvent("baton:toast", { detail: { text, tone } }));
}

function busy(step) {
  running = Math.max(0, running + step);
  document.documentElement.classList.toggle("is-busy", running > 0);
}

// What a page asks by itself, such as how far an import is, is nothing to wait for.
const counts = (event) => !event.detail.elt?.matches?.("[data-quiet]");
document.addEventListener("htmx:beforeRequest", (event) => counts(event) && busy(1));
document.addEventListener("htmx:afterRequest", (event) => counts(event) && busy(-1));
document.addEventListener("htmx:responseError", (event) => {
  if (!counts(event)) return;
  const text = { 403: words.forbidden, 404: words.gone }[event.detail.xhr.status];
  say(text ?? words.failed, "late");
});
document.addEventListener("htmx:sendError", (event) => counts(event) && say(words.offline, "late"));
document.addEventListener("htmx:timeout", (event) => counts(event) && say(words.failed, "late"));

// A new detail takes the focus to its heading, so that reading goes on there.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "detail") return;
  event.target.scrollTop = 0;
  const heading = event.target.hasAttribute("data-quiet") ? null : event.target.querySelector("h1");
  if (heading && !document.activeElement?.closest("[data-row]")) { heading.tabIndex = -1; heading.focus(); }
  if (heading) document.dispatchEvent(new CustomEvent("baton:announce", { detail: { text: heading.textContent.replace(/\s+/g, " ").trim() } }));
});

// A field with an error after a refused form: go there.
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[aria-invalid=true]")?.focus());
