// data-error-summary: gets the focus when the page opens; its links put the cursor into the field.
// data-focus: gets the focus when there is no error summary.
const summary = document.querySelector("[data-error-summary]");
(summary ?? document.querySelector("[data-focus]"))?.focus();

summary?.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  field.closest("details:not([open])")?.setAttribute("open", "");
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});
