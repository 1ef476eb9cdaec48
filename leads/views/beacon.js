/* Baton's beacon. Silent until the visitor agrees: baton.consent() or data-consent="given" on the script. */
(function (d, w, n) {
  var s = d.currentScript, to = s.src.replace(/b\.js([?#].*)?$/, "b/"), on = false, q = new URLSearchParams(location.search);
  function no() { return n.doNotTrack === "1" || n.globalPrivacyControl || n.webdriver || d.prerendering; }
  function id() {
    var found = /(?:^|; )_baton=([0-9a-f]{32})/.exec(d.cookie), v = found && found[1];
    if (!v) v = Array.from(crypto.getRandomValues(new Uint8Array(16)), function (x) { return (x + 256).toString(16).slice(1); }).join("");
    d.cookie = "_baton=" + v + ";path=/;max-age=15552000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
    return v;
  }
  function send(a) {
    fetch(to, { method: "POST", keepalive: true, credentials: "omit", headers: { "Content-Type": "text/plain" },
      body: JSON.stringify({ v: id(), p: location.pathname, a: a || "", k: q.get("k") || "" }) }).catch(function () {});
  }
  function fill() {
    d.querySelectorAll("form[data-baton]").forEach(function (f) {
      function set(name, value) { var i = f.elements[name]; if (i && value && !i.value) i.value = value; }
      ["source", "medium", "campaign", "term", "content"].forEach(function (u) { set("utm_" + u, q.get("utm_" + u)); });
      set("referrer", d.referrer); set("landing_page", location.href);
      if (on) set("v", id());
    });
  }
  d.addEventListener("click", function (e) {
    var l = e.target.closest && e.target.closest("a[data-baton]");
    if (l && on) send(l.dataset.baton);
  });
  w.baton = { consent: function (yes) {
    if (yes === false) { on = false; d.cookie = "_baton=;path=/;max-age=0"; }
    else if (!on && !no()) { on = true; send(); fill(); }
  } };
  if (s.dataset.consent === "given") w.baton.consent();
  if (d.readyState === "loading") d.addEventListener("DOMContentLoaded", fill); else fill();
})(document, window, navigator);
