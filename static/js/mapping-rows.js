// The rows of the mapping editor: what they hold now, and how they show what is wrong and what changed.
import { base, covered, fields, missingOptions, modules, number, problems, say, targets } from "./mapping-rules.js";

export const form = document.querySelector("[data-mapping-edit]");
export const columns = ["lead", ...targets];
export const selectOf = (line, column) => line.querySelector(`[data-cell="${column}"]`);
const lines = () => [...form.querySelector("tbody").rows];
const isRemoved = (line) => line.querySelector("[data-remove]")?.checked ?? false;
const indexOf = (line) => Number(line.dataset.row.slice(1));
const labelOf = (key) => fields.lead.get(key)?.label ?? key;

function read(line) {
  const values = Object.fromEntries(columns.map((column) => [column, selectOf(line, column).value]));
  return { ...values, locked: "locked" in line.dataset, line };
}

// The rows that would be saved: neither removed nor blank.
export function kept() {
  return lines().filter((line) => !isRemoved(line)).map(read).filter((row) => columns.some((column) => row[column]));
}

// The label of the lead field that goes into each target of a module, but for this row's own.
export function users(line, module) {
  const others = kept().filter((row) => row.line !== line && row[module]);
  return new Map(others.map((row) => [row[module], labelOf(row.lead)]));
}

function mark(select, messages) {
  const place = select.closest("td").querySelector("[data-errors]");
  if (!place) return;
  select.classList.toggle("is-invalid", messages.length > 0);
  if (messages.length) select.setAttribute("aria-invalid", "true");
  else select.removeAttribute("aria-invalid");
  const made = messages.map((text) => Object.assign(document.createElement("p"), { className: "err mb-0", textContent: text }));
  place.replaceChildren(...made);
}

function stateOf(row) {
  const was = base[indexOf(row.line)];
  if (!was) return "new";
  return columns.some((column, place) => row[column] !== was[place]) ? "changed" : "";
}

function drawRow(row, position, found) {
  const { line } = row;
  const source = fields.lead.get(row.lead);
  const name = row.lead ? labelOf(row.lead) : "—";
  line.querySelector("[data-number]").textContent = position ? number(position) : "";
  line.querySelector("[data-type]").textContent = source?.type ?? "";
  for (const column of columns) {
    mark(selectOf(line, column), found.filter(([, where]) => where === column).map(([, , message]) => message));
  }
  for (const note of line.querySelectorAll("[data-state]")) note.hidden = note.dataset.state !== stateOf(row);
  if (row.locked) return;
  line.querySelector("[data-remove-label]").textContent = say("remove", { name });
  for (const module of targets) {
    const select = selectOf(line, module);
    const target = fields[module].get(row[module]);
    const lacks = source && source.kind === target?.kind && missingOptions(source, target).length > 0;
    select.closest("td").querySelector("[data-add-options]").hidden = !lacks;
    select.labels[0].textContent = say("cell", { module: modules[module], name });
  }
}

// Check everything and show it: errors at the fields, the count for screen readers, what changed, and the coverage.
export function draw() {
  const rows = kept();
  const found = problems(rows);
  for (const row of lines().map(read)) {
    const place = rows.findIndex((one) => one.line === row.line);
    drawRow(row, place + 1, place < 0 ? [] : found.filter(([index]) => index === place));
  }
  form.querySelector("[data-problems]").textContent = found.length ? say("problems", { count: found.length }) : say("noProblems");
  drawChanges(rows);
  const wrong = new Set(found.map(([index]) => index));
  drawCoverage(new Set(rows.filter((_, index) => !wrong.has(index)).map((row) => row.lead)));
}

function drawChanges(rows) {
  const [added, changed] = ["new", "changed"].map((state) => rows.filter((row) => stateOf(row) === state).length);
  const removed = base.length - rows.filter((row) => indexOf(row.line) < base.length).length;
  const text = added + changed + removed ? say("changes", { added, changed, removed }) : say("noChanges");
  form.querySelector("[data-changes]").textContent = text;
}

function drawCoverage(now) {
  const meter = document.querySelector("[data-coverage]");
  const reached = covered.filter((key) => now.has(key));
  const saved = reached.filter((key) => base.some(([lead]) => lead === key)).length;
  const share = (count) => String((100 * count) / Math.max(covered.length, 1));
  meter.querySelector("[data-saved]").setAttribute("width", share(saved));
  meter.querySelector("[data-added]").setAttribute("x", share(saved));
  meter.querySelector("[data-added]").setAttribute("width", share(reached.length - saved));
  meter.querySelector("[data-reached]").textContent = say("reached", { reached: reached.length, total: covered.length });
  meter.querySelector("[data-growth]").textContent = say("growth", { saved, added: reached.length - saved });
}
