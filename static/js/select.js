// data-select (the bar for selected rows): shown when a row's checkbox is ticked; counts, ticks the page or the whole view, and
// a click with Shift ticks everything up to the row before. Without this module the bar is always there.
const bar = document.querySelector("[data-select]");

if (bar) {
  const boxes = [...document.querySelectorAll(`input[form="${bar.id}"][name="${bar.dataset.select}"]`)];
  const every = bar.querySelector("[name=all]") ?? document.createElement("input");
  const page = document.querySelector("[data-select-page]");
  const count = bar.querySelector("[data-count]");
  let last = null;

  const shown = (number) => String(number).replace(/\d/g, (digit) => bar.dataset.digits[digit]);

  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    bar.hidden = ticked === 0 && !every.checked;
    count.textContent = every.checked ? bar.dataset.every : bar.dataset.text.replace("#", shown(ticked));
    page.checked = ticked === boxes.length;
    page.indeterminate = ticked > 0 && ticked < boxes.length;
  };

  const tickAll = (wanted) => {
    for (const box of boxes) box.checked = wanted;
  };

  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
      }
      last = box;
    });
    box.addEventListener("change", () => {
      if (!box.checked) every.checked = false;
      show();
    });
  }
  page.hidden = false;
  page.addEventListener("change", () => {
    tickAll(page.checked);
    if (!page.checked) every.checked = false;
    show();
  });
  every.addEventListener("change", () => {
    tickAll(every.checked);
    show();
  });
  bar.querySelector("[data-clear]").hidden = false;
  bar.querySelector("[data-clear]").addEventListener("click", () => {
    tickAll(false);
    every.checked = false;
    show();
    page.focus();
  });
  addEventListener("pageshow", show);
  show();
}
