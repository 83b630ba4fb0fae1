// The page shows changes without being asked: by a stream, and where there is none by asking
// every quarter of a minute. What is being typed stays.
(() => {
  const PARTS = ["state", "way", "money", "goods", "talk"];
  const main = document.querySelector("main"), lost = document.getElementById("link-state");
  const here = location.pathname;
  let busy = false, again = false, timer = 0, stream = null;

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(here, { cache: "no-store" });
      if (answer.status === 404) { location.replace(here); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of PARTS) {
        const old = document.getElementById(id), now = fresh.getElementById(id);
        if (old && now && old.innerHTML !== now.innerHTML) old.replaceChildren(...now.childNodes);
      }
      main.dataset.stamp = fresh.querySelector("main").dataset.stamp;
      lost.textContent = "";
    } catch {
      lost.textContent = lost.dataset.lost;
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  }

  async function ask() {
    if (document.hidden) return;
    try {
      const answer = await fetch(`${here}/stamp`, { cache: "no-store" });
      const told = answer.ok ? await answer.text() : "";
      if (!answer.ok || told !== main.dataset.stamp) refresh();
      else lost.textContent = "";
    } catch {
      lost.textContent = lost.dataset.lost;
    }
  }

  function poll() { if (!timer) timer = setInterval(ask, 15000); }

  function listen() {
    if (!("EventSource" in window)) { poll(); return; }
    stream = new EventSource(`${here}/live`);
    stream.addEventListener("open", () => { clearInterval(timer); timer = 0; ask(); });
    stream.addEventListener("changed", refresh);
    stream.addEventListener("error", poll);
  }

  listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
  addEventListener("online", ask);
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  document.getElementById("write").addEventListener("submit", (event) => {
    const button = event.target.querySelector("button");
    setTimeout(() => { button.disabled = true; }, 0);
  });
  if (new URLSearchParams(location.search).has("sent")) {
    history.replaceState(null, "", here);
    document.getElementById("h-talk").scrollIntoView({ block: "nearest" });
  }
})();
