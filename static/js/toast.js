// data-toast: leaves after six seconds, but not while somebody points at it or has the focus in it. data-dismiss closes it now.
for (const toast of document.querySelectorAll("[data-toast]")) {
  let timer;
  const wait = () => {
    timer = setTimeout(() => toast.remove(), 6000);
  };
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast], .al").remove();
});
