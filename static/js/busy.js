// data-busy="Converting…" (a form or its submit button): one press only, with a spinner and these words while the server works.
const idle = new WeakMap();

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const words = button?.dataset.busy ?? event.target.dataset.busy;
  if (event.defaultPrevented || !button || !words) return;
  if (button.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  button.setAttribute("aria-busy", "true");
  idle.set(button, [...button.childNodes]);
  const spinner = document.createElement("span");
  spinner.className = "spinner";
  spinner.setAttribute("aria-hidden", "true");
  button.replaceChildren(spinner, words);
});

// Coming back with the browser's button finds the page as it was left: wake its buttons.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[aria-busy='true']")) {
    button.removeAttribute("aria-busy");
    button.replaceChildren(...(idle.get(button) ?? button.childNodes));
  }
});
