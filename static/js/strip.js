// Strips that scroll sideways: what gets the focus comes into sight (.tabs), and so does what is current (.tabs, .path).
for (const strip of document.querySelectorAll(".tabs")) {
  strip.addEventListener("focusin", (event) => event.target.scrollIntoView({ block: "nearest", inline: "nearest" }));
}

for (const step of document.querySelectorAll(":is(.path, .tabs) [aria-current]")) {
  const strip = step.closest(".path, .tabs");
  strip.scrollLeft += step.getBoundingClientRect().left - strip.getBoundingClientRect().left - (strip.clientWidth - step.clientWidth) / 2;
}
