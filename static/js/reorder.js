// data-reorder (a list whose rows have buttons named move): the row moves at once; without this the server moves it.
for (const list of document.querySelectorAll("[data-reorder]")) {
  const settle = () => {
    for (const row of list.children) {
      const [up, down] = row.querySelectorAll("button[name=move]");
      up.disabled = row === list.firstElementChild;
      down.disabled = row === list.lastElementChild;
    }
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=move]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    if (button.value.startsWith("up:")) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    settle();
    (button.disabled ? row.querySelector("button[name=move]:not(:disabled)") : button)?.focus();
  });
}
