// data-sidebar: on a small screen it slides in; Esc, a tap beside it and the close button put it away.
const menu = document.querySelector("[data-sidebar]");
const opener = document.querySelector("[data-sidebar-open]");
const behind = document.querySelector("[data-behind-sidebar]");

function show(open) {
  menu.classList.toggle("open", open);
  behind.inert = open;
  opener.setAttribute("aria-expanded", String(open));
  (open ? menu.querySelector("a[href]") : opener).focus();
}

if (menu && opener) {
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", menu.id);
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(true);
  });
  menu.querySelector("[data-sidebar-close]").addEventListener("click", (event) => {
    event.preventDefault();
    show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.classList.contains("open")) show(false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (menu.classList.contains("open") && !menu.contains(event.target)) show(false);
  });
}
