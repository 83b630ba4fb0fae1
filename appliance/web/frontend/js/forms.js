// Forms: the first wrong field takes the focus, Ctrl+Enter and Ctrl+S send, a half-filled form
// (data-guard) is not left without a question, a form is not sent twice.
import { bind } from "./keys.js";
import { show } from "./dialogs.js";

let keeping = ""; // id of a form that is being swapped for what was typed into it
let leaving = null; // where the person wanted to go
let unsent = null; // a form that a lost connection kept from being put aside

export function startForms() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard], dialog form");
    if (form) form.dataset.changed = "";
  });
  document.addEventListener("submit", onSubmit);
  document.addEventListener("click", onLink);
  document.addEventListener("htmx:afterSwap", (event) => focusWrong(event.detail.elt));
  // Whatever comes back for such a form was made of what had been typed: it is not saved yet.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const form = event.detail.target?.closest?.('form[data-guard="keep"]');
    if (form) keeping = form.id;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (keeping) document.getElementById(keeping)?.setAttribute("data-changed", "");
    keeping = "";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (event.detail.elt.hasAttribute("data-aside")) return; // a question beside the form, not its sending
    // A form that is filled in by parts (data-guard="keep") is done only when it was sent itself.
    if (event.detail.successful && (form?.dataset.guard !== "keep" || form === event.detail.elt)) form?.removeAttribute("data-changed");
  });
  document.addEventListener("htmx:sendError", (event) => {
    unsent = event.detail.elt.closest('form[data-guard="keep"]') ?? unsent;
  });
  document.addEventListener("htmx:afterOnLoad", putAside);
  addEventListener("online", putAside);
  addEventListener("beforeunload", (event) => {
    if (guarded()) event.preventDefault();
  });
  document.querySelector("#unsaved [data-leave]")?.addEventListener("click", leave);
  bind("Control+S", send, { inField: true, inModal: true });
  bind("Control+Enter", send, { inField: true, inModal: true });
  focusWrong(document);
}

// There is a connection again: what was typed without it is kept as if it were typed now.
function putAside() {
  const form = unsent;
  unsent = null;
  if (form?.isConnected) form.dispatchEvent(new Event("input", { bubbles: true }));
}

function guarded() {
  return document.querySelector("form[data-guard][data-changed]");
}

function send(event) {
  const form = event.target.closest("form:not(.filter, .scan, .cell-form)") ?? guarded();
  form?.requestSubmit();
  return form !== null;
}

function onSubmit(event) {
  const form = event.target;
  if (form.matches("[data-sent]")) return event.preventDefault();
  if (form.hasAttribute("hx-post")) return;
  form.dataset.sent = "";
  form.removeAttribute("data-changed");
  // The page comes back from the browser's store as it was left: let the form be sent again.
  addEventListener("pageshow", () => form.removeAttribute("data-sent"), { once: true });
}

function onLink(event) {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.shiftKey || event.metaKey || link.target) return;
  if (!guarded() || link.getAttribute("href").startsWith("#")) return;
  event.preventDefault();
  leaving = link.href;
  show(document.querySelector("#unsaved"));
}

function leave() {
  guarded()?.removeAttribute("data-changed");
  location.assign(leaving);
}

function focusWrong(root) {
  const wrong = root.querySelector?.('[aria-invalid="true"]');
  if (wrong) wrong.focus();
}
