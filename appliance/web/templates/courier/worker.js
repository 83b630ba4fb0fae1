// Keeps the shell of the courier's page and what it is drawn with. Pages, answers and anything about
// people never get into a cache: only the addresses below do.
const SHELL = "/courier/shell";
const NAME = {{ name|tojson }};
const KEPT = {{ kept|tojson }};

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(clean()));
self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (origin !== location.origin || event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && pathname === "/courier") event.respondWith(page(event.request));
  else if (KEPT.includes(pathname)) event.respondWith(asset(event.request));
});

async function keep() {
  const cache = await caches.open(NAME);
  for (const address of [SHELL, ...KEPT]) {
    const answer = await fetch(address, { redirect: "error", cache: "reload" });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    await cache.put(address, answer);
  }
  await self.skipWaiting();
}

async function clean() {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  await self.clients.claim();
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.open(NAME)).match(SHELL);
  }
}

async function asset(request) {
  return (await (await caches.open(NAME)).match(new URL(request.url).pathname)) ?? fetch(request);
}
