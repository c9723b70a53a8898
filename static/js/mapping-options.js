// The choices of the mapping editor's selects: what fits first, then what doesn't and why, then what is in use.
import { create, fields, misfit, modules, say } from "./mapping-rules.js";

const CREATE = "+";

function group(label, options) {
  const made = document.createElement("optgroup");
  made.label = label;
  made.append(...options);
  return options.length ? [made] : [];
}

function option(value, text, { disabled = false } = {}) {
  const made = new Option(text, value);
  made.disabled = disabled;
  return made;
}

export function fillLead(select) {
  const chosen = select.value;
  const kept = fields.lead.has(chosen) || !chosen ? [] : [...select.options].filter((one) => one.value === chosen);
  const [first] = select.options;
  select.replaceChildren(first, ...kept, ...[...fields.lead.values()].map((field) => option(field.key, field.label)));
  select.value = chosen;
}

// `users`: the label of the lead field that goes into a target already, by target key.
export function fillTarget(select, module, source, users) {
  const chosen = select.value;
  const [fits, misfits, used] = [[], [], []];
  for (const field of fields[module].values()) {
    const wrong = source && misfit(source, field);
    const user = users.get(field.key);
    if (field.key === chosen) fits.unshift(option(field.key, field.label));
    else if (user !== undefined) used.push(option(field.key, say("usedBy", { target: field.label, source: user }), { disabled: true }));
    else if (!wrong) fits.push(option(field.key, source ? field.label : field.text));
    else misfits.push(option(field.key, say(wrong.reason, { target: field.text }), { disabled: wrong.reason !== "lacksOptions" }));
  }
  if (chosen && !fields[module].has(chosen)) fits.unshift([...select.options].find((one) => one.value === chosen));
  const [first] = select.options;
  const last = source ? [option(CREATE, say("create", { module: modules[module] }))] : [];
  select.replaceChildren(first, ...group(say("fits"), fits), ...group(say("misfits"), misfits), ...group(say("used"), used), ...last);
  select.value = chosen;
}

// Choosing "Create a matching field" shows a link to that page and gives the select its value back.
export function offerCreation(select, before, source) {
  if (select.value !== CREATE) return false;
  const link = select.closest("td").querySelector("[data-create]");
  link.href = create[select.dataset.cell].replace("__number__", encodeURIComponent(source.key));
  link.textContent = say("create", { module: modules[select.dataset.cell] });
  link.hidden = false;
  select.value = before;
  link.focus();
  return true;
}
