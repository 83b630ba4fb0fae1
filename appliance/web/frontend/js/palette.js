// Ctrl+K. Commands and screens are found in the page (every [data-go], and every control that names
// a key); records come from POST /palette?q=. A request in the wrong layout is tried both ways here.
import { bind } from "./keys.js";
import { show } from "./dialogs.js";

const QUIET = 80; // ms between the last letter and the question to the server
const EN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const RU = "йцукенгшщзхъфывапролджэячсмитьбюё";
let asked = null;
let timer = 0;
let step = null; // the second step of a command: { title, rows(text), run(text) }

const $ = (query) => document.querySelector(`#palette ${query}`);

export function startPalette() {
  const dialog = document.querySelector("#palette");
  if (!dialog) return;
  const open = () => openWith("");
  bind("Control+K", open, { inField: true, inModal: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) open();
  });
  $("input").addEventListener("input", update);
  dialog.addEventListener("keydown", onKey);
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option, event.shiftKey || event.ctrlKey);
  });
  dialog.addEventListener("close", () => asked?.abort());
}

function openWith(text) {
  const dialog = document.querySelector("#palette");
  if (!dialog) return;
  if (dialog.open) return $("input").select();
  $("input").value = text;
  go(null);
  show(dialog);
  update();
}

/** Offer these deeds, each [name, element or { click }, keys], as the second step of `title`. */
export function offer(title, rows) {
  openWith("");
  go({ title, rows });
  update();
}

// The second step of a command: «Статус ▸ Подтверждён». Backspace in an empty line leads back.
function go(next) {
  step = next;
  const chip = $("[data-palette-step]");
  chip.hidden = !step;
  chip.textContent = step ? `${step.title.replace(/…$/, "")} ▸` : "";
  const input = $("input");
  input.dataset.hint ??= input.placeholder;
  input.placeholder = step?.hint ?? (step ? "" : input.dataset.hint);
}

function swapped(text) {
  const turn = (from, to) => [...text.toLowerCase()].map((c) => to[from.indexOf(c)] ?? c).join("");
  return /[а-яё]/i.test(text) ? turn(RU, EN) : turn(EN, RU);
}

function update() {
  const text = $("input").value.trim();
  clearTimeout(timer);
  asked?.abort();
  if (step) {
    $(".palette-l").replaceChildren(...group("step", step.rows.filter(([label]) => fitting(text)(label))));
    settle();
    return busy(false);
  }
  local(text);
  // «+» before a digit is the beginning of a phone, not the sign of «create».
  if (text.length === 1 && text !== "?" || /^(?:[>=]|\+(?!\d))/.test(text)) return busy(false);
  timer = setTimeout(ask, QUIET, text);
}

function local(text) {
  const list = $(".palette-l");
  if (text.startsWith("=")) {
    list.replaceChildren(...sum(text.slice(1)));
    return settle();
  }
  const wanted = text.replace(/^[>+]/, "").trim();
  const fits = fitting(wanted);
  const found = (all) => all.filter(([label]) => fits(label));
  const making = /^\+(?!\d)/.test(text);
  const blocks = /^[#@?]/.test(text) ? []
    : making ? [group("make", found(makes()))]
    : [group("do", found(commands())), group("go", text.startsWith(">") ? [] : found(screens())), wanted ? group("make", found(makes())) : []];
  list.replaceChildren(...blocks.flat());
  settle();
}

// Whether a name holds what was typed, in either layout, ё or е.
function fitting(typed) {
  const plain = (text) => text.toLowerCase().replaceAll("ё", "е");
  const variants = [plain(typed), plain(swapped(typed))];
  return (label) => variants.some((variant) => plain(label).includes(variant));
}

function makes() {
  return [...document.querySelectorAll("[data-makes] a")].map((link) => [link.textContent, link, []]);
}

// «=»: a sum. Only digits, brackets and the four deeds, so nothing of it can be a name or a command.
function sum(text) {
  const tokens = text.replaceAll(/[\s\u00a0]/g, "").replaceAll(",", ".").match(/\d+(?:\.\d+)?|[-+*/()%]/g) ?? [];
  let at = 0;
  const atom = () => {
    if (tokens[at] === "-") { at += 1; return -atom(); }
    if (tokens[at] !== "(") return Number(tokens[at++]);
    at += 1;
    const inner = terms();
    at += 1;
    return inner;
  };
  const factors = () => {
    let value = atom();
    while (/^[*/%]$/.test(tokens[at] ?? "")) {
      const deed = tokens[at++];
      if (deed === "%") value /= 100;
      else value = deed === "*" ? value * atom() : value / atom();
    }
    return value;
  };
  const terms = () => {
    let value = factors();
    while (/^[+-]$/.test(tokens[at] ?? "")) value = tokens[at++] === "+" ? value + factors() : value - factors();
    return value;
  };
  const value = tokens.length > 0 ? terms() : Number.NaN;
  if (!Number.isFinite(value) || at < tokens.length) return [];
  const shown = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 6 }).format(value);
  const row = option("do", 0, `= ${shown}`, null, []);
  row.dataset.copy = String(value);
  return [row];
}

function screens() {
  return [...document.querySelectorAll(".side [data-go]")].map((link) => [link.querySelector("span").textContent, link, ["G", link.dataset.go]]);
}

function commands() {
  const here = ".head, .bar, .sec, .mass:not([hidden]), [data-cursor]";
  const found = [...document.querySelectorAll(":is(a, button)[aria-keyshortcuts], :is(.head, .mass) button[popovertarget]")]
    .filter((element) => element.closest(here) && !element.matches("[data-palette]") && element.checkVisibility() && !element.disabled)
    .map((element) => [nameOf(element), element, keysOf(element)]);
  const task = document.querySelector('.side [data-section="tasks"]') && ["palette-task", "palette-task-hint"].map(said);
  return task ? [...found, [task[0], { korobkaTask: task[1] }, []]] : found;
}

// A menu is called by its own name where its button only says what is chosen now.
function nameOf(element) {
  const own = label(element);
  const menu = document.getElementById(element.getAttribute("popovertarget") ?? "")?.getAttribute("aria-label");
  return menu && menu !== own ? `${menu}: ${own}` : own;
}

function keysOf(element) {
  const keys = element.getAttribute("aria-keyshortcuts");
  return keys ? [keys.replace("Control+", "Ctrl ")] : [];
}

function said(id) {
  return document.getElementById(id).content.textContent;
}

/** What a control is called, without its key. */
export function label(element) {
  const named = element.getAttribute("aria-label");
  if (named) return named;
  return [...element.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim();
}

function group(kind, found) {
  if (found.length === 0) return [];
  const title = document.createElement("div");
  title.className = "menu-t";
  title.setAttribute("role", "presentation");
  if (kind === "step") title.textContent = step.title;
  else title.textContent = said(`palette-group-${kind}`);
  return [title, ...found.slice(0, kind === "step" ? 40 : 7).map(([text, element, keys], at) => option(kind, at, text, element, keys))];
}

function option(kind, at, text, element, keys) {
  const row = document.createElement("div");
  row.id = `palette-${kind}-${at}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  row.append(document.querySelector(kind === "go" ? "#palette-icon-go" : "#palette-icon-do").content.cloneNode(true));
  const name = document.createElement("span");
  name.textContent = text;
  const end = document.createElement("span");
  end.className = "push keys";
  for (const key of keys.filter(Boolean)) {
    const hint = document.createElement("kbd");
    hint.setAttribute("aria-hidden", "true");
    hint.textContent = key;
    end.append(hint);
  }
  row.append(name, end);
  row.korobkaElement = element;
  return row;
}

async function ask(text) {
  const mine = (asked = new AbortController());
  busy(true);
  try {
    // By POST: what is searched for may be a name or a phone, and addresses are kept in logs.
    const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
    const answer = await fetch("/palette", { method: "POST", headers: { "HX-Request": "true", ...token }, body: new URLSearchParams({ q: text, other: swapped(text) }), signal: mine.signal });
    if (!answer.ok || mine.signal.aborted || step) return;
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    $(".palette-l").prepend(template.content);
    settle(true);
  } catch (problem) {
    if (problem.name !== "AbortError") document.dispatchEvent(new CustomEvent("toast", { detail: { failed: true } }));
  } finally {
    if (asked === mine) busy(false);
  }
}

function busy(on) {
  $(".palette-q").setAttribute("aria-busy", String(on));
  if (!on) settle();
}

function options() {
  return [...document.querySelectorAll("#palette [role=option]")];
}

function settle(restart = false) {
  const all = options();
  const now = all.find((o) => o.getAttribute("aria-selected") === "true");
  if (restart || !now) select(all.find((o) => o.getAttribute("aria-disabled") !== "true"));
  const waits = $(".palette-q").getAttribute("aria-busy") === "true";
  $("[data-palette-empty]").hidden = all.length > 0 || waits;
}

function select(row) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === row));
  $("input").setAttribute("aria-activedescendant", row?.id ?? "");
  row?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (step && event.key === "Backspace" && $("input").value === "") { go(null); return update(); }
  if (step?.run && event.key === "Enter") { event.preventDefault(); return step.run($("input").value.trim()); }
  const all = options().filter((row) => row.getAttribute("aria-disabled") !== "true");
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  if (by && all.length > 0) select(all[(at + by + all.length) % all.length]);
  else if (event.key === "Enter" && at >= 0) choose(all[at], event.shiftKey);
  else return;
  event.preventDefault();
}

function choose(row, aside) {
  if (row.getAttribute("aria-disabled") === "true") return;
  const next = second(row);
  if (next) {
    go(next);
    $("input").value = "";
    return update();
  }
  document.querySelector("#palette").close();
  if (row.dataset.ask) {
    globalThis.htmx?.ajax("POST", row.dataset.ask, { target: "#windows", swap: row.dataset.swap, values: { contact: row.dataset.contact } });
    return;
  }
  if (row.dataset.copy) return void navigator.clipboard?.writeText(row.dataset.copy);
  const address = row.dataset.href ?? row.korobkaElement?.href;
  if (address && aside) open(address, "_blank", "noopener");
  else if (row.dataset.href) location.assign(row.dataset.href);
  else row.korobkaElement?.click();
}

// Commands of two steps: a menu gives its items, a call-back asks when and what about.
function second(row) {
  const element = row.korobkaElement;
  const title = (row.querySelector("span")?.textContent ?? "").split(":")[0];
  if (element?.korobkaTask) return { title, hint: element.korobkaTask, rows: [], run: callBack };
  const menu = element instanceof Element && document.getElementById(element.getAttribute("popovertarget") ?? "");
  if (!menu || !menu.matches("[data-menu]")) return null;
  const items = [...menu.querySelectorAll('[role="menuitem"]:not([aria-disabled="true"])')];
  return items.length > 0 ? { title, rows: items.map((item) => [label(item).replaceAll(/\s+/g, " "), item, keysOf(item)]) } : null;
}

function callBack(text) {
  if (!text) return;
  document.querySelector("#palette").close();
  globalThis.htmx?.ajax("POST", "/tasks/quick", { target: "#windows", swap: "none", values: { q: `${said("palette-task-verb")} ${text}` } });
}
