// Ctrl+K. Commands and screens are found in the page (every [data-go], and every control that names
// a key); records come from POST /palette?q=. A request in the wrong layout is tried both ways here.
import { bind } from "./keys.js";
import { show } from "./dialogs.js";

const QUIET = 80; // ms between the last letter and the question to the server
const EN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const RU = "йцукенгшщзхъфывапролджэячсмитьбюё";
let asked = null;
let timer = 0;

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
  if (dialog.open) return $("input").select();
  $("input").value = text;
  show(dialog);
  update();
}

function swapped(text) {
  const turn = (from, to) => [...text.toLowerCase()].map((c) => to[from.indexOf(c)] ?? c).join("");
  return /[а-яё]/i.test(text) ? turn(RU, EN) : turn(EN, RU);
}

function update() {
  const text = $("input").value.trim();
  local(text);
  clearTimeout(timer);
  asked?.abort();
  // «+» before a digit is the beginning of a phone, not the sign of «create».
  if (text.length < 2 || /^(?:[>=?]|\+(?!\d))/.test(text)) return busy(false);
  timer = setTimeout(ask, QUIET, text);
}

function local(text) {
  const list = $(".palette-l");
  if (text.startsWith("=")) {
    list.replaceChildren(...sum(text.slice(1)));
    return settle();
  }
  const wanted = text.replace(/^[>?+]/, "").trim().toLowerCase();
  const variants = [wanted, swapped(wanted)];
  const fits = (label) => variants.some((v) => label.toLowerCase().replaceAll("ё", "е").includes(v.replaceAll("ё", "е")));
  const blocks = text.startsWith("#") || text.startsWith("@") ? [] : [group("do", commands().filter(([label]) => fits(label))), group("go", screens().filter(([label]) => fits(label)))];
  list.replaceChildren(...blocks.flat());
  settle();
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
  return [...document.querySelectorAll(".head [aria-keyshortcuts], .bar button[aria-keyshortcuts], .sec [aria-keyshortcuts]")]
    .filter((element) => element.matches("a, button") && !element.matches("[data-palette]") && element.checkVisibility() && !element.disabled)
    .map((element) => [label(element), element, [element.getAttribute("aria-keyshortcuts").replace("Control+", "Ctrl ")]]);
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
  title.textContent = document.querySelector(`#palette-group-${kind}`).content.textContent;
  return [title, ...found.slice(0, 7).map(([text, element, keys], at) => option(kind, at, text, element, keys))];
}

function option(kind, at, text, element, keys) {
  const row = document.createElement("div");
  row.id = `palette-${kind}-${at}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", "false");
  row.append(document.querySelector(`#palette-icon-${kind}`).content.cloneNode(true));
  const name = document.createElement("span");
  name.textContent = text;
  const end = document.createElement("span");
  end.className = "push keys";
  for (const key of keys) {
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
    if (!answer.ok || mine.signal.aborted) return;
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
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  const all = options().filter((row) => row.getAttribute("aria-disabled") !== "true");
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  if (step && all.length > 0) select(all[(at + step + all.length) % all.length]);
  else if (event.key === "Enter" && at >= 0) choose(all[at], event.shiftKey);
  else return;
  event.preventDefault();
}

function choose(row, aside) {
  if (row.getAttribute("aria-disabled") === "true") return;
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
