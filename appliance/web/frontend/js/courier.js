// The courier's page: marks go into a queue in the phone and from there to the box, so that a lost
// connection loses nothing. Kept in the phone: numbers of orders, sums, marks; nothing of a person.

const PLACE = "korobka-courier";
const PAUSE = 20_000; // ms between tries while something waits
let sending = false;
let wanted = false; // somebody asked to send while an earlier try was still on its way

export function startCourier() {
  document.addEventListener("submit", onSubmit, true); // before js/forms.js takes it for a page's form
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:afterSettle", () => page() && begin());
  for (const type of ["online", "focus"]) addEventListener(type, () => page() && back());
  setInterval(() => page() && read().marks.length && back(), PAUSE);
  if (page()) {
    prune();
    begin();
  }
}

// What the box refused, and whose card is gone, was told once.
function prune() {
  const kept = read();
  if (!isShell()) write({ ...kept, marks: kept.marks.filter((one) => !one.told || document.querySelector(`[data-run="${one.order}"]`)) });
}

function page() {
  return document.querySelector("[data-courier]");
}

function begin() {
  if (isShell()) drawShell();
  else {
    remember();
    navigator.serviceWorker?.register("/courier/worker.js", { scope: "/courier", updateViaCache: "none" }).catch(() => {});
  }
  draw();
  send();
}

function isShell() {
  return page().dataset.courier === "shell";
}

function read() {
  try {
    return { marks: [], orders: [], ...JSON.parse(localStorage.getItem(PLACE)) };
  } catch {
    return { marks: [], orders: [] };
  }
}

function write(kept) {
  localStorage.setItem(PLACE, JSON.stringify(kept));
}

// The list of the day as the shell may show it: a number and a sum each.
function remember() {
  const orders = [...document.querySelectorAll("[data-run]")].map((run) => ({
    number: run.dataset.run, shown: run.dataset.shown, due: Number(run.dataset.sum),
  }));
  write({ ...read(), orders });
}

function drawShell() {
  const { orders } = read();
  const list = page().querySelector("[data-run-list]");
  list.replaceChildren(...orders.map((order) => card(order)));
  page().querySelector("[data-run-none]").hidden = orders.length > 0;
}

function card({ number, shown, due }) {
  const run = document.querySelector("#run-card").content.firstElementChild.cloneNode(true);
  run.dataset.run = number;
  run.querySelector("h2").textContent = shown;
  run.querySelector(".run-sum b").textContent = money(due);
  run.querySelector(".run-sum").hidden = due <= 0;
  for (const form of run.querySelectorAll("form")) Object.assign(form.dataset, { order: number, due });
  run.querySelector("[data-run-due]").hidden = due <= 0;
  run.querySelector("[data-run-paid]").hidden = due > 0;
  run.querySelector("[name=amount]").value = typed(due);
  return run;
}

function money(kopecks) {
  return new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "RUB", minimumFractionDigits: kopecks % 100 ? 2 : 0 }).format(kopecks / 100);
}

function typed(kopecks) {
  return kopecks % 100 ? (kopecks / 100).toFixed(2).replace(".", ",") : String(kopecks / 100);
}

function onSubmit(event) {
  const form = event.target.closest("[data-run-form]");
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  const kind = event.submitter?.value;
  if (!kind) return;
  const mark = { id: crypto.randomUUID(), order: form.dataset.order, kind, amount: 0, reason: "" };
  if (kind === "refused") mark.reason = new FormData(form).get("reason");
  if (kind === "cash" || kind === "card") {
    mark.amount = amountOf(form);
    if (!mark.amount) return;
  }
  const kept = read();
  if (kept.marks.some((one) => one.order === mark.order)) return;
  write({ ...kept, marks: [...kept.marks, mark] });
  draw();
  send();
}

function amountOf(form) {
  const field = form.elements.amount;
  const text = field.value.replace(/[\s\u00a0\u202f₽]/g, "").replace(",", ".");
  const kopecks = /^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : 0;
  const right = kopecks > 0 && kopecks <= Number(form.dataset.due);
  field.setCustomValidity(right ? "" : field.dataset.wrong);
  if (!right) {
    field.setAttribute("aria-invalid", "true");
    field.reportValidity();
    field.addEventListener("input", () => { field.setCustomValidity(""); field.removeAttribute("aria-invalid"); }, { once: true });
  }
  return right ? kopecks : 0;
}

function onClick(event) {
  if (event.target.closest("[data-run-reload]")) return location.reload();
  const run = event.target.closest("[data-run-drop]")?.closest("[data-run]");
  if (!run) return;
  const kept = read();
  write({ ...kept, marks: kept.marks.filter((one) => one.order !== run.dataset.run || one.sent) });
  draw();
}

function draw() {
  const words = document.querySelector("#run-words").dataset;
  const { marks } = read();
  const line = page().querySelector("[data-run-queue]");
  line.hidden = marks.length === 0;
  const lost = marks.filter((one) => one.told && !document.querySelector(`[data-run="${one.order}"]`));
  line.querySelector("span").textContent = [`${words.queued}: ${marks.length}`, ...lost.map((one) => one.told)].join(". ");
  for (const run of document.querySelectorAll("[data-run]")) {
    const mark = marks.find((one) => one.order === run.dataset.run);
    run.querySelector("[data-run-acts]").hidden = Boolean(mark);
    const wait = run.querySelector("[data-run-wait]");
    wait.hidden = !mark;
    if (!mark) continue;
    wait.querySelector("span").textContent = mark.told ?? `${words.queued}: ${words[mark.kind]}${mark.amount ? `, ${money(mark.amount)}` : ""}`;
    if (mark.told) wait.dataset.tone = "bad";
    else delete wait.dataset.tone;
  }
}

// The network is back: the shell gives way to the real page, which sends what waits.
async function back() {
  if (!isShell()) return send();
  try {
    await fetch("/courier/worker.js", { method: "GET", cache: "no-store" });
    location.reload();
  } catch {} // still none
}

async function send(before = false) {
  wanted = true;
  if (sending || isShell() || !navigator.onLine) return;
  sending = true;
  wanted = false;
  let changed = before;
  try {
    for (const mark of read().marks) {
      if (mark.told) continue;
      note(mark.id, { sent: true }); // from here on it may have arrived: only the same id may follow
      const answer = await post(mark);
      if (!answer) break;
      changed = true;
      if (answer.refused) note(mark.id, { told: answer.refused, sent: false });
      else forget(mark.id);
      draw();
    }
  } finally {
    sending = false;
  }
  if (wanted) return send(changed);
  if (changed && read().marks.every((mark) => mark.told)) globalThis.htmx?.ajax("GET", "/courier", { target: "#main", select: "#main", swap: "outerHTML" });
}

// What the box said, or nothing where it was not reached or could not answer now.
async function post(mark) {
  const token = JSON.parse(document.body.getAttribute("hx-headers"));
  const { id, order, kind, amount, reason } = mark;
  try {
    const answer = await fetch("/courier/marks", {
      method: "POST", headers: { ...token, accept: "application/json" }, body: new URLSearchParams({ id, order, kind, amount, reason }),
    });
    if (answer.status === 401) say(document.querySelector("#run-words").dataset.login);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function say(text) {
  const line = page().querySelector("[data-run-queue] span");
  if (line) line.textContent = `${line.textContent}. ${text}`;
}

function note(id, more) {
  const kept = read();
  write({ ...kept, marks: kept.marks.map((one) => (one.id === id ? { ...one, ...more } : one)) });
}

function forget(id) {
  const kept = read();
  write({ ...kept, marks: kept.marks.filter((one) => one.id !== id) });
}
