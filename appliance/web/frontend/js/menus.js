// Menus: native popovers, placed under (or above) their button; arrows move, Esc closes by itself.

const GAP = 4;

export function startMenus() {
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-menu] :is([role=menuitem], [data-dialog])");
    if (!item) return;
    if (item.getAttribute("aria-disabled") === "true") event.preventDefault();
    else item.closest("[popover]").hidePopover();
  });
}

function opener(menu) {
  return [...document.querySelectorAll(`[popovertarget="${CSS.escape(menu.id)}"]`)].find((button) => button.checkVisibility());
}

function onToggle(event) {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches("[data-menu]")) return;
  const button = opener(menu);
  button?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open" || !button) return;
  place(menu, button.getBoundingClientRect());
  items(menu)[0]?.focus();
  menu.setAttribute("data-fresh", "");
}

// By CSSOM: the security policy forbids style attributes, not scripts that set properties.
function place(menu, at) {
  const below = at.bottom + GAP + menu.offsetHeight <= innerHeight;
  menu.style.top = `${Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - menu.offsetHeight)}px`;
  menu.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - menu.offsetWidth - GAP))}px`;
}

function items(menu) {
  return [...menu.querySelectorAll("a[href], button:not(:disabled)")];
}

function onKey(event) {
  const menu = event.target.closest?.("[data-menu]");
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (step) menu.removeAttribute("data-fresh");
  const next = step ? all[(at + step + all.length) % all.length] : beginning(event, all, at);
  if (!next) return;
  next.focus();
  event.preventDefault();
}

// A letter goes to the next item that begins with it; in a menu just opened the first one counts, too.
function beginning(event, all, at) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const letter = event.key.toLowerCase();
  const menu = event.target.closest("[data-menu]");
  const from = menu.hasAttribute("data-fresh") ? at : at + 1;
  menu.removeAttribute("data-fresh");
  return [...all.slice(from), ...all.slice(0, from)].find((item) => item.textContent.trim().toLowerCase().startsWith(letter));
}
