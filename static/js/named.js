// data-named-by="contact-first_name contact-last_name": says what is typed in those controls of its form.
document.addEventListener("input", ({ target }) => {
  if (!target.name || !target.form) return;
  for (const name of target.form.querySelectorAll(`[data-named-by~="${CSS.escape(target.name)}"]`)) {
    const controls = name.dataset.namedBy.split(" ").map((key) => target.form.elements[key]);
    name.textContent = controls.map((control) => control.value.trim()).join(" ");
  }
});
