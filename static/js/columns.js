// data-columns, data-taken="This field is taken …": says at once when two columns go to the same field.
const form = document.querySelector("[data-columns]");
const selects = [...form.querySelectorAll("select")];
const told = form.querySelector("[data-told]");

function look(changed) {
  const times = new Map();
  for (const { value } of selects) times.set(value, (times.get(value) ?? 0) + 1);
  for (const select of selects) {
    const isTwice = !select.value.startsWith("+") && times.get(select.value) > 1;
    const message = select.parentElement.querySelector("[data-twice]");
    message.hidden = !isTwice;
    message.querySelector("span").textContent = isTwice ? form.dataset.taken : "";
    select.classList.toggle("is-invalid", isTwice);
    if (isTwice) select.setAttribute("aria-invalid", "true");
    else select.removeAttribute("aria-invalid");
  }
  // What the server said of the former choice is no longer true.
  for (const old of changed.parentElement.querySelectorAll(".err:not([data-twice]), [data-misfit]")) old.remove();
  told.textContent = changed.getAttribute("aria-invalid") ? form.dataset.taken : "";
}

form.addEventListener("change", (event) => {
  if (event.target.matches("select")) look(event.target);
});
