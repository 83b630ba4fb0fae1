// Theme, density, side bar, single letters: kept in a cookie that the server reads (shell.read_look),
// so that the first paint of the next page is already right.

const COOKIE = "korobka_look";
const YEAR = 31_536_000;

export function startLook() {
  const letters = document.querySelector("[data-set-letters]"); // the same markup for everybody
  if (letters) letters.checked = document.documentElement.dataset.letters !== "off";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-set]");
    if (!button) return;
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    apply(button.dataset.set, button.value);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-set-letters]")) apply("letters", event.target.checked ? "on" : "off");
  });
}

function apply(name, value) {
  const page = document.documentElement;
  const app = document.querySelector(".app") ?? document.body;
  if (name === "theme" && value === "auto") delete page.dataset.theme;
  else if (name === "theme" || name === "letters") page.dataset[name] = value;
  else app.dataset[name] = value;
  const words = [page.dataset.theme ?? "auto", app.dataset.density ?? "normal", app.dataset.side ?? "full", page.dataset.letters ?? "on"];
  document.cookie = `${COOKIE}=${words.join(".")}; Path=/; Max-Age=${YEAR}; SameSite=Strict; Secure`;
}
