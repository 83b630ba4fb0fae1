// Windows: native <dialog>. data-dialog="id" opens, data-close closes; the focus goes back by itself.
// A window whose form was changed does not close on a press beside it, so typed text is never lost.

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) return show(document.getElementById(opener.dataset.dialog));
    const dialog = event.target.closest("dialog");
    if (!dialog) return;
    if (event.target.closest("[data-close]")) dialog.close();
    else if (event.target === dialog && !dialog.querySelector("form[data-changed]")) dialog.close();
  });
  document.addEventListener("korobka:close", () => document.querySelector("dialog[open]")?.close());
  document.addEventListener("htmx:afterSettle", () => show(document.querySelector("dialog[data-open-now]:not([open])")));
  document.addEventListener("close", (event) => event.target.matches("dialog[data-open-now]") && event.target.remove(), true);
  document.addEventListener("htmx:afterRequest", (event) => {
    // A question inside the window is not its sending; what asked may have been replaced by the answer.
    if ((event.detail.requestConfig?.elt ?? event.detail.elt).closest("[data-aside]")) return;
    if (event.detail.successful && event.detail.elt.closest("dialog.dialog")) event.detail.elt.closest("dialog").close();
  });
}

export function show(dialog) {
  if (!dialog || dialog.open) return;
  document.querySelector("[popover]:popover-open")?.hidePopover();
  dialog.showModal();
}
