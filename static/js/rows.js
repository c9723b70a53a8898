// data-rows (a table or list): j and k go to the next and the previous row's link, x ticks the row, Shift+x up to it.
// Keys are matched by their place on the keyboard; the user can switch them off, like every single key.
const table = document.querySelector("[data-rows]");
const rows = () => [...table.querySelectorAll("tbody > tr, li")].filter((row) => row.querySelector("a[href]"));
const boxOf = (row) => row.querySelector("input[type=checkbox]");
let lastTicked = 0;

function tick(row, all, upTo) {
  const at = all.indexOf(row);
  const [first, last] = upTo ? [Math.min(at, lastTicked), Math.max(at, lastTicked)] : [at, at];
  const wanted = upTo || !boxOf(row)?.checked;
  for (const box of all.slice(first, last + 1).map(boxOf)) {
    if (!box) continue;
    box.checked = wanted;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  lastTicked = at;
}

document.addEventListener("keydown", (event) => {
  if (!table || !document.body.dataset.shortcuts || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  const all = rows();
  const at = all.indexOf(document.activeElement.closest("tr, li"));
  if (event.code === "KeyJ") all[Math.min(at + 1, all.length - 1)]?.querySelector("a[href]").focus();
  else if (event.code === "KeyK") all[Math.max(at - 1, 0)]?.querySelector("a[href]").focus();
  else if (event.code === "KeyX" && at >= 0) tick(all[at], all, event.shiftKey);
  else return;
  event.preventDefault();
});
