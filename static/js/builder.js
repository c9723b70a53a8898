// data-builder (a <details> with a form): choosing a field or a condition brings the inputs that go with it, without a new page.
const filters = document.querySelector("[data-filters]");

async function renew(select) {
  const form = select.form;
  const query = new URLSearchParams(new FormData(form));
  if (select.name === "add") for (const name of ["op", "v"]) query.delete(name);
  const answer = await fetch(`?${query}`);
  if (!answer.ok) return form.submit();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  filters.querySelector("[data-builder]").replaceWith(page.querySelector("[data-builder]"));
  tidy();
  const next = filters.querySelector(select.name === "add" ? "#build-op" : "[name=v]") ?? filters.querySelector("#build-op");
  next?.focus();
}

function tidy() {
  const step = filters.querySelector("[data-builder-step]");
  if (step) step.hidden = true;
}

if (filters) {
  tidy();
  filters.addEventListener("change", (event) => {
    if (event.target.matches("#build-field, #build-op") && event.target.value) renew(event.target);
  });
  filters.addEventListener("keydown", (event) => {
    const builder = event.target.closest("[data-builder]");
    if (event.key !== "Escape" || !builder?.open) return;
    builder.open = false;
    builder.querySelector("summary").focus();
  });
}
