// Sign-in: Caps Lock and the keyboard layout are shown in the password field, the eye opens it.

export function startDoor() {
  for (const field of document.querySelectorAll("[data-password]")) {
    const input = field.querySelector("input");
    field.querySelector("[data-eye]").addEventListener("click", (event) => {
      const open = input.type === "password";
      input.type = open ? "text" : "password";
      event.currentTarget.setAttribute("aria-pressed", String(open));
      input.focus();
    });
    input.addEventListener("keydown", (event) => mark(field, event));
    input.addEventListener("keyup", (event) => mark(field, event));
  }
}

function mark(field, event) {
  field.querySelector("[data-caps]").hidden = !event.getModifierState("CapsLock");
  const layout = /^[а-яё]$/i.test(event.key) ? "RU" : /^[a-z]$/i.test(event.key) ? "EN" : "";
  if (layout === "") return;
  const place = field.querySelector("[data-layout]");
  place.textContent = layout;
  place.hidden = false;
}
