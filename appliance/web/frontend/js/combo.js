// A field with suggestions ([data-combo]): htmx fills the list, arrows walk it, Enter takes the
// marked one. Enter pressed before the list came takes the first as soon as it is there: a barcode
// scanner types faster than anybody answers. Hints (data-combo="hints") are different: what was
// typed stands, and Enter takes one only after an arrow marked it; it fills fields that are empty.

const waiting = new WeakSet(); // fields whose Enter waits for the list

export function startCombos() {
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("input", (event) => boxOf(event.target)?.removeAttribute("data-fresh"));
  // After settling: only then do the new options answer to a press.
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = event.detail.elt.closest?.("[role=listbox]");
    if (list?.closest("[data-combo]")) came(list);
  });
  document.addEventListener("focusout", (event) => {
    const box = boxOf(event.target);
    if (box && !box.contains(event.relatedTarget)) close(box);
  });
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-combo] [role=option]")) event.preventDefault(); // keep the focus
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-combo=hints] [role=option][data-fill]");
    if (row) fill(row);
  });
  document.addEventListener("htmx:afterSettle", () => {
    const field = document.activeElement;
    if (field?.matches("input[data-select]")) field.select();
  });
}

function boxOf(element) {
  return element instanceof Element && element.matches("[role=combobox]") ? element.closest("[data-combo]") : null;
}

function isHints(box) {
  return box.dataset.combo === "hints";
}

function fill(row) {
  const box = row.closest("[data-combo]");
  const field = box.querySelector("[role=combobox]");
  for (const [name, text] of Object.entries(JSON.parse(row.dataset.fill))) {
    const other = field.form?.elements.namedItem(name);
    if (!other || !("value" in other) || (other !== field && other.value.trim() !== "")) continue;
    other.value = text;
    other.dispatchEvent(new Event("change", { bubbles: true }));
  }
  close(box);
  field.focus();
}

function options(box) {
  return [...box.querySelectorAll("[role=option]:not([aria-disabled=true])")];
}

function came(list) {
  const box = list.closest("[data-combo]");
  const field = box.querySelector("[role=combobox]");
  box.setAttribute("data-fresh", "");
  const open = list.querySelector("[role=option]") !== null && document.activeElement === field;
  list.hidden = !open;
  field.setAttribute("aria-expanded", String(open));
  mark(box, isHints(box) ? undefined : options(box)[0]);
  if (isHints(box) && open) list.scrollIntoView({ block: "nearest" });
  if (waiting.has(field)) {
    waiting.delete(field);
    options(box)[0]?.click();
  }
}

function close(box) {
  box.querySelector("[role=listbox]").hidden = true;
  const field = box.querySelector("[role=combobox]");
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
  waiting.delete(field);
}

function mark(box, row) {
  for (const other of options(box)) other.setAttribute("aria-selected", String(other === row));
  const field = box.querySelector("[role=combobox]");
  if (row) field.setAttribute("aria-activedescendant", row.id);
  else field.removeAttribute("aria-activedescendant");
  row?.scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  const box = boxOf(event.target);
  if (!box || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const list = box.querySelector("[role=listbox]");
  const all = options(box);
  const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (step && all.length > 0) {
    list.hidden = false;
    event.target.setAttribute("aria-expanded", "true");
    mark(box, all[at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length]);
  } else if (event.key === "Enter") {
    if (event.target.value.trim() === "" || (isHints(box) && at < 0)) return;
    if (!box.hasAttribute("data-fresh")) waiting.add(event.target);
    else all[Math.max(at, 0)]?.click();
  } else if (event.key === "Escape" && !list.hidden) {
    close(box);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
