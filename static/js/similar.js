// data-similar="address" (a place in a form): while the fields named in data-similar-fields are typed, ask for records that look
// the same and show them there. Never in the way of saving; without it the record's page tells after it was saved.

const wait = 400; // ms after the last key

for (const place of document.querySelectorAll("[data-similar]")) {
  const form = place.closest("form");
  const fields = place.dataset.similarFields.split(" ");
  let timer = 0;
  let asked = 0;
  let shown = "";
  const ask = async () => {
    const turn = ++asked;
    const typed = new URLSearchParams(fields.filter((name) => form.elements[name]?.value).map((name) => [name, form.elements[name].value]));
    if (place.dataset.similarPk) typed.set("pk", place.dataset.similarPk);
    const answer = await fetch(`${place.dataset.similar}?${typed}`).catch(() => null);
    if (!answer?.ok || answer.redirected || turn !== asked) return;
    const found = (await answer.text()).trim();
    if (found === shown) return;
    shown = found;
    place.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.childNodes);
  };
  form.addEventListener("input", ({ target }) => {
    if (!fields.includes(target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });
}
