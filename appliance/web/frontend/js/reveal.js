// A shown contact goes back to dots by itself; copying it is told to the server, as the log wants.

const timers = new WeakMap();

export function startReveal() {
  document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && watch(event.detail.elt));
  document.addEventListener("click", (event) => {
    const contact = event.target.closest("[data-hide]")?.closest(".contact");
    if (contact) hide(contact);
  });
  document.addEventListener("copy", () => {
    const contact = getSelection()?.anchorNode?.parentElement?.closest(".contact[data-open]");
    if (contact) globalThis.htmx?.ajax("POST", `${contact.dataset.href}/copied`, { target: contact, swap: "none" });
  });
}

function watch(element) {
  const contact = element.matches?.(".contact[data-open]") ? element : element.querySelector?.(".contact[data-open]");
  if (!contact || timers.has(contact)) return;
  timers.set(contact, setTimeout(hide, Number(contact.dataset.seconds) * 1000, contact));
  contact.querySelector("[tabindex]")?.focus();
}

function hide(contact) {
  clearTimeout(timers.get(contact));
  const template = document.querySelector("#contact-template");
  const masked = template.content.firstElementChild.cloneNode(true);
  masked.firstElementChild.textContent = contact.dataset.masked;
  const button = masked.querySelector("button");
  button.setAttribute("hx-post", contact.dataset.href);
  if (contact.dataset.keys) button.setAttribute("aria-keyshortcuts", contact.dataset.keys);
  else button.querySelector("kbd")?.remove();
  const hadFocus = contact.contains(document.activeElement);
  contact.replaceWith(masked);
  globalThis.htmx?.process(masked);
  if (hadFocus) button.focus();
}
