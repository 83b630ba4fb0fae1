// Hears of changes from the server (/live) and has the page read them anew, without taking away what
// is being typed. An element [data-live="order order:<id>"] with hx-get and hx-trigger="live" is asked
// to refresh its hx-target; [data-presence] shows who else has the record open.

const GATHER = 500; // ms: many changes at once are one question
let stream = null;
let heard = ""; // the mark of what the page shows: its own, then that of the last change it was told of
let shown = "";
const timers = new WeakMap();

export function startLive() {
  open();
  document.addEventListener("htmx:afterSettle", (event) => {
    restore(event.detail.elt);
    if (topics() !== stream?.topics) open();
  });
  document.addEventListener("htmx:beforeSwap", (event) => remember(event));
  document.addEventListener("click", (event) => {
    const pill = event.target.closest("[data-live-show]");
    if (pill) { pill.hidden = true; for (const element of places()) ask(element); }
  });
  addEventListener("pagehide", () => stream?.source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
}

function places() {
  return [...document.querySelectorAll("[data-live]")];
}

function topics() {
  return [...new Set(places().flatMap((place) => place.dataset.live.split(" ")))].sort().join(",");
}

function open() {
  stream?.source.close();
  stream = null;
  const on = topics();
  const app = document.querySelector(".app");
  if (!app || !globalThis.EventSource) return;
  if (app.dataset.mark !== shown) heard = shown = app.dataset.mark;
  // A page is read before its stream opens: what changed in between is told as soon as it does.
  const source = new EventSource(`/live?${new URLSearchParams({ on, since: heard })}`);
  source.addEventListener("open", () => document.dispatchEvent(new CustomEvent("korobka:listening")));
  source.addEventListener("changed", (event) => { heard = event.lastEventId; changed(JSON.parse(event.data)); });
  source.addEventListener("presence", (event) => presence(JSON.parse(event.data)));
  stream = { source, topics: on };
}

function changed({ topic, by }) {
  document.dispatchEvent(new CustomEvent("korobka:live", { detail: { topic, by } }));
  for (const place of places()) {
    if (!place.dataset.live.split(" ").includes(topic)) continue;
    clearTimeout(timers.get(place));
    timers.set(place, setTimeout(ask, GATHER, place));
  }
}

function ask(place) {
  if (!place.isConnected) return;
  const target = document.querySelector(place.getAttribute("hx-target"));
  const pill = document.querySelector("[data-live-show]");
  if (target && isBusy(target)) {
    if (pill) pill.hidden = false;
    return;
  }
  if (pill) pill.hidden = true;
  place.dispatchEvent(new Event("live"));
}

// Something is being typed, chosen or dragged there: it must not move under the hand.
function isBusy(target) {
  const typed = [...target.querySelectorAll("input, textarea, select")].some((field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT" ? isChosen(field)
        : field.type !== "hidden" && field.value !== field.defaultValue);
  return typed || target.querySelector("[data-changed], [data-dragging]") !== null
    || document.querySelector("dialog[open], [popover]:popover-open") !== null;
}

// A list with nothing marked in the page shows its first line; that is nobody's choice.
function isChosen(list) {
  const given = [...list.options].findIndex((one) => one.defaultSelected);
  return list.multiple ? [...list.options].some((one) => one.selected !== one.defaultSelected)
    : list.selectedIndex !== Math.max(given, Math.min(0, list.options.length - 1));
}

let kept = null; // where the page stood before the swap

function remember(event) {
  if (!event.detail.requestConfig?.elt?.matches?.("[data-live]")) return;
  const focused = document.activeElement;
  kept = {
    scroll: [...document.querySelectorAll(".scroll, .list, #main")].map((one) => [one.scrollTop, one.scrollLeft]),
    row: document.querySelector("[data-rows] > [data-cursor]")?.dataset.href,
    focus: focused?.id ? `#${CSS.escape(focused.id)}` : focused?.name ? `[name="${CSS.escape(focused.name)}"]` : "",
    inRow: focused?.closest?.("[data-rows]") != null,
  };
}

function restore() {
  if (!kept) return;
  const { scroll, row, focus, inRow } = kept;
  kept = null;
  for (const [index, one] of [...document.querySelectorAll(".scroll, .list, #main")].entries()) {
    [one.scrollTop, one.scrollLeft] = scroll[index] ?? [0, 0];
  }
  const cursor = row && document.querySelector(`[data-rows] > [data-href="${CSS.escape(row)}"]`);
  if (cursor) cursor.setAttribute("data-cursor", "");
  const target = inRow ? cursor?.querySelector("a") : focus && document.querySelector(focus);
  if (target && document.activeElement !== target) target.focus({ preventScroll: true });
}

function presence({ people }) {
  const place = document.querySelector("[data-presence]");
  if (!place) return;
  place.replaceChildren(...people.map((one) => {
    const dot = document.createElement("span");
    dot.className = "ava";
    dot.dataset.c = one.tone;
    dot.title = one.name;
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", one.name);
    dot.textContent = one.initials;
    return dot;
  }));
}
