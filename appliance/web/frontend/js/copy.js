// data-copy="id": puts the value of a field on the clipboard and says so; data-select marks it whole.

export function startCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // the value is marked: Ctrl+C is left
    }
    button.textContent = button.dataset.said;
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches?.("input[data-select]")) event.target.select();
  });
}
