// The cursor of a list and the chosen rows. The list is [data-rows] (tbody or ul); a row has
// data-href, optionally data-peek and data-sum (kopecks), and a first link that takes the focus.
import { bind } from "./keys.js";
import { offer, label } from "./palette.js";

let anchor = null; // the row from which Shift+click and Shift+arrows extend

export function startRows() {
  bind("J", () => move(1));
  bind("K", () => move(-1));
  bind("ArrowDown", (event) => inList(event) && move(1));
  bind("ArrowUp", (event) => inList(event) && move(-1));
  bind("Shift+ArrowDown", () => extend(1));
  bind("Shift+ArrowUp", () => extend(-1));
  bind("X", () => toggle(cursor()));
  bind("Control+A", () => chooseAll());
  bind("Enter", (event) => event.target.closest("a, button, summary") === null && open(cursor()));
  bind("Escape", clear);
  // What is done with the chosen is done with the row under the cursor where nothing is chosen.
  for (const key of ["S", "A", "D", "L"]) bind(key, () => chooseOne(key));
  bind("Shift+Enter", () => aside(cursor()));
  bind("T", () => task(cursor()));
  bind("E", () => main(cursor()));
  bind(".", () => menu(cursor()));
  document.addEventListener("list-changed", again);
  document.addEventListener("change", onChange);
  document.addEventListener("click", onClick);
  document.addEventListener("focusin", onFocus);
  document.addEventListener("htmx:afterSwap", refresh);
  refresh();
}

export function cursor() {
  return document.querySelector("[data-rows] > [data-cursor]");
}

function rows() {
  return [...document.querySelectorAll("[data-rows] > [data-href]")].filter((row) => row.checkVisibility());
}

// Arrows scroll the page unless the list, or nothing, has the focus.
function inList(event) {
  return event.target === document.body || event.target.closest("[data-rows], .list") !== null;
}

function move(step) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.indexOf(cursor());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  place(next);
  (next.querySelector("a.key") ?? next.querySelector("a"))?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function place(row) {
  const before = cursor();
  if (before === row) return;
  before?.removeAttribute("data-cursor");
  row.setAttribute("data-cursor", "");
  row.dispatchEvent(new CustomEvent("korobka:cursor", { bubbles: true }));
}

function open(row) {
  if (!row) return false;
  const link = linkOf(row);
  link?.click();
  return link !== null;
}

function box(row) {
  return row?.querySelector('input[name="pick"]') ?? null;
}

function choose(row, on) {
  const input = box(row);
  if (!input) return;
  input.checked = on;
  mark(row, on);
}

// A row of a table says it as such; an item of a list has no such state, its box says it.
function mark(row, on) {
  if (row.matches("tr")) row.setAttribute("aria-selected", String(on));
  else row.toggleAttribute("data-chosen", on);
}

function toggle(row) {
  if (!box(row)) return false;
  choose(row, !box(row).checked);
  anchor = row;
  count();
  return true;
}

function linkOf(row) {
  return row?.querySelector("a.key") ?? row?.querySelector("a") ?? null;
}

function aside(row) {
  const link = linkOf(row);
  if (!link || link.getAttribute("href").startsWith("#")) return false;
  window.open(link.href, "_blank", "noopener");
  return true;
}

// A task about the order or the client under the cursor; on other lists T means what the page says.
function task(row) {
  const [, noun, number] = /^\/(orders|clients)\/(\d+)/.exec(row?.dataset.href ?? "") ?? [];
  const maker = document.querySelector('[data-makes] [hx-get="/tasks/new"]');
  if (!noun || !maker) return false;
  globalThis.htmx?.ajax("GET", `/tasks/new?${noun === "orders" ? "order" : "customer"}=${number}`, { target: "#windows", swap: maker.getAttribute("hx-swap") });
  return true;
}

// E: the main deed of a row. A row with a button of its own for it has that pressed (js/keys.js).
function main(row) {
  const deed = row?.closest("[data-main]")?.dataset.main;
  if (!deed || row.querySelector('[aria-keyshortcuts~="E"]')) return false;
  const [place] = row.dataset.href.split("?");
  if (deed === "edit") location.assign(`${place}/edit`);
  else globalThis.htmx?.ajax("POST", `${place}/${deed}`, { source: row, swap: "none" });
  return true;
}

// «.»: what can be done with the row, as the second step of the palette.
function menu(row) {
  const link = linkOf(row);
  if (!link) return false;
  const words = document.querySelector("#row-words").content;
  const said = (name) => words.querySelector(`[data-word=${name}]`).textContent;
  const own = [...row.querySelectorAll(":is(a, button)[aria-keyshortcuts]")].map((one) => [label(one), one, [one.getAttribute("aria-keyshortcuts")]]);
  const bar = box(row) ? [...document.querySelectorAll("[data-mass] > :is(button, .btn):not([data-mass-clear])")] : [];
  const deeds = bar.map((one) => [label(one), { click: () => { choose(row, true); count(); one.click(); } }, [one.getAttribute("aria-keyshortcuts") ?? ""]]);
  offer(link.textContent.trim(), [
    [said("open"), link, ["Enter"]],
    [said("aside"), { click: () => aside(row) }, ["Shift Enter"]],
    ...own,
    ...(box(row) ? [[said("choose"), { click: () => toggle(row) }, ["X"]]] : []),
    ...deeds,
  ]);
  return true;
}

// Answers false: the bar is there now, and the key goes on to its button (js/keys.js).
function chooseOne(key) {
  const bar = document.querySelector("[data-mass][hidden]");
  if (bar?.querySelector(`[aria-keyshortcuts~="${key}"]`) && box(cursor())) {
    choose(cursor(), true);
    count();
  }
  return false;
}

// The list as it is now; a list that a typed text found asks for that text once more.
function again() {
  const form = document.querySelector("form[data-again]");
  if (form) return form.requestSubmit();
  if (!document.querySelector("#found")) return document.dispatchEvent(new CustomEvent("work-changed"));
  globalThis.htmx?.ajax("GET", location.pathname + location.search, { target: "#found", select: "#found", swap: "outerHTML" });
}

function extend(step) {
  if (!box(cursor())) return false;
  choose(cursor(), true);
  move(step);
  choose(cursor(), true);
  count();
  return true;
}

function chooseAll() {
  const all = rows().filter(box);
  if (all.length === 0) return false;
  const on = !all.every((row) => box(row).checked);
  for (const row of all) choose(row, on);
  count();
  return true;
}

function clear() {
  const chosen = rows().filter((row) => box(row)?.checked);
  if (chosen.length === 0) return false;
  for (const row of chosen) choose(row, false);
  count();
  return true;
}

function onChange(event) {
  if (event.target.matches("input[data-all]")) return chooseAll();
  if (!event.target.matches('[data-rows] input[name="pick"]')) return;
  choose(event.target.closest("[data-href]"), event.target.checked);
  count();
}

function onClick(event) {
  if (event.target.closest("[data-mass-clear]")) return clear();
  const row = event.target.closest("[data-rows] > [data-href]");
  if (!row) return;
  place(row);
  if (event.target.closest(".tick")) {
    if (event.shiftKey && anchor) range(anchor, row);
    anchor = row;
  } else if (!event.target.closest("a, button, input, label, select")) {
    if (event.detail === 2) open(row);
  }
}

function range(from, to) {
  const all = rows();
  const [first, last] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const row of all.slice(Math.max(first, 0), last + 1)) choose(row, true);
  count();
}

function onFocus(event) {
  const row = event.target.closest("[data-rows] > [data-href]");
  if (row) place(row);
}

function refresh() {
  for (const input of document.querySelectorAll('[data-rows] input[name="pick"]')) {
    const row = input.closest("[data-href]");
    if (row) mark(row, input.checked);
  }
  count();
}

function count() {
  const bar = document.querySelector("[data-mass]");
  if (!bar) return;
  const all = rows().filter(box);
  const chosen = all.filter((row) => box(row).checked);
  const money = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  const sum = chosen.reduce((total, row) => total + Number(row.dataset.sum ?? 0), 0) / 100;
  bar.querySelector("[data-mass-count]").textContent = String(chosen.length);
  const place = bar.querySelector("[data-mass-sum]");
  if (place) place.textContent = `${money.format(sum)}\u00a0₽`;
  bar.hidden = chosen.length === 0;
  for (const head of document.querySelectorAll("input[data-all]")) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
}
