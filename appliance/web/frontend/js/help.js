// «?»: the keys of this screen are read from the screen itself; both letters are shown (N / Т).
import { bind } from "./keys.js";
import { show } from "./dialogs.js";
import { label } from "./palette.js";

const RUSSIAN = Object.fromEntries([..."QWERTYUIOPASDFGHJKLZXCVBNM"].map((c, at) => [c, "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ"[at]]));

export function startHelp() {
  const dialog = document.querySelector("#help");
  if (!dialog) return;
  const open = () => {
    fill(dialog.querySelector("[data-here]"));
    show(dialog);
  };
  bind("?", open);
  bind("F1", open, { inField: true });
  bind("/", () => {
    const field = document.querySelector(".filter input, [data-search]");
    field?.focus();
    return field !== null;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-dialog="help"]')) fill(dialog.querySelector("[data-here]"));
  });
}

function fill(section) {
  const rows = new Map();
  for (const element of document.querySelectorAll(".work [aria-keyshortcuts]")) {
    const keys = element.getAttribute("aria-keyshortcuts");
    if (keys !== "Control+K" && element.checkVisibility() && !rows.has(keys)) rows.set(keys, label(element) || element.getAttribute("title"));
  }
  const at = document.querySelector(".app")?.dataset.section;
  const book = document.querySelector("[data-book]");
  if (at && book) book.href = `/help?${new URLSearchParams({ at, on: location.pathname })}`;
  section.hidden = rows.size === 0;
  section.querySelector("dl").replaceChildren(...[...rows].map(([keys, text]) => line(keys, text)));
}

function line(keys, text) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  const hint = document.createElement("kbd");
  term.textContent = text;
  const shown = keys.replace("Control+", "Ctrl ").replace("Escape", "Esc");
  hint.textContent = RUSSIAN[shown] && document.documentElement.lang === "ru" ? `${shown} / ${RUSSIAN[shown]}` : shown;
  value.append(hint);
  row.append(term, value);
  return row;
}
