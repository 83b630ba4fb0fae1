// The call card: comes when the reader's own topic rings, survives pages and reloads, never takes the
// focus from a field. F8 leads into it and back.
import { bind } from "./keys.js";

let before = null; // where the focus was
let title = "";

export function startCall() {
  if (!document.querySelector("[data-call-place]")) return;
  bind("F8", turn, { inField: true });
  document.addEventListener("korobka:live", (event) => event.detail.topic.startsWith("user:") && ask());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-call-close]");
    if (button) close(button);
  });
  addEventListener("focus", quiet);
  // What rang while no stream was open (a new page, a lost connection) is asked for once it is.
  document.addEventListener("korobka:listening", ask);
}

function card() {
  return document.querySelector("[data-call]");
}

function turn() {
  const open = card();
  if (!open) return false;
  if (open.contains(document.activeElement)) {
    (before?.isConnected ? before : document.querySelector("#main"))?.focus();
  } else {
    before = document.activeElement;
    [...open.querySelectorAll("[data-call-focus]")].at(-1)?.focus();
  }
  return true;
}

async function ask() {
  try {
    const answer = await fetch("/calls/card", { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const place = document.querySelector("[data-call-place]");
    const fresh = answer.status === 204 ? null : new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-call]");
    if (!fresh) return put(place, blank());
    const typed = place.querySelector("#call-name");
    const same = place.dataset.callId === fresh.dataset.callId;
    if (same && typed) {
      const field = fresh.querySelector("#call-name");
      if (field) field.value = typed.value;
      if (place.contains(document.activeElement)) return; // somebody is at it: nothing moves under the hand
    }
    put(place, fresh);
    globalThis.htmx?.process(card());
    if (!same && document.hidden) blink(fresh.getAttribute("aria-label"));
  } catch {
    // Without a connection there is no card; the strip says that there is none.
  }
}

function put(place, fresh) {
  place.replaceWith(document.importNode(fresh, true));
  document.querySelector(".app").toggleAttribute("data-calling", card() !== null);
}

function blank() {
  const empty = document.createElement("div");
  empty.id = "call";
  empty.dataset.callPlace = "";
  empty.hidden = true;
  return empty;
}

async function close(button) {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  await fetch(button.dataset.callClose, { method: "POST", headers: { "HX-Request": "true", ...token }, body: new URLSearchParams({ result: button.value ?? "" }) });
  put(card(), blank());
  before?.focus?.();
}

function blink(text) {
  title ||= document.title;
  document.title = `☎ ${text}`;
}

function quiet() {
  if (title) document.title = title;
  title = "";
}
