// data-menu (a <details>): close it with Esc, with a click beside it, and when another one opens; arrows move inside.
const menus = [...document.querySelectorAll("[data-menu]")];

function close(menu) {
  const hadFocus = menu.contains(document.activeElement);
  menu.open = false;
  if (hadFocus) menu.querySelector("summary").focus();
}

function step(menu, direction) {
  const items = [...menu.querySelectorAll("a[href], button:not(:disabled), input")].filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement);
  items.at((at + direction + items.length) % items.length)?.focus();
}

for (const menu of menus) {
  menu.addEventListener("toggle", () => {
    if (menu.open) menus.filter((other) => other !== menu && other.open).forEach(close);
  });
  menu.addEventListener("keydown", (event) => {
    if (!menu.open) return;
    if (event.key === "Escape") close(menu);
    else if (event.key === "ArrowDown") step(menu, 1);
    else if (event.key === "ArrowUp") step(menu, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

document.addEventListener("pointerdown", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});
