/* Silent until baton.consent(). */
((d, w, n, l) => {
  const s = d.currentScript, to = s.src.replace(/b\.js([?#].*)?$/, "b/"), P = URLSearchParams;
  const utm = /utm_source=/, r = d.referrer, own = r.startsWith(l.origin + "/");
  let on, came = [own && !utm.test(l.search) ? new URL(r).search : l.search, own ? "" : r, l.href];
  const no = () => n.doNotTrack === "1" || n.globalPrivacyControl || n.webdriver || d.prerendering;
  const cookie = (v, age) => {
    d.cookie = "_baton=" + v + ";path=/;samesite=lax;max-age=" + age + (w.isSecureContext ? ";secure" : "");
    return v;
  };
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), x => (x + 256).toString(16).slice(1)).join("");
  const id = () => cookie((/(?:^|; )_baton=([0-9a-f]{32})/.exec(d.cookie) || [])[1] || fresh(), 15552000);
  const send = a => fetch(to, {
    method: "POST", keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
    body: JSON.stringify({ v: id(), p: l.pathname, a: a || "", k: new P(l.search).get("k") || "" })
  }).catch(no);
  const keep = () => {
    try {
      const m = sessionStorage;
      if (!m._baton || utm.test(l.search)) m._baton = JSON.stringify(came);
      came = JSON.parse(m._baton);
    } catch {}
  };
  const fill = () => d.querySelectorAll("form[data-baton]").forEach(f => {
    const q = new P(came[0]), set = (name, x) => { if (x && f.elements[name]) f.elements[name].value = x; };
    for (const u of ["source", "medium", "campaign", "term", "content"]) set("utm_" + u, q.get("utm_" + u));
    set("referrer", came[1]);
    set("landing_page", came[2]);
    if (on) set("v", id());
  });
  d.addEventListener("click", e => {
    const a = e.target.closest("a[data-baton]");
    if (a && on) send(a.dataset.baton);
  });
  const view = () => { if (on) send(); fill(); };
  w.baton = { view, consent(yes) {
    if (yes === false) { on = 0; cookie("", 0); sessionStorage.removeItem("_baton"); }
    else if (!on && !no()) { on = 1; keep(); view(); }
  } };
  if (s.dataset.consent === "given") w.baton.consent();
  d.readyState === "loading" ? d.addEventListener("DOMContentLoaded", fill) : fill();
})(document, window, navigator, location);
