// The conversion page, live: cards follow their ticks, the radio follows the cards, the panel shows what would be lost.
// Without this module the page works all the same: the server looks at the same controls.

const form = document.querySelector("[data-convert]");
const ticks = () => all("[data-tick]", form);
const number = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en");
const isTicked = (key) => ticks().some((tick) => tick.dataset.tick === key && tick.checked);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// "organization:phone" carries the value if the card is ticked and the existing record doesn't keep what it holds.
function carries(carrier) {
  const [module, field] = carrier.split(":");
  const kept = form.querySelector(`[name="${module}-${field}-wins"][value="keep"]`);
  return isTicked(module) && !kept?.checked;
}

function showCards() {
  for (const tick of ticks()) {
    const key = tick.dataset.tick;
    const card = form.querySelector(`[data-card="${key}"]`);
    const body = card.querySelector("[data-body]");
    const chevron = card.querySelector("[data-collapse]");
    card.classList.toggle("off", !tick.checked);
    if (body) body.hidden = !tick.checked || chevron.getAttribute("aria-expanded") === "false";
    chevron.hidden = !tick.checked;
    for (const part of all(`[data-plan="${key}"], [data-planned="${key}"], [data-when-ticked="${key}"]`)) part.hidden = !tick.checked;
    for (const part of all(`[data-when-unticked="${key}"]`)) part.hidden = tick.checked;
  }
}

function followRadio() {
  const radios = all("[data-needs]", form);
  for (const radio of radios) radio.disabled = !isTicked(radio.dataset.needs);
  const chosen = radios.find((radio) => radio.checked);
  const possible = radios.find((radio) => !radio.disabled);
  if (possible && (!chosen || chosen.disabled)) {
    possible.checked = true;
    const status = form.querySelector("[data-transfer-status]");
    status.textContent = status.dataset.text;
  }
}

function showLosses() {
  const panel = form.querySelector("[data-lost-panel]");
  let lost = 0;
  let left = 0;
  for (const value of all("[data-lost-value]", panel)) {
    value.hidden = value.dataset.carriers.split(" ").some(carries);
    lost += value.hidden ? 0 : 1;
    for (const option of all("option", value)) {
      const module = option.value.split(":")[0];
      if (option.value.includes(":")) option.disabled = option.hidden = !isTicked(module);
      if (option.selected && option.disabled) value.querySelector("select").selectedIndex = 0;
    }
    left += !value.hidden && value.querySelector("select")?.value === "leave" ? 1 : 0;
  }
  const filled = Number(panel.dataset.filled);
  for (const [key, count] of Object.entries({ carried: filled - lost, chosen: lost - left, left }))
    for (const part of all(`[data-${key}]`, panel)) part.textContent = number.format(count);
  panel.querySelector("[data-all-kept]").hidden = left > 0;
  panel.querySelector("[data-some-left]").hidden = left === 0;
  panel.querySelector("[data-meter]").setAttribute("width", String((100 * (filled - lost)) / Math.max(filled, 1)));
  panel.querySelector("[data-none-lost]").hidden = lost > 0;
}

// What is asked of another lead is shown once it is brought along.
function showOthers() {
  const brought = all("[data-also]", form).filter((box) => box.checked);
  for (const more of all("[data-also-more]", form)) more.hidden = !brought.some((box) => box.value === more.dataset.alsoMore);
  for (const line of all("[data-planned-lead]")) line.hidden = !brought.some((box) => box.value === line.dataset.plannedLead);
  for (const role of all("[data-main-role]", form)) role.hidden = !brought.length;
}

function draw() {
  showCards();
  showOthers();
  followRadio();
  showLosses();
}

form.addEventListener("change", (event) => event.target.matches("[data-tick], [data-wins], [data-also], [data-lost-value] select") && draw());
// Editing what the lead has for a field that differs means to take it.
form.addEventListener("input", (event) => {
  const row = event.target.matches("[data-wins]") ? null : event.target.closest("tr");
  const replace = row?.querySelector('[data-wins][value="replace"]');
  if (replace && row.querySelector('[data-wins][value="keep"]').checked) {
    replace.checked = true;
    draw();
  }
});
form.addEventListener("click", (event) => {
  const chevron = event.target.closest("[data-collapse]");
  if (chevron) {
    chevron.setAttribute("aria-expanded", String(chevron.getAttribute("aria-expanded") === "false"));
    showCards();
  }
});
document.addEventListener("redrawn", draw);
draw();
