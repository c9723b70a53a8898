// data-job="running" with data-moving: shows the work's progress every two seconds, and the whole page anew when its state changes.
const EVERY = 2000;

async function look() {
  const shown = document.querySelector("[data-job][data-moving]");
  if (!shown) return;
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-job]");
      if (!fresh || fresh.dataset.job !== shown.dataset.job) {
        location.reload();
        return;
      }
      shown.querySelector("progress").value = fresh.querySelector("progress").value;
      shown.querySelector("[data-told]")?.replaceWith(fresh.querySelector("[data-told]") ?? "");
      shown.querySelector("[role=status]").textContent = fresh.querySelector("[role=status]").textContent;
    } catch {
      // The server can't be reached just now; the next look may find it.
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
