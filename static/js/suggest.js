// A link field with suggestions: typing asks the server for records whose name matches and offers them in a datalist.
// Typing the number or the exact name works without it.

const wait = 200; // ms after the last key

function wire(input) {
  const list = document.createElement("datalist");
  list.id = `${input.id}-suggestions`;
  input.after(list);
  input.setAttribute("list", list.id);
  let timer = 0;
  let asked = 0;
  const ask = async () => {
    const turn = ++asked;
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("q", input.value);
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    const { results } = await answer.json();
    list.replaceChildren(...results.map(({ number, name, about }) => new Option(about || name, `${number} ${name}`)));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  });
  if (input.dataset.suggest.includes("?")) input.addEventListener("focus", ask, { once: true }); // something is near already
}

const wireAll = () => document.querySelectorAll("[data-suggest]:not([list])").forEach(wire);
document.addEventListener("redrawn", wireAll);
wireAll();
