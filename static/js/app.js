// Small comforts. Every page works without this file; nothing here decides anything.
(() => {
  "use strict";

  const announce = (text) => {
    const announcer = document.getElementById("announcer");
    if (!announcer || !text) return;
    announcer.textContent = "";
    // A screen reader speaks only a change: empty first, then the words.
    setTimeout(() => { announcer.textContent = text; }, 50);
  };

  // Tables become cards on a phone by `display`, which costs them their meaning in some browsers: say it again.
  const nameTableParts = (root) => {
    const roles = { table: "table", "thead, tbody": "rowgroup", tr: "row", "thead th": "columnheader", "tbody th": "rowheader", td: "cell" };
    for (const table of root.querySelectorAll("table.table")) {
      table.setAttribute("role", "table");
      for (const [selector, role] of Object.entries(roles)) {
        for (const part of table.querySelectorAll(selector)) part.setAttribute("role", role);
      }
    }
  };

  const offerPasswordReveal = (root) => {
    for (const field of root.querySelectorAll("[data-reveal-label]")) {
      const input = field.querySelector("input");
      if (!input || field.querySelector(".reveal")) continue;
      const label = document.createElement("label");
      label.className = "check reveal";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.addEventListener("change", () => { input.type = box.checked ? "text" : "password"; });
      label.append(box, field.dataset.revealLabel);
      input.after(label);
    }
  };

  const revealButtons = (root) => {
    for (const button of root.querySelectorAll("[data-copy], [data-dismiss]")) button.hidden = false;
  };

  // A plan wider than the screen opens where the unit in question is.
  const showUnitHere = (root) => {
    for (const here of root.querySelectorAll(".plan-scroll .plan-unit--here")) {
      const frame = here.closest(".plan-scroll");
      const [unit, room] = [here.getBoundingClientRect(), frame.getBoundingClientRect()];
      frame.scrollLeft += unit.left + unit.width / 2 - room.left - room.width / 2;
    }
  };

  const prepare = (root) => {
    nameTableParts(root);
    showUnitHere(root);
    offerPasswordReveal(root);
    revealButtons(root);
  };

  prepare(document);
  document.querySelector("[data-focus]")?.focus();

  document.addEventListener("click", (event) => {
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.parentElement.remove();

    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const input = document.querySelector(copy.dataset.copy);
      input.select();
      const said = () => {
        copy.querySelector("span").textContent = copy.dataset.copied;
        announce(copy.dataset.copied);
      };
      if (navigator.clipboard) navigator.clipboard.writeText(input.value).then(said, () => {});
      else if (document.execCommand("copy")) said();
    }

    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // The chosen file's name and size, so that nobody sends the wrong photograph.
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    let line = input.parentElement.querySelector(".file-name");
    if (!line) {
      line = document.createElement("p");
      line.className = "file-name";
      line.setAttribute("role", "status");
      input.after(line);
    }
    const size = (bytes) => `${new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes / 1048576)} MB`;
    line.textContent = [...input.files].map((file) => `${file.name} · ${size(file.size)}`).join(", ");
  });

  // Forms that guard what was typed. The browser words the question; `returnValue` only asks for it.
  const unsaved = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) unsaved.add(form);
  });
  addEventListener("beforeunload", (event) => {
    if (!unsaved.size) return;
    event.preventDefault();
    event.returnValue = [...unsaved][0].dataset.guard;
  });

  // A second press of the same button is not a second wish.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    unsaved.delete(form);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // Disabled only after the browser has read the form, or the button's own name would be lost.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
    });
  });
  // Back from the next page: the form may be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    }
  });

  // Lists: leave empty filters out of the address, and say how many rows came back.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    for (const [name, value] of [...event.detail.formData.entries()]) {
      if (value === "") event.detail.formData.delete(name);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    prepare(event.detail.elt);
    const results = document.getElementById("results");
    announce(results?.dataset.announce);
  });
})();
