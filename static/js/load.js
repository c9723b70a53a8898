// data-load="address": fetch a part of the page after it is drawn and put it in [data-load-here]; nothing found removes the whole.
// Without it the link inside leads to the same on a page of its own.

for (const section of document.querySelectorAll("[data-load]")) {
  const place = section.querySelector("[data-load-here]");
  const link = place.firstElementChild;
  const load = async () => {
    place.textContent = section.dataset.loadWaiting;
    place.setAttribute("aria-busy", "true");
    const answer = await fetch(section.dataset.load).catch(() => null);
    place.removeAttribute("aria-busy");
    if (!answer?.ok || answer.redirected) {
      place.replaceChildren(`${section.dataset.loadFailed} `, link);
      return;
    }
    const found = (await answer.text()).trim();
    if (!found) section.remove();
    place.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.childNodes);
  };
  load();
}
