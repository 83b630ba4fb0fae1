// The input line of a stream: a chosen kind leads into the field it needs, a colleague is called by
// an @, files are dropped or pasted onto it.

export function startStream() {
  document.addEventListener("change", (event) => {
    if (event.target.matches('[data-compose] [name="kind"]')) lead(event.target.form, event.target.value);
  });
  document.addEventListener("click", (event) => {
    const kind = event.target.closest('[data-compose] [name="kind"]');
    if (kind) lead(kind.form, kind.value);
    const one = event.target.closest("[data-mention]");
    if (one) call(document.querySelector("#compose-text"), one.dataset.mention);
  });
  document.addEventListener("dragover", (event) => over(event));
  document.addEventListener("dragleave", (event) => event.target.closest?.("[data-compose]")?.removeAttribute("data-over"));
  document.addEventListener("drop", onDrop);
  document.addEventListener("paste", onPaste);
  // The call card leads here to write a note.
  if (new URLSearchParams(location.search).has("note")) document.querySelector("#compose-text")?.focus();
}

function lead(form, kind) {
  const field = form.querySelector(kind === "file" ? '[name="file"]' : "textarea");
  // A file is chosen by Enter or Space on the field: browsers open no window by themselves.
  field.focus();
}

function call(field, login) {
  const before = field.value.slice(0, field.selectionStart);
  const gap = before === "" || /\s$/.test(before) ? "" : " ";
  field.setRangeText(`${gap}@${login} `, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function formFor(target) {
  return target.closest?.("[data-stream]")?.querySelector("[data-compose]") ?? null;
}

function over(event) {
  const form = formFor(event.target);
  if (!form || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.dataset.over = "";
}

function onDrop(event) {
  const form = formFor(event.target);
  if (!form || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  form.removeAttribute("data-over");
  take(form, event.dataTransfer.files);
}

function onPaste(event) {
  const form = event.target.closest?.("[data-compose]");
  if (!form || !event.clipboardData?.files.length) return;
  event.preventDefault();
  take(form, event.clipboardData.files);
}

function take(form, files) {
  form.querySelector('[name="kind"][value="file"]').checked = true;
  form.querySelector('[name="file"]').files = files;
  form.dataset.changed = "";
  form.requestSubmit();
}
