// Short messages with undo. They come in the page, by the header
// HX-Trigger: {"toast": {"text": …, "undo": address}} or by the event "toast" of our own modules.
import { bind } from "./keys.js";

const STAYS = 10_000; // ms, as the interface reference says; the pointer or the focus stops the clock
const timers = new WeakMap();

export function startToasts() {
  document.addEventListener("toast", (event) => show(event.detail));
  document.addEventListener("htmx:responseError", (event) => show({ failed: true, code: event.detail.xhr.getResponseHeader("x-event") }));
  document.addEventListener("htmx:sendError", () => offline(true));
  document.addEventListener("htmx:afterOnLoad", () => offline(false));
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => offline(false));
  document.addEventListener("click", onClick);
  for (const type of ["pointerover", "focusin"]) document.addEventListener(type, (event) => halt(event.target));
  for (const type of ["pointerout", "focusout"]) document.addEventListener(type, (event) => start(event.target.closest?.("[data-toast]")));
  bind("Control+Z", undoLast);
  for (const toast of document.querySelectorAll("#toasts > [data-toast]")) start(toast);
}

function show({ text, undo, failed, code }) {
  const template = document.querySelector("#toast-template");
  const place = document.querySelector("#toasts");
  if (!template || !place) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  const words = failed ? document.querySelector("#toast-failed").content.textContent : text;
  toast.querySelector("span").textContent = code ? `${words} (${code})` : words;
  const button = toast.querySelector("[data-undo]");
  if (undo) button.dataset.undo = undo;
  else button.remove();
  place.append(toast);
  while (place.children.length > 3) place.firstElementChild.remove();
  start(toast);
}

function start(toast) {
  if (!toast) return;
  clearTimeout(timers.get(toast));
  timers.set(toast, setTimeout(() => toast.remove(), STAYS));
}

function halt(target) {
  const toast = target.closest?.("[data-toast]");
  if (toast) clearTimeout(timers.get(toast));
}

function onClick(event) {
  const toast = event.target.closest("[data-toast]");
  if (!toast) return;
  const undo = event.target.closest("[data-undo]");
  if (undo) send(undo.dataset.undo);
  if (undo || event.target.closest("[data-close]")) toast.remove();
}

// Outside fields only (js/keys.js sees to it); inside them Ctrl+Z belongs to the browser.
function undoLast() {
  const button = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  if (!button) return false;
  button.click();
  return true;
}

function send(address) {
  globalThis.htmx?.ajax("POST", address, { target: "body", swap: "none" });
}

function offline(on) {
  const strip = document.querySelector("[data-offline]");
  if (strip) strip.hidden = !on;
}
