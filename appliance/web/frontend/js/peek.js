// Preview at the right: Space opens the row under the cursor, arrows change it, Esc closes.
// The place is [data-peek-place]; the server answers data-peek of the row with an <aside class="peek">.
import { bind } from "./keys.js";
import { cursor } from "./rows.js";

const QUIET = 120; // ms the cursor must rest before the next preview is asked for
let asked = null;
let timer = 0;

export function startPeek() {
  bind("Space", () => (shown() ? close() : load(cursor())));
  bind("Escape", close);
  document.addEventListener("korobka:cursor", (event) => {
    if (!shown()) return;
    clearTimeout(timer);
    timer = setTimeout(load, QUIET, event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-peek-close]")) close();
  });
}

function shown() {
  return document.querySelector("[data-peek-place] > .peek");
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  const aside = shown();
  if (!aside) return false;
  const hadFocus = aside.contains(document.activeElement);
  aside.remove();
  if (hadFocus) (cursor()?.querySelector("a") ?? document.querySelector("#main"))?.focus();
  return true;
}

function load(row) {
  const place = document.querySelector("[data-peek-place]");
  if (!place || !row?.dataset.peek) return false;
  fetchInto(place, row);
  return true;
}

async function fetchInto(place, row) {
  asked?.abort();
  const mine = (asked = new AbortController());
  shown()?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(row.dataset.peek, { headers: { "HX-Request": "true" }, signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const aside = template.content.querySelector(".peek");
    if (mine.signal.aborted || !aside) return;
    const before = shown();
    if (before) before.replaceWith(aside);
    else place.append(aside);
    globalThis.htmx?.process(aside);
    row.scrollIntoView({ block: "nearest" });
  } catch (problem) {
    if (problem.name === "AbortError") return;
    shown()?.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("toast", { detail: { failed: true } }));
  }
}
