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
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const turn = ++asked;
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(input.value)}`).catch(() => null);
      if (!answer?.ok || turn !== asked) return;
      const { results } = await answer.json();
      list.replaceChildren(...results.map(({ number, name }) => new Option(name, `${number} ${name}`)));
    }, wait);
  });
}

const wireAll = () => document.querySelectorAll("[data-suggest]:not([list])").forEach(wire);
document.addEventListener("redrawn", wireAll);
wireAll();
