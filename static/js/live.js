// data-live-forms (a part of the page): its forms are sent without leaving the page; the parts of it that have a name (data-live)
// are drawn anew, [data-live-told] says what was done, and the focus goes to what is wrong, else to the form's data-live-focus.

const name = (part) => part.dataset.live;

function tell(page, place) {
  const messages = [...page.querySelectorAll("#main > .al[role=alert] > div, #main > .toasts .al > div")];
  place.textContent = messages.map((message) => message.textContent.trim()).join(" ");
  const isGood = !page.querySelector("#main > .al[role=alert]");
  place.classList.toggle("ok", isGood);
  place.classList.toggle("bad", !isGood);
}

async function send(form, submitter) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, submitter) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = new Map([...page.querySelectorAll("[data-live]")].map((part) => [name(part), part]));
  if (!fresh.has(name(form.closest("[data-live-forms]")))) throw new Error("another page");
  const { liveFocus } = form.dataset;
  for (const part of document.querySelectorAll("[data-live]")) {
    if (fresh.has(name(part))) part.replaceWith(document.adoptNode(fresh.get(name(part))));
  }
  document.dispatchEvent(new Event("redrawn"));
  tell(page, document.querySelector("[data-live-told]"));
  (document.querySelector("[data-live-forms] .is-invalid") ?? document.getElementById(liveFocus))?.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest("[data-live-forms]")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  send(form, event.submitter).catch(() => form.submit()); // signed out, no network: as it would be without this module
});
