// Groups of a list: the head folds the rows after it, up to the next head. Shift+S keeps the view.
import { show } from "./dialogs.js";
import { bind } from "./keys.js";

export function startGroups() {
  bind("Shift+S", () => {
    const dialog = document.getElementById("keep-view");
    show(dialog);
    return dialog !== null;
  });
  document.addEventListener("click", (event) => {
    const head = event.target.closest("[data-fold]");
    if (head) fold(head, head.getAttribute("aria-expanded") !== "true");
  });
}

function fold(head, open) {
  head.setAttribute("aria-expanded", String(open));
  for (let row = head.closest("tr").nextElementSibling; row && !row.matches(".group"); row = row.nextElementSibling) row.hidden = !open;
}
