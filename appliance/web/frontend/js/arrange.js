// A list whose rows are put in order ([data-arrange] > li): buttons and Shift+arrows move a row.

export function startArrange() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-arrange-up], [data-arrange-down]");
    if (button) move(button.closest("li"), button.matches("[data-arrange-up]") ? -1 : 1, button);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-arrange] > li");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
    if (!row || !step) return;
    if (event.shiftKey) move(row, step, event.target);
    else (step < 0 ? row.previousElementSibling : row.nextElementSibling)?.querySelector("input")?.focus();
    event.preventDefault();
  });
}

function move(row, step, focus) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  focus.focus();
}
