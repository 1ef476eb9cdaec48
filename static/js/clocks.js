// SLA clocks that go on in business time. The server computes; between its answers a clock here only counts
// down while business time runs, and turns once at the next change the server named. Then it asks for a refresh
// (event baton:turn), because what comes after is the server's to say.
const words = document.getElementById("words")?.dataset ?? {};
const icons = { on_track: "on-track", at_risk: "at-risk", breached: "breached" };
const tones = { on_track: "ok", at_risk: "warn", breached: "late" };
const seen = new WeakMap();

const two = (value) => String(value).padStart(2, "0");

function spell(total) {
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const pattern = hours ? words.hours : minutes >= 10 ? words.minutes : words.seconds;
  return pattern
    .replace("%(hours)d", hours)
    .replace("%(minutes)02d", two(minutes))
    .replace("%(minutes)d", minutes)
    .replace("%(seconds)02d", two(total % 60));
}

/** Open seconds that passed since the server looked, given one possible change of running. */
function passed(data, since, now) {
  const turns = data.next && stopsOrStarts(data) ? Number(data.next) - Number(data.at || since) : Infinity;
  const gone = now - since;
  return data.running === "1" ? Math.min(gone, turns) : Math.max(0, gone - turns);
}

/** The next change is an opening or closing, unless it is the warning or the deadline itself. */
function stopsOrStarts(data) {
  if (data.running !== "1") return true;
  const then = Number(data.remaining) - (Number(data.next) - Number(data.at));
  const isNear = (value) => Math.abs(then - value) <= 1;
  return !(isNear(0) || (data.warn && isNear(Number(data.warn))));
}

function stateOf(data, remaining) {
  if (remaining < 0 || data.state === "breached") return "breached";
  if (!data.warn) return data.state;
  return remaining <= Number(data.warn) ? "at_risk" : "on_track";
}

function turn(clock, state) {
  const before = clock.dataset.state;
  clock.dataset.state = state;
  clock.classList.replace(`tone-${tones[before]}`, `tone-${tones[state]}`);
  const mark = clock.querySelector("use");
  mark.setAttribute("href", mark.getAttribute("href").replace(/#.*/, `#${icons[state]}`));
  clock.querySelector("[data-clock-state]").textContent = `${words[state]}: `;
  const name = clock.closest("[data-row], [data-subject]")?.dataset.name;
  if (name) {
    const text = words.turned.replace("%(name)s", name).replace("%(state)s", words[state]);
    clock.dispatchEvent(new CustomEvent("baton:announce", { bubbles: true, detail: { text } }));
  }
  clock.dispatchEvent(new CustomEvent("baton:turn", { bubbles: true, detail: { state } }));
}

function draw(clock, now) {
  const data = clock.dataset;
  if (!(data.state in tones) || !data.at) return;
  if (!seen.has(clock)) seen.set(clock, now);
  const remaining = Math.round(Number(data.remaining) - passed(data, seen.get(clock), now));
  const state = stateOf(data, remaining);
  if (state !== data.state) turn(clock, state);
  const text = remaining < 0 ? words.over.replace("%(time)s", spell(-remaining)) : spell(remaining);
  const place = clock.querySelector("[data-clock-text]");
  if (place.textContent !== text) place.textContent = text;
  const left = state === "breached" || data.window === "0" ? 100 : (100 * remaining) / Number(data.window);
  clock.querySelector("[data-clock-left]").setAttribute("x2", Math.round(Math.max(3, Math.min(100, left))));
  const opened = data.running !== "1" && data.next && now - seen.get(clock) > Number(data.next) - Number(data.at);
  if (opened) clock.querySelector("[data-clock-rest]").hidden = true;
}

function tick() {
  const now = Date.now() / 1000;
  document.querySelectorAll("[data-clock]").forEach((clock) => draw(clock, now));
}

if (words.hours) {
  tick();
  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
}
