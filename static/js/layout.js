// data-layout: fields move between places by drag, by their buttons and by their choice of block, here and now; Save keeps it.
// Without this module each press of a button is saved by the server.
const form = document.querySelector("[data-layout]");
const status = form.querySelector("[data-layout-status]");
const lists = [...form.querySelectorAll("[data-block]")];
let dragged = null;

function moved(place) {
  place.querySelector("[data-to-block]").value = place.parentElement.dataset.block;
  status.textContent = `${status.dataset.text} ${place.dataset.label}`;
}

function step(place, way) {
  const list = place.parentElement;
  const beside = way === "up" ? place.previousElementSibling : place.nextElementSibling;
  const other = lists[lists.indexOf(list) + (way === "up" ? -1 : 1)];
  if (beside) beside.insertAdjacentElement(way === "up" ? "beforebegin" : "afterend", place);
  else if (other) other.insertAdjacentElement(way === "up" ? "beforeend" : "afterbegin", place);
  moved(place);
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  step(button.closest("[data-place]"), button.dataset.move);
  button.focus();
});

form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-to-block]")) return;
  const place = event.target.closest("[data-place]");
  lists.find((list) => list.dataset.block === event.target.value).append(place);
  moved(place);
  event.target.focus();
});

for (const grip of form.querySelectorAll("[data-grip]")) {
  grip.hidden = false;
  grip.parentElement.draggable = true;
}

form.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-place]");
  dragged?.classList.add("dragged");
});
form.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  if (dragged) moved(dragged);
  dragged = null;
});
form.addEventListener("dragover", (event) => {
  const list = event.target.closest("[data-block]");
  if (!dragged || !list) return;
  event.preventDefault();
  const below = [...list.children].find((place) => place !== dragged && event.clientY < place.getBoundingClientRect().top + place.offsetHeight / 2);
  list.insertBefore(dragged, below ?? null);
});
