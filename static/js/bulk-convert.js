// The page of many conversions: data-rule says what the button does under the rule that is chosen; data-fold (a <details>) is folded
// on a phone, where all of them open are very long. Without this module the sentences are those of the rule that was saved.
const rule = document.querySelector("[name=on_match]");

rule?.addEventListener("change", () => {
  const shown = rule.value === "skip" ? "skip" : "other";
  for (const text of document.querySelectorAll("[data-rule]")) text.hidden = text.dataset.rule !== shown;
});

if (matchMedia("(max-width: 575.98px)").matches) {
  for (const part of document.querySelectorAll("[data-fold]")) part.open = false;
}
