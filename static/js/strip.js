// A strip of tabs that scrolls sideways (.tabs): what gets the focus comes into sight.
for (const strip of document.querySelectorAll(".tabs")) {
  strip.addEventListener("focusin", (event) => event.target.scrollIntoView({ block: "nearest", inline: "nearest" }));
}
