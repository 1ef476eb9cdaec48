// Theme and density apply at once and are saved quietly; language and time zone need the page made anew.
const form = document.querySelector("[data-preferences]");

form?.addEventListener("change", (event) => {
  const { name, value } = event.target;
  if (name !== "theme" && name !== "density") return;
  document.documentElement.dataset[name] = value;
  fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } }).catch(() => {});
});
