// What is entered without a network is kept on the phone as facts and sent later, in order, each under its own id.
// A fact leaves the phone's store only when the server has answered for that very id; sent twice, it is entered once.
// Facts belong to the person who was signed in: nobody else's sign-in sends them.
//   <form data-fact="sale">        this form can be kept; without this script it is sent as any form
(() => {
  "use strict";

  const settings = document.getElementById("shop-phone");
  if (!settings || !window.idb || !window.indexedDB) return;
  const phone = JSON.parse(settings.textContent);
  const { words, person } = phone;
  const { plain, number } = globalThis.shopForm;
  const PATIENCE = 6000; // milliseconds
  const BATCH = 50;
  const EVERY = 30000;

  const opened = idb.openDB("unity-mall-shop", 1, {
    upgrade(database) {
      const facts = database.createObjectStore("facts", { keyPath: "place", autoIncrement: true });
      facts.createIndex("uid", "uid", { unique: true });
      facts.createIndex("person", "person");
    },
  });

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const asked = async (address, options = {}) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(address, {
        ...options, signal: stop.signal, credentials: "same-origin", redirect: "error", cache: "no-store",
        headers: { Accept: "application/json", ...options.headers },
      });
      const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
      return { status: answer.status, body: isJson ? await answer.json() : null };
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  };

  // Whether the server answers, and still knows this person; null where not.
  const greeted = async () => {
    if (!navigator.onLine) return null;
    const answer = await asked(phone.facts);
    return answer?.status === 200 && answer.body?.person === person ? answer.body.token : null;
  };

  const own = async () => (await opened).getAllFromIndex("facts", "person", person);
  const waiting = async () => (await own()).filter((fact) => fact.state === "waiting");

  // Sending

  const settle = async (fact, answer) => {
    const database = await opened;
    if (answer.status === "conflict") await database.put("facts", { ...fact, state: "conflict", problem: answer.sentence });
    else if (answer.status === "posted" || answer.status === "dismissed") await database.delete("facts", fact.place);
  };

  const sendSome = async (facts, token) => {
    const answer = await asked(facts[0].address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({
        person,
        facts: facts.map(({ uid, kind, happened_at, body }) => ({ uid, kind, happened_at, body })),
      }),
    });
    if (answer?.status === 200) {
      const said = new Map(answer.body.facts.map((one) => [one.uid, one]));
      for (const fact of facts) if (said.has(fact.uid)) await settle(fact, said.get(fact.uid));
      return facts.every((fact) => said.has(fact.uid));
    }
    if (answer?.status === 400) {
      // One that the server cannot read does not hold up the others.
      if (facts.length > 1) {
        for (const fact of facts) if (!(await sendSome([fact], token))) return false;
        return true;
      }
      await (await opened).put("facts", { ...facts[0], state: "conflict", problem: answer.body?.detail ?? "" });
      return true;
    }
    return false;
  };

  // Sends all that waits, in order. Answers the token of the greeting where nothing is left to send, else null.
  const sendAll = async () => {
    const token = await greeted();
    if (!token) return null;
    for (;;) {
      const facts = await waiting();
      if (!facts.length) return token;
      const first = facts[0];
      const end = facts.findIndex((fact) => fact.address !== first.address);
      const some = facts.slice(0, Math.min(BATCH, end < 0 ? facts.length : end));
      if (!(await sendSome(some, token))) return null;
    }
  };

  // Two pages of the same phone do not send at once.
  const send = async () => {
    const had = (await waiting()).length;
    const token = navigator.locks ? await navigator.locks.request("unity-mall-shop", sendAll) : await sendAll();
    await draw(had > 0 && token !== null ? words.sent : "");
    return token;
  };

  // Keeping

  const value = (form, name) => plain(form.elements[name]?.value ?? "");
  const goods = (form) => (value(form, "code") ? { code: value(form, "code") } : { product: value(form, "product") });
  const chosen = (form, name) => form.elements[name]?.selectedOptions?.[0];
  const named = (form) => chosen(form, "product")?.dataset.name ?? value(form, "code");
  const present = (form, names) => Object.fromEntries(names.map((name) => [name, value(form, name)]).filter(([, text]) => text));
  const goodsFact = (kind) => (form) => {
    if (!(value(form, "code") || value(form, "product")) || !(number(value(form, "quantity")) > 0)) return [];
    const body = { ...goods(form), shop: value(form, "shop"), quantity: value(form, "quantity").replaceAll(",", "") };
    return [{ kind, body: { ...body, ...present(form, ["made_date", "expiry_date", "maker_lot"]) }, label: `${named(form)} × ${body.quantity}` }];
  };
  const makers = {
    sale: goodsFact("sale"),
    shop_receipt: goodsFact("shop_receipt"),
    acceptance: (form) => {
      const lines = [...form.querySelectorAll("[data-line]")];
      const accepted = Object.fromEntries(lines.map((input) => [input.dataset.line, plain(input.value).replaceAll(",", "")]));
      if (plain(value(form, "scanned")).toUpperCase() !== form.dataset.order || Object.values(accepted).some((text) => !text)) return [];
      return [{ kind: "acceptance", body: { order: form.dataset.order, accepted }, label: form.dataset.order }];
    },
    count: (form) => [...form.querySelectorAll("[data-lot]")]
      .filter((input) => plain(input.value) && plain(input.value) !== input.defaultValue)
      .map((input) => ({
        kind: "count",
        body: { lot: input.dataset.lot, shop: form.dataset.shop, quantity: plain(input.value).replaceAll(",", "") },
        label: `${input.dataset.name}: ${plain(input.value)}`,
      })),
    adjustment: (form) => {
      const option = chosen(form, "balance");
      const happened = form.querySelector("input[name=happened]:checked");
      const quantity = value(form, "quantity").replaceAll(",", "");
      const what = happened && (JSON.parse(form.dataset.happened)[happened.value] ?? null);
      if (!option?.dataset.lot || !what || !(number(quantity) > 0) || !value(form, "note")) return [];
      const difference = what.sign < 0 ? `-${quantity}` : quantity;
      const body = { lot: option.dataset.lot, location: option.dataset.location, difference, reason: what.reason, note: form.elements.note.value.trim() };
      return [{ kind: "adjustment", body, label: `${option.dataset.name} ${difference}` }];
    },
  };

  const keep = async (form) => {
    const facts = makers[form.dataset.fact](form);
    if (!facts.length) { await draw(words.fill, "warn"); return; }
    const happened_at = new Date().toISOString();
    try {
      const database = await opened;
      const transaction = database.transaction("facts", "readwrite");
      for (const fact of facts) {
        transaction.store.add({ ...fact, uid: uuid(), happened_at, person, tenant: phone.tenant, address: phone.facts, state: "waiting" });
      }
      await transaction.done;
    } catch {
      await draw(words.not_kept, "bad");
      return;
    }
    if (form.dataset.fact === "count") for (const input of form.querySelectorAll("[data-lot]")) input.defaultValue = plain(input.value);
    else form.reset();
    for (const done of document.querySelectorAll(".done")) done.remove(); // of an earlier sale
    freshKey(form);
    form.dispatchEvent(new Event("change", { bubbles: true }));
    await draw(words.kept, "good");
    (form.querySelector("[data-scan-field]") ?? form.querySelector("input:not([type=hidden])"))?.focus();
    navigator.storage?.persist?.();
  };

  // A page that was kept carries an old name for what it will do: each sending gets its own.
  const freshKey = (form) => { if (form.elements.key) form.elements.key.value = uuid(); };
  for (const form of document.querySelectorAll("form[data-fact]")) freshKey(form);

  const busy = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.fact || form.dataset.reached || !makers[form.dataset.fact]) return;
    event.preventDefault();
    if (busy.has(form)) return;
    busy.add(form);
    const { submitter } = event;
    (async () => {
      const token = await send();
      if (!token) { await keep(form); return; }
      // What waited has gone first; now this goes the plain way, with an answer of its own.
      const hidden = form.elements.csrfmiddlewaretoken;
      if (hidden) hidden.value = token;
      form.dataset.reached = "yes";
      form.requestSubmit(submitter ?? undefined);
      setTimeout(() => { delete form.dataset.reached; }, 1000);
    })().finally(() => busy.delete(form));
  }, true);

  // Showing

  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text) made.textContent = text;
    return made;
  };
  const draw = async (sentence = "", tone = "info") => {
    const place = document.getElementById("shop-queue");
    if (!place) return;
    const database = await opened;
    const all = await database.getAll("facts");
    const mine = all.filter((fact) => fact.person === person);
    const wait = mine.filter((fact) => fact.state === "waiting");
    const conflicts = mine.filter((fact) => fact.state === "conflict");
    const parts = [];
    const line = (text, kind) => { const made = element("p", `queue-line queue-line--${kind}`, text); parts.push(made); return made; };
    if (!navigator.onLine) line(words.offline, "warn");
    if (sentence) line(sentence, tone);
    if (wait.length) {
      line(wait.length === 1 ? words.waiting_one : words.waiting_many.replace("{n}", wait.length), "wait").dataset.waiting = wait.length;
      const details = element("details", "queue-list");
      details.append(element("summary", "", words.show_list));
      const list = element("ol");
      for (const fact of wait) list.append(element("li", "", `${words[fact.kind]}: ${fact.label}`));
      details.append(list);
      const button = element("button", "button", words.send_now);
      button.type = "button";
      button.addEventListener("click", send);
      parts.push(details, button);
    }
    if (conflicts.length) {
      const made = line(conflicts.length === 1 ? words.conflict_one : words.conflict_many.replace("{n}", conflicts.length), "bad");
      made.dataset.conflicts = conflicts.length;
      const link = element("a", "button", words.look);
      link.href = phone.review;
      parts.push(link);
    }
    if (all.some((fact) => fact.person !== person && fact.state === "waiting")) line(words.other_person, "info");
    place.replaceChildren(...parts);
    place.hidden = !parts.length;
  };

  // The page of entries that need a look shows them all itself: what this phone noted about them has done its work.
  const cleared = async () => {
    if (!document.querySelector("[data-review]")) return;
    const database = await opened;
    for (const fact of await own()) if (fact.state === "conflict") await database.delete("facts", fact.place);
  };

  // The service worker, and the pages that it keeps

  const keepPages = async () => {
    if (!("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.register(phone.worker, { scope: "/" });
    const { active } = await navigator.serviceWorker.ready;
    const also = [...document.querySelectorAll("[data-keep]")].map((link) => new URL(link.href).pathname);
    const recently = Number(sessionStorage.getItem(`kept-${person}`) ?? 0) > Date.now() - 300000;
    const pages = recently ? also : [...phone.keep, ...also];
    if (pages.length && navigator.onLine) active.postMessage({ type: "keep", person, pages });
    if (!recently) sessionStorage.setItem(`kept-${person}`, Date.now());
  };
  document.addEventListener("submit", (event) => {
    if (new URL(event.target.action, location).pathname.startsWith("/sign-out")) {
      sessionStorage.clear();
      navigator.serviceWorker?.controller?.postMessage({ type: "forget" });
    }
  });

  addEventListener("online", () => { send(); });
  addEventListener("offline", () => { draw(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { for (const form of document.querySelectorAll("form[data-fact]")) freshKey(form); draw(); } });
  setInterval(async () => { if ((await waiting()).length) send(); }, EVERY);
  keepPages().catch(() => {});
  cleared().then(draw).then(async () => { if ((await waiting()).length) send(); }).catch(() => {});
})();
