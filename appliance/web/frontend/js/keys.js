// Keys by their place on the board (event.code), so that they work in the Russian layout.
// Elements name their key in aria-keyshortcuts («N», «Control+Enter»); the press clicks or focuses
// them. Single letters act outside fields only; in fields after the leader Ctrl+;.

const PLACES = {
  Slash: "/", Period: ".", Comma: ",", Semicolon: ";", BracketLeft: "[", BracketRight: "]",
  Minus: "-", Equal: "=", NumpadEnter: "Enter",
};
const FIELD = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const WAIT = 1500; // ms for the second key of G… and of the leader

const bound = new Map(); // combination -> [{ run, inField, inModal }]
let waiting = ""; // "G", "V" or "leader"
let timer = 0;

/** Bind a combination; `run` answers false to let the key go on. Later bindings come first. */
export function bind(combination, run, { inField = false, inModal = false } = {}) {
  const list = bound.get(combination) ?? [];
  list.unshift({ run, inField, inModal });
  bound.set(combination, list);
}

/** Is the element a place where letters are typed? */
export function isField(element) {
  return element instanceof Element && element.closest(FIELD) !== null;
}

/** The topmost open dialog, if any. */
export function openDialog() {
  return [...document.querySelectorAll("dialog[open]")].at(-1) ?? null;
}

/** Name a press: «Control+Shift+A», «N», «?», «Escape». */
export function combinationOf(event) {
  if (event.key === "?" ) return "?";
  let key = event.code.startsWith("Key") ? event.code.slice(3)
    : event.code.startsWith("Digit") ? event.code.slice(5)
    : PLACES[event.code] ?? event.code;
  if (event.code === "" || event.code === "Unidentified") key = event.key;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Control");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey) parts.push("Shift");
  return [...parts, key].join("+");
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat && event.code === "Enter") return;
  if (["ControlLeft", "ControlRight", "ShiftLeft", "ShiftRight", "AltLeft", "AltRight", "MetaLeft"].includes(event.code)) return;
  const combination = combinationOf(event);
  const before = waiting;
  forget();
  if (combination === "Control+;") return hold("leader", event);
  if (before === "G" && go(combination)) return event.preventDefault();
  if (before === "V" && look(combination)) return event.preventDefault();
  const typing = isField(event.target) && before !== "leader";
  const letter = combination.length === 1;
  if (letter && before !== "leader" && document.documentElement.dataset.letters === "off" && combination !== "?") return;
  const modal = openDialog();
  if (combination === "G" && !typing && !modal) return hold("G", event);
  if (combination === "V" && !typing && !modal && document.querySelector("[data-view]")) return hold("V", event);
  // Some deeds are reached from anywhere, whatever the letter means on this page (data-leader).
  if (before === "leader" && !modal && lead(combination)) return event.preventDefault();
  if (runBound(combination, event, typing, modal) || pressElement(combination, typing && letter, modal, event)) {
    event.preventDefault();
  }
}

function hold(what, event) {
  waiting = what;
  timer = setTimeout(forget, WAIT);
  event.preventDefault();
}

function forget() {
  clearTimeout(timer);
  waiting = "";
}

function go(letter) {
  const link = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
  link?.click();
  return link !== null;
}

// V and then T (table), B (board): the same data seen otherwise.
function look(letter) {
  const link = document.querySelector(`[data-view="${CSS.escape(letter)}"]`);
  link?.click();
  return link !== null;
}

function lead(letter) {
  const named = `[data-leader="${CSS.escape(letter)}"]`;
  const element = document.querySelector(`[data-call] ${named}`) ?? document.querySelector(named);
  element?.click();
  return element !== null;
}

function runBound(combination, event, typing, modal) {
  for (const { run, inField, inModal } of bound.get(combination) ?? []) {
    if (typing && !inField || modal && !inModal) continue;
    if (run(event) !== false) return true;
  }
  return false;
}

function pressElement(combination, blocked, modal, event) {
  if (blocked || combination === "Escape" || combination === "Enter") return false;
  const query = `[aria-keyshortcuts~="${CSS.escape(combination)}"]`;
  const scopes = modal ? [modal] : [
    event.target.closest?.("[data-call]"),
    document.querySelector("[popover]:popover-open"), document.querySelector("[data-rows] > [data-cursor]"),
    document.querySelector("[data-mass]:not([hidden])"), document.querySelector("[data-peek-open]"), document,
  ];
  for (const scope of scopes) {
    for (const element of scope?.querySelectorAll(query) ?? []) {
      if (usable(element)) return press(element, event);
    }
  }
  return false;
}

function usable(element) {
  return element.checkVisibility() && !element.disabled && element.getAttribute("aria-disabled") !== "true";
}

function press(element) {
  if (isField(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
  return true;
}
