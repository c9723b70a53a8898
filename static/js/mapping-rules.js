// The rules of a mapping row, as the server has them: what keeps a lead field from going into a target. The server has the last word.
const data = JSON.parse(document.getElementById("mapping-data").textContent);
const format = new Intl.NumberFormat(document.documentElement.lang === "fa" ? "fa-IR" : "en");

export const number = (value) => format.format(value);
export const { base, covered, create, modules } = data;
export const targets = Object.keys(modules);
export const fields = Object.fromEntries(
  Object.entries(data.fields).map(([module, list]) => [module, new Map(list.map((field) => [field.key, field]))]),
);

// A sentence in the reader's language with its placeholders filled; numbers are written in the reader's digits.
export function say(name, values = {}) {
  const shown = (value) => (typeof value === "number" ? number(value) : String(value));
  return data.texts[name].replace(/%\((\w+)\)s/g, (_, key) => shown(values[key]));
}

export function missingOptions(source, target) {
  if (!source.list || source.list === target.list) return [];
  const known = new Set((data.options[target.list] ?? []).filter(([, , offered]) => offered).map(([value]) => value));
  return (data.options[source.list] ?? []).filter(([value]) => !known.has(value)).map(([, label]) => label);
}

// Why the source can't go into the target: a short reason for the list and a sentence for the field, or null.
export function misfit(source, target) {
  if (source.kind !== target.kind) {
    return { reason: "otherType", message: say("type", { source: source.kindLabel, target: target.kindLabel }) };
  }
  if (source.isText && target.length && (source.length ?? Infinity) > target.length) {
    const sentence = source.length ? "length" : "anyLength";
    return { reason: "tooSmall", message: say(sentence, { source: source.length ?? 0, target: target.length }) };
  }
  for (const [size, sentence] of [["places", "places"], ["whole", "digits"]]) {
    if ((target[size] ?? 0) < (source[size] ?? 0)) {
      return { reason: "tooSmall", message: say(sentence, { source: source[size], target: target[size] ?? 0 }) };
    }
  }
  const missing = missingOptions(source, target);
  if (!missing.length) return null;
  const values = { count: missing.length, options: [...missing.slice(0, 12), ...(missing.length > 12 ? ["…"] : [])].join(say("comma")) };
  return { reason: "lacksOptions", message: say(missing.length === 1 ? "option" : "options", values) };
}

// What is wrong with the rows: [row index, column, message]. A row is { lead, organization, contact, opportunity, locked }.
export function problems(rows) {
  const found = [];
  const takers = new Map();
  rows.forEach((row, index) => {
    if (row.locked) for (const module of targets) if (row[module]) takers.set(`${module}.${row[module]}`, index);
  });
  rows.forEach((row, index) => {
    if (!row.locked) found.push(...problemsOf(row).map(([column, message]) => [index, column, message]));
    for (const module of targets) {
      const target = fields[module].get(row[module]);
      const taker = takers.get(`${module}.${row[module]}`);
      if (target && taker === undefined) takers.set(`${module}.${row[module]}`, index);
      else if (target && taker !== index) found.push([index, module, taken(row, rows[taker], taker, target)]);
    }
  });
  return found;
}

function problemsOf(row) {
  const found = [];
  const source = fields.lead.get(row.lead);
  if (!source) found.push(["lead", say(row.lead ? "goneSource" : "noSource")]);
  if (!targets.some((module) => row[module])) found.push([targets[0], say("noTarget")]);
  for (const module of targets) {
    if (!source || !row[module]) continue;
    const target = fields[module].get(row[module]);
    const wrong = target ? misfit(source, target)?.message : say("goneTarget");
    if (wrong) found.push([module, wrong]);
  }
  return found;
}

function taken(row, other, index, target) {
  const values = { source: fields.lead.get(other.lead)?.label ?? other.lead, target: target.label, row: index + 1 };
  return say(row.lead === other.lead ? "twice" : "taken", values);
}
