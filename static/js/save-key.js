// Control+Enter (Command+Enter) in a form presses its main button, on every page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form[method=post]");
  const button = form?.querySelector(".btn-p[type=submit]:not(:disabled)");
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});
