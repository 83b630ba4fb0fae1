// Tabs of a card. [data-tabs] holds panes with data-pane (their names); the list of tabs is made
// here: without scripts all panes are shown, one under the other. Left and right arrows move.
import { bind } from "./keys.js";

export function startTabs() {
  for (let digit = 1; digit <= 9; digit += 1) bind(String(digit), () => nth(digit));

  document.addEventListener("htmx:afterSwap", makeAll);
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tabs] > [role=tablist] > [role=tab]");
    if (tab) show(tab);
  });
  document.addEventListener("keydown", onKey);
  makeAll();
  for (const here of document.querySelectorAll("nav.tabs > [aria-current]")) {
    // A narrow screen has room for a few: the page that is open is among them.
    const row = here.parentElement;
    row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
}

const chosen = new Map(); // name of the box -> id of its pane

// A digit is a tab of the card, or a block of one without tabs; unless the page gives it a meaning.
function nth(digit) {
  if (document.querySelector(`[aria-keyshortcuts~="${digit}"]`)) return false;
  const tab = document.querySelectorAll("[data-tabs] > [role=tablist] > [role=tab]")[digit - 1];
  if (tab) {
    show(tab);
    tab.focus();
    return true;
  }
  const block = document.querySelector("[data-tabs] > [role=tablist]") ? null : [...document.querySelectorAll("main .sec")].filter((one) => one.checkVisibility())[digit - 1];
  if (!block) return false;
  block.tabIndex = -1;
  block.focus();
  block.scrollIntoView({ block: "nearest" });
  return true;
}

function makeAll() {
  for (const box of document.querySelectorAll("[data-tabs]:not([data-made])")) make(box);
}

function make(box) {
  const panes = [...box.querySelectorAll(":scope > [data-pane]")];
  box.dataset.made = "";
  if (panes.length < 2) return;
  const list = document.createElement("div");
  list.className = "tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabsLabel);
  for (const pane of panes) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${pane.id}-tab`;
    tab.textContent = pane.dataset.pane;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", pane.id);
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-labelledby", tab.id);
    list.append(tab);
  }
  box.prepend(list);
  const last = panes.findIndex((pane) => pane.id === chosen.get(box.dataset.tabs));
  show(list.children[Math.max(last, 0)]);
}

function show(tab) {
  const box = tab.closest("[data-tabs]");
  for (const one of tab.parentElement.children) {
    const mine = one === tab;
    one.setAttribute("aria-selected", String(mine));
    one.tabIndex = mine ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !mine;
  }
  chosen.set(box.dataset.tabs, tab.getAttribute("aria-controls"));
}

function onKey(event) {
  const tab = event.target.closest?.("[data-tabs] [role=tab]");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!tab || !step) return;
  const all = [...tab.parentElement.children];
  const next = all[(all.indexOf(tab) + step + all.length) % all.length];
  event.preventDefault();
  next.focus();
  show(next);
}
