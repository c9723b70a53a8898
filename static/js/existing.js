// The conversion page: choosing an existing record, or finding another, draws its card anew with what was typed; and similar
// names, which take longer to look for, are added to the boxes of possible duplicates after the page is there.
// Without this module the "Show" buttons do the same.

const form = document.querySelector("[data-convert]");
const fuzzy = form.querySelector("[data-fuzzy]");
let turn = 0;

async function drawn(more = {}) {
  const data = new FormData(form);
  data.set("show", "1");
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  const answer = await fetch(location.href, { method: "POST", body: data, headers: { Accept: "text/html" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

function replace(selector, page) {
  const focused = document.activeElement?.id;
  for (const old of document.querySelectorAll(selector)) {
    const fresh = page.getElementById(old.id);
    if (fresh) old.replaceWith(document.importNode(fresh, true));
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("redrawn"));
}

async function redraw() {
  const mine = ++turn;
  form.setAttribute("aria-busy", "true");
  const page = await drawn();
  if (mine !== turn) return;
  form.removeAttribute("aria-busy");
  if (page) replace("[data-redraw]", page);
}

async function addSimilar() {
  const mine = ++turn;
  const page = await drawn({ fuzzy: "on" });
  if (!page || mine !== turn) return; // the user chose meanwhile; similar names come with the next drawing
  fuzzy.value = "on";
  if (!form.querySelector("[data-find]:focus")) replace("[data-duplicates]", page);
}

form.addEventListener("change", (event) => {
  if (event.target.matches("[data-existing], [data-find]")) redraw();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-find]")) {
    event.preventDefault();
    redraw();
  }
});
form.addEventListener("click", (event) => {
  if (!event.target.closest("button[name=show]")) return;
  event.preventDefault();
  redraw();
});
if (!fuzzy.value) {
  fuzzy.value = "on"; // whatever is drawn from now on has them
  addSimilar();
}
