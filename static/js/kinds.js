// data-kinds-form: a field's form shows only what its type has: data-for-kinds="text url" beside select[data-kind].
for (const form of document.querySelectorAll("[data-kinds-form]")) {
  const kind = form.querySelector("select[data-kind]");
  const show = () => {
    for (const part of form.querySelectorAll("[data-for-kinds]")) part.hidden = !part.dataset.forKinds.split(" ").includes(kind.value);
  };
  kind.addEventListener("change", show);
  show();
}
