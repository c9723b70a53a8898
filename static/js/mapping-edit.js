// data-mapping-edit (the mapping editor's form): rows are checked as they change, selects are filled, rows are added here.
// Without this module the page asks the server for the same.
import { fillLead, fillTarget, offerCreation } from "./mapping-options.js";
import { base, fields, targets } from "./mapping-rules.js";
import { columns, draw, form, selectOf, users } from "./mapping-rows.js";

const MANY = 30000; // options; the selects beyond are filled when somebody goes to them
const body = form.querySelector("tbody");
const before = new WeakMap();
let nextNumber = Math.max(base.length, ...[...body.rows].map((line) => Number(line.dataset.row.slice(1)) + 1));

function fill(select) {
  if (select.disabled) return;
  const line = select.closest("tr");
  const module = select.dataset.cell;
  if (module === "lead") fillLead(select);
  else fillTarget(select, module, fields.lead.get(selectOf(line, "lead").value), users(line, module));
  before.set(select, select.value);
}

// Fill what is in sight first, then the rest while the browser is idle.
function fillAll(selects, filled = 0) {
  const wait = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 20));
  for (const select of selects.splice(0, 40)) {
    fill(select);
    filled += select.options.length;
  }
  if (selects.length && filled < MANY) wait(() => fillAll(selects, filled));
}

function addRow() {
  const made = form.querySelector("[data-blank-row]").content.cloneNode(true);
  for (const element of made.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) element.setAttribute(name, value.replace("__number__", String(nextNumber)));
  }
  nextNumber += 1;
  body.append(made);
  const line = body.lastElementChild;
  for (const column of columns) fill(selectOf(line, column));
  draw();
  line.scrollIntoView({ block: "center" });
  selectOf(line, "lead").focus({ preventScroll: true });
}

form.querySelector("[data-add-row]").addEventListener("click", (event) => {
  event.preventDefault();
  addRow();
});

for (const type of ["focusin", "pointerdown"]) {
  form.addEventListener(type, (event) => {
    const select = event.target.closest("select[data-cell]");
    if (select && (type === "focusin" || select !== document.activeElement)) fill(select);
  });
}

form.addEventListener("change", (event) => {
  const select = event.target.closest("select[data-cell]");
  const line = event.target.closest("tr");
  if (select && offerCreation(select, before.get(select) ?? "", fields.lead.get(selectOf(line, "lead").value))) return;
  if (select) before.set(select, select.value);
  if (select?.dataset.cell === "lead") for (const module of targets) fill(selectOf(line, module));
  draw();
});

fillAll([...form.querySelectorAll("select[data-cell]")]);
draw();
