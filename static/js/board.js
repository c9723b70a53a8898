// data-board: a card (data-card) can be dragged to another column (data-column), which sends what its menu would send.
// A column with data-asks wants a reason: there the card's menu opens instead.
const board = document.querySelector("[data-board]");
const form = document.querySelector("[data-move-form]");
let card = null;

const columnUnder = (event) => {
  const column = event.target.closest("[data-column]");
  return card && column !== card.closest("[data-column]") ? column : null;
};

function mark(column) {
  for (const other of board.querySelectorAll("[data-column]")) other.classList.toggle("drop", other === column);
}

board.addEventListener("dragstart", (event) => {
  card = event.target.closest("[data-card]");
  event.dataTransfer.effectAllowed = "move";
});

board.addEventListener("dragover", (event) => {
  const column = columnUnder(event);
  mark(column);
  if (column) event.preventDefault();
});

board.addEventListener("dragend", () => {
  card = null;
  mark(null);
});

board.addEventListener("drop", (event) => {
  const column = columnUnder(event);
  if (!column) return;
  event.preventDefault();
  const [status, view] = [column.dataset.column, form.elements.view.value];
  if ("asks" in column.dataset) {
    const query = new URLSearchParams({ view, move: card.dataset.card, to: status });
    location.assign(`?${query}#move-${card.dataset.card}-reason`);
    return;
  }
  form.action = card.dataset.move;
  form.elements.status.value = status;
  form.submit();
});
