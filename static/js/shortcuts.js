// data-shortcuts (on <body>, absent when the user switched them off): single keys outside of fields.
// Keys are matched by their place on the keyboard (event.code), so they work while a Persian layout is on.
// data-shortcut="KeyN": that key follows the link, presses the button or goes into the field.
// data-go="KeyL": g, then that key, follows the link. data-shortcuts-open: the list of keys, also opened by "?".
const helpUrl = document.body.dataset.shortcuts;
let goesUntil = 0;

function isTyping(target) {
  return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog");
}

function use(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else element.click();
}

async function showHelp(url) {
  const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.append(page.querySelector("[data-shortcut-list]"));
  dialog.setAttribute("aria-labelledby", "shortcut-list");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.querySelector("[data-close-dialog]").addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

function openHelp(url) {
  if (!document.querySelector("dialog[open]")) showHelp(url).catch(() => location.assign(url));
}

document.querySelector("[data-shortcuts-open]")?.addEventListener("click", (event) => {
  event.preventDefault();
  openHelp(event.currentTarget.href);
});

document.addEventListener("keydown", (event) => {
  if (!helpUrl || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.code === "Slash" && event.shiftKey) {
    event.preventDefault();
    openHelp(helpUrl);
    return;
  }
  if (event.shiftKey) return;
  const goes = Date.now() < goesUntil;
  goesUntil = event.code === "KeyG" && !goes ? Date.now() + 1500 : 0;
  const target = document.querySelector(`[data-${goes ? "go" : "shortcut"}="${CSS.escape(event.code)}"]`);
  if (!target || goesUntil) return;
  event.preventDefault();
  use(target);
});
