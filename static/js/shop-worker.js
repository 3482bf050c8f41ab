// Keeps the shop's pages on the phone, for when there is no network. VERSION and SHELL are written above by the server.
// Pages: from the network, and from what was kept where the network does not answer soon. Nothing that is sent (POST)
// is ever kept or repeated here: that is the work of queue.js.
"use strict";

const FILES = `shop-files-${VERSION}`;
const PAGES = "shop-pages";
const PERSON = "/shop-person"; // in PAGES: whose pages are kept
const PATIENCE = 4000; // milliseconds
const IS_SHOP_PAGE = /^\/(tenants\/\d+\/stock\/(?:(?:sell|receive|transfers|count|adjust|ask|announce|scan)\/)?|transfers\/\d+\/accept\/)$/;
const IS_NAMED_BY_CONTENT = /\.[0-9a-f]{12}\.\w+$/;

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const files = await caches.open(FILES);
    // One by one: a file that fails now is fetched when it is first used.
    await Promise.allSettled(SHELL
      .filter((file) => !(file.includes("zxing") && "BarcodeDetector" in self))
      .map(async (file) => {
        const answer = await fetch(file, { cache: "no-cache" });
        if (answer.ok) await files.put(file, answer);
      }));
    await skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("shop-files-") && name !== FILES) await caches.delete(name);
    }
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  // Whoever signs out or in leaves nothing behind for the next person.
  if (request.method === "POST" && (url.pathname.startsWith("/sign-out") || url.pathname.startsWith("/sign-in"))) {
    event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (request.method !== "GET") return;
  if (SHELL.includes(url.pathname)) event.respondWith(file(request, url));
  else if (request.mode === "navigate" && IS_SHOP_PAGE.test(url.pathname)) event.respondWith(page(request, url));
});

addEventListener("message", (event) => {
  if (event.data?.type === "keep") event.waitUntil(keep(event.data.pages, event.data.person));
  if (event.data?.type === "forget") event.waitUntil(caches.delete(PAGES));
});

const soon = (promise) => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("slow")), PATIENCE);
  promise.then(resolve, reject);
});

async function file(request, url) {
  const files = await caches.open(FILES);
  const kept = await files.match(url.pathname);
  if (kept && IS_NAMED_BY_CONTENT.test(url.pathname)) return kept;
  try {
    const answer = await (kept ? soon(fetch(request)) : fetch(request));
    if (answer.ok) await files.put(url.pathname, answer.clone());
    return answer;
  } catch (lost) {
    if (kept) return kept;
    throw lost;
  }
}

async function page(request, url) {
  const fresh = fetch(request).then((answer) => remember(url.pathname, url.search, answer));
  const pages = await caches.open(PAGES);
  const kept = await pages.match(url.pathname);
  if (!kept) return fresh;
  try {
    return await soon(fresh);
  } catch {
    fresh.catch(() => {});
    return kept;
  }
}

// Keeps the page as it stands at its bare address: no search, no word of a deed just done.
async function remember(path, search, answer) {
  if (answer.type === "opaqueredirect") return answer; // to the sign-in page, for one
  const person = answer.headers.get("Mall-Person");
  if (answer.status === 403 || answer.status === 404 || (answer.ok && !person)) {
    const pages = await caches.open(PAGES);
    await pages.delete(path);
  }
  if (!answer.ok || !person) return answer;
  await belongTo(person);
  if (!search) {
    const pages = await caches.open(PAGES);
    await pages.put(path, answer.clone());
  }
  return answer;
}

// Pages of another person are thrown away before any of this one's is kept.
async function belongTo(person) {
  const pages = await caches.open(PAGES);
  const whose = await pages.match(PERSON);
  if (whose && (await whose.text()) === person) return;
  await caches.delete(PAGES);
  const anew = await caches.open(PAGES);
  await anew.put(PERSON, new Response(person));
}

async function keep(paths, person) {
  await belongTo(person);
  await Promise.allSettled(paths.map(async (path) => {
    if (!IS_SHOP_PAGE.test(path)) return;
    const answer = await fetch(path, { credentials: "same-origin", redirect: "error" });
    if (answer.ok && answer.headers.get("Mall-Person") === person) {
      const pages = await caches.open(PAGES);
      await pages.put(path, answer);
    }
  }));
}
