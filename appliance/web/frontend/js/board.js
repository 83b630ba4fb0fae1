// The board of deals: arrows choose a card, Shift+arrows and the menu (M and a letter) carry it, the
// mouse drags it. The cursor itself is that of lists (js/rows.js). Rows of goods in forms, too.
import { bind } from "./keys.js";
import { cursor } from "./rows.js";

const RUSSIAN = Object.fromEntries([..."QWERTYUIOPASDFGHJKLZXCVBNM"].map((c, at) => [`Key${c}`, "йцукенгшщзфывапролдячсмить"[at]]));
const GAP = 4;

let carried = ""; // number of the deal on its way
let dragged = null;

export function startBoard() {
  bind("ArrowRight", (event) => aside(event, 1));
  bind("ArrowLeft", (event) => aside(event, -1));
  bind("ArrowDown", (event) => along(event, 1));
  bind("ArrowUp", (event) => along(event, -1));
  bind("Shift+ArrowRight", () => carry(1));
  bind("Shift+ArrowLeft", () => carry(-1));
  bind("M", () => openMenu(cursor()));
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onMenuKey, true);
  document.addEventListener("dragstart", onDragStart);
  document.addEventListener("dragover", onDragOver);
  document.addEventListener("dragleave", (event) => event.target.closest?.("[data-over]")?.removeAttribute("data-over"));
  document.addEventListener("drop", onDrop);
  document.addEventListener("dragend", onDragEnd);
  document.addEventListener("htmx:afterSettle", land);
}

function board() {
  return document.querySelector("[data-board]");
}

function onBoard(event) {
  return board() && (event.target === document.body || event.target.closest("[data-board], .body") !== null);
}

function columns() {
  return [...board().querySelectorAll(".col")];
}

function cardsOf(column) {
  return [...column.querySelectorAll(".bcard")];
}

function choose(card) {
  if (!card) return;
  card.querySelector("a.key").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// To the neighbouring column that has cards, at the same height.
function aside(event, step) {
  if (!onBoard(event)) return false;
  const all = columns();
  const now = cursor()?.closest(".col");
  if (!now) {
    choose(board().querySelector(".bcard"));
    return true;
  }
  const height = cardsOf(now).indexOf(cursor());
  for (let at = all.indexOf(now) + step; at >= 0 && at < all.length; at += step) {
    const cards = cardsOf(all[at]);
    if (cards.length === 0) continue;
    choose(cards[Math.min(height, cards.length - 1)]);
    break;
  }
  return true;
}

function along(event, step) {
  if (!onBoard(event)) return false;
  const now = cursor()?.closest(".col");
  const cards = now ? cardsOf(now) : [];
  const next = now ? cards[cards.indexOf(cursor()) + step] : board().querySelector(".bcard");
  if (next) choose(next);
  else if (step > 0) now?.querySelector(".more")?.focus();
  return true;
}

function carry(step) {
  if (!board()) return false;
  const card = cursor();
  const all = columns();
  const to = card && all[all.indexOf(card.closest(".col")) + step];
  if (to) send(card, to.dataset.stage);
  return true;
}

function send(card, stage) {
  const place = board();
  if (!place?.hasAttribute("data-may-move") || card.closest("[data-stage]").dataset.stage === stage) return;
  carried = card.dataset.deal;
  card.setAttribute("aria-busy", "true");
  const values = { stage, version: card.dataset.version, from: "board", filter: place.dataset.filter, q: place.dataset.q };
  globalThis.htmx?.ajax("POST", `/deals/${carried}/move`, { target: "#found", swap: "outerHTML", values });
}

// After a move the board is drawn anew: the cursor stays with the deal that was carried. The board may
// be read anew beside it, because a colleague did something: only the answer to the move ends it.
function land(event) {
  if (!carried || !board()) return;
  if (event.target.id === "dialogs") {
    board().querySelector(`[data-deal="${CSS.escape(carried)}"]`)?.removeAttribute("aria-busy");
    return;
  }
  choose(board().querySelector(`[data-deal="${CSS.escape(carried)}"]`));
  if (event.detail.requestConfig?.verb === "post") carried = "";
}

function onClick(event) {
  const opener = event.target.closest("[data-move]");
  if (opener) return openMenu(opener.closest(".bcard"));
  const item = event.target.closest("[data-move-menu] [data-to]");
  if (item) return send(item.parentElement.korobkaCard, item.dataset.to);
  const more = event.target.closest("[data-goods-more]");
  if (more) addGoods(more);
}

function openMenu(card) {
  const menu = document.querySelector("[data-move-menu]");
  if (!menu || !card?.closest("[data-may-move]")) return false;
  menu.korobkaCard = card;
  for (const item of menu.children) item.disabled = item.dataset.to === card.closest(".col").dataset.stage;
  menu.showPopover();
  const at = card.getBoundingClientRect();
  menu.style.top = `${Math.max(GAP, Math.min(at.top, innerHeight - menu.offsetHeight - GAP))}px`;
  const right = at.right + GAP + menu.offsetWidth <= innerWidth;
  menu.style.left = `${Math.max(GAP, right ? at.right + GAP : at.left - GAP - menu.offsetWidth)}px`;
  menu.querySelector("button:not(:disabled)")?.focus();
  return true;
}

// A letter that only one stage begins with carries the deal at once; else it goes to the next such stage.
function onMenuKey(event) {
  const menu = event.target.closest?.("[data-move-menu]");
  if (!menu || event.ctrlKey || event.altKey || event.metaKey || !event.code.startsWith("Key")) return;
  const letters = [event.key.toLowerCase(), RUSSIAN[event.code]];
  const fits = [...menu.querySelectorAll("button:not(:disabled)")].filter((item) => letters.includes(item.textContent.trim()[0]?.toLowerCase()));
  event.preventDefault();
  if (fits.length === 1) fits[0].click();
  else fits[(fits.indexOf(document.activeElement) + 1) % fits.length]?.focus();
}

function onDragStart(event) {
  const card = event.target.closest?.(".bcard[draggable]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.setData("text/plain", card.dataset.deal);
  event.dataTransfer.effectAllowed = "move";
  requestAnimationFrame(() => card.setAttribute("data-state", "drag"));
}

function onDragOver(event) {
  const place = dragged && event.target.closest?.("[data-stage]");
  if (!place) return;
  event.preventDefault();
  for (const other of document.querySelectorAll("[data-over]")) if (other !== place) other.removeAttribute("data-over");
  place.setAttribute("data-over", "");
}

function onDrop(event) {
  const place = dragged && event.target.closest?.("[data-stage]");
  if (!place) return;
  event.preventDefault();
  send(dragged, place.dataset.stage);
}

function onDragEnd() {
  dragged?.removeAttribute("data-state");
  dragged = null;
  for (const place of document.querySelectorAll("[data-over]")) place.removeAttribute("data-over");
}

function addGoods(button) {
  const rows = button.parentElement.querySelectorAll("[data-goods-row]");
  const fresh = rows[rows.length - 1].cloneNode(true);
  for (const input of fresh.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("aria-invalid");
  }
  fresh.querySelector(".err")?.remove();
  rows[rows.length - 1].after(fresh);
  fresh.querySelector("input").focus();
}
