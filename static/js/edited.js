// The conversion page: a field that no longer holds the lead's value says so at once and offers to take it back.

const plain = (text) => text.replace(/\r\n?/g, "\n");

function wire(reset) {
  const field = reset.closest("[data-field]");
  const control = field.querySelector("input, select, textarea");
  const isBox = control.type === "checkbox";
  const show = () => {
    const isEdited = isBox ? control.checked !== control.defaultChecked : plain(control.value) !== plain(reset.dataset.reset);
    field.querySelector("[data-edited]").hidden = !isEdited;
    field.querySelector("[data-untouched]").hidden = isEdited;
  };
  reset.hidden = false;
  control.addEventListener("input", show);
  reset.addEventListener("click", () => {
    if (isBox) control.checked = control.defaultChecked;
    else control.value = reset.dataset.reset;
    control.focus();
    show();
  });
}

const wireAll = () => document.querySelectorAll("[data-reset][hidden]").forEach(wire);
document.addEventListener("redrawn", wireAll);
wireAll();
