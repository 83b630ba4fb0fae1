// Tasks and notices: what was changed is shown anew, the window «Отложить» knows its task, the bell
// keeps the numbers in the side bar true and shows what is due by itself.

import { bind } from "./keys.js";

const EVERY = 30_000; // ms between two questions of the bell
const FRESH = 20_000; // a page opened sooner than this shows the numbers of the one before
const KEPT = "korobka_bell";
let later = "";

export function startWork() {
  document.addEventListener("work-changed", refresh);
  document.addEventListener("click", onClick, true);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:afterRequest", cleared);
  document.addEventListener("dragstart", onDrag);
  document.addEventListener("dragover", onOver);
  document.addEventListener("dragleave", (event) => event.target.closest?.("[data-slot]")?.removeAttribute("data-over"));
  document.addEventListener("drop", onDrop);
  for (const [key, by] of [["ArrowUp", "-15m"], ["ArrowDown", "15m"], ["ArrowLeft", "-1d"], ["ArrowRight", "1d"]]) {
    bind(`Shift+${key}`, (event) => shift(event.target.closest?.("[data-move]"), { by }));
  }
  // On a phone the week is wider than the screen: begin with today, not with last Monday.
  document.querySelector(".cal th[data-today]")?.scrollIntoView({ block: "nearest", inline: "center" });
  startBell();
}

// One request brings the page as it is now; #work (and what data-refresh names) is taken out of it.
async function refresh() {
  const place = document.querySelector("[data-refresh]");
  ring(true);
  if (!place) return;
  const rows = [...document.querySelectorAll("[data-rows] > [data-href]")];
  const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
  const focused = document.activeElement?.closest("[data-task]")?.dataset.task;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return; // no connection: the page stays as it is
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const query of [`#${place.id}`, ".foot", ...(place.dataset.refresh ? [place.dataset.refresh] : [])]) {
    const [before, after] = [document.querySelector(query), page.querySelector(query)];
    if (!before || !after) continue;
    const top = before.scrollTop;
    before.replaceWith(after);
    after.scrollTop = top;
    globalThis.htmx?.process(after);
  }
  const again = [...document.querySelectorAll("[data-rows] > [data-href]")];
  const row = at < 0 ? null : again[Math.min(at, again.length - 1)];
  row?.setAttribute("data-cursor", "");
  const same = focused && document.querySelector(`[data-task="${CSS.escape(focused)}"]`);
  (same?.matches("a, button") ? same : (same ?? row)?.querySelector("a.key, a"))?.focus({ preventScroll: true });
}

function onClick(event) {
  const opener = event.target.closest("[data-later]");
  if (opener) {
    later = opener.dataset.later;
    const place = document.querySelector("#later-error");
    if (place) place.hidden = true;
  }
  const by = event.target.closest("#later [data-by]");
  if (by) put({ by: by.dataset.by });
}

function onSubmit(event) {
  if (!event.target.matches("[data-later-form]")) return;
  event.preventDefault();
  event.target.removeAttribute("data-sent");
  const values = {};
  for (const input of event.target.querySelectorAll("[data-name]")) values[input.dataset.name] = input.value;
  put(values);
}

async function put(values) {
  await post(later, values);
  const failed = document.querySelector("#later-error:not([hidden])");
  if (!failed) document.querySelector("#later")?.close();
}

function post(address, values) {
  return globalThis.htmx?.ajax("POST", address, { target: "#later-error", swap: "outerHTML", values });
}

// A quick line that was taken is empty again; its preview goes with it.
function cleared(event) {
  if (event.detail.successful && event.detail.elt.matches?.("[data-then-refresh]")) refresh();
  const form = event.detail.elt.closest?.("form[data-quick]");
  if (!form || event.detail.elt !== form || !event.detail.successful) return;
  form.reset();
  form.elements.form.value = crypto.randomUUID?.() ?? ""; // the next line is another form
  form.querySelector("#understood").replaceChildren();
}

// Moving in the calendar: dragged onto a slot, or by Shift and an arrow.
function shift(element, values) {
  if (!element) return false;
  element.focus();
  globalThis.htmx?.ajax("POST", element.dataset.move, { target: "body", swap: "none", values });
  return true;
}

function onDrag(event) {
  const element = event.target.closest?.("[data-move]");
  if (!element) return;
  event.dataTransfer.setData("text/x-move", element.dataset.move);
  event.dataTransfer.effectAllowed = "move";
}

function onOver(event) {
  const slot = event.target.closest?.("[data-slot]");
  if (!slot || !event.dataTransfer.types.includes("text/x-move")) return;
  event.preventDefault();
  slot.setAttribute("data-over", "");
}

function onDrop(event) {
  const slot = event.target.closest?.("[data-slot]");
  const address = event.dataTransfer.getData("text/x-move");
  if (!slot || !address) return;
  event.preventDefault();
  slot.removeAttribute("data-over");
  const { day, hour, performer } = slot.dataset;
  const values = { day, ...(hour ? { hour } : {}), ...(performer ? { performer } : {}) };
  globalThis.htmx?.ajax("POST", address, { target: "body", swap: "none", values });
}

function startBell() {
  if (!document.querySelector("a[data-section]")) return;
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept) numbers(kept.counts);
  if (!kept || Date.now() - kept.at > FRESH) ring();
  setInterval(() => document.hidden || ring(), EVERY);
  document.addEventListener("korobka:live", (event) => event.detail.topic.startsWith("user:") && ring());
  document.addEventListener("visibilitychange", () => document.hidden || ring());
}

async function ring() {
  try {
    const answer = await fetch("/notices/bell", { headers: { "HX-Request": "true" } });
    if (!answer.ok) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-bell]");
    if (!part) return;
    const counts = JSON.parse(part.dataset.bell);
    sessionStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), counts }));
    numbers(counts);
    const fresh = [...part.querySelectorAll("[data-notice]")];
    for (const one of fresh) pop(one);
    if (fresh.length) {
      globalThis.htmx?.ajax("POST", "/notices/popped", { target: "body", swap: "none", values: { id: fresh.map((one) => one.dataset.notice) } });
    }
  } catch { /* no connection: the page says so by itself */ }
}

function numbers(counts) {
  for (const [section, count] of Object.entries(counts)) {
    for (const link of document.querySelectorAll(`a[data-section="${CSS.escape(section)}"]`)) {
      let place = link.querySelector("data");
      if (!count) { place?.remove(); continue; }
      if (!place) link.append((place = document.createElement("data")));
      place.value = String(count);
      place.textContent = count >= 100 ? "99+" : String(count);
    }
  }
}

function pop(one) {
  const place = document.querySelector("#toasts");
  if (!place) return;
  const toast = document.querySelector("#toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-undo]").remove();
  toast.querySelector("span").replaceChildren(one);
  place.append(toast);
}


