// data-row-menu (a <details> in a table): its list stands beside its button above everything, for a table that scrolls would cut it off.
// data-inline (a form in a row): Esc leads back.
function place(menu) {
  const list = menu.querySelector(".menu-list");
  const button = menu.querySelector("summary").getBoundingClientRect();
  const isBelow = button.bottom + list.offsetHeight + 8 < innerHeight || button.top < list.offsetHeight + 8;
  const top = isBelow ? button.bottom + 4 : button.top - list.offsetHeight - 4;
  const start = document.dir === "rtl" ? button.left : button.right - list.offsetWidth;
  list.style.top = `${top}px`;
  list.style.left = `${Math.max(4, Math.min(start, innerWidth - list.offsetWidth - 4))}px`;
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.open && event.target.matches?.("[data-row-menu]")) place(event.target);
  },
  true,
);

for (const name of ["scroll", "resize"]) {
  addEventListener(
    name,
    () => {
      document.querySelectorAll("[data-row-menu][open]").forEach(place);
    },
    { capture: true, passive: true },
  );
}

document.querySelector("[data-inline]")?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.currentTarget.querySelector("[data-cancel]").click();
});
