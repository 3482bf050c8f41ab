// Comforts of the shop's forms: the steps of a quantity, a scan that finds its goods in the list, the sum to be paid.
(() => {
  "use strict";

  const plain = (text) => [...String(text)].map((sign) => {
    const digit = "०१२३४५६७८९".indexOf(sign);
    return digit < 0 ? sign : String(digit);
  }).join("").trim();
  const number = (text) => {
    const value = Number(plain(text).replaceAll(",", ""));
    return Number.isFinite(value) ? value : 0;
  };

  for (const button of document.querySelectorAll("[data-step]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const input = button.closest(".stepper").querySelector("input");
      const least = Number(input.dataset.least ?? button.dataset.least ?? 0);
      input.value = String(Math.max(least, Math.round((number(input.value) + Number(button.dataset.step)) * 1000) / 1000));
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  // A scanned or typed code that the list knows: choose it, and leave the quantity to be said.
  const same = (option, code) => {
    const bare = code.replace(/^0+/, "");
    return (option.dataset.codes ?? "").split(" ").some((known) => known === code || (/^\d{8,14}$/.test(code) && known.replace(/^0+/, "") === bare));
  };
  document.addEventListener("scanned", (event) => {
    const form = event.target.form;
    const list = form?.querySelector("select[data-goods], select[name=product], select[name=balance]");
    if (!list) return;
    const code = plain(event.detail.code).toUpperCase().replaceAll(" ", "");
    const found = [...list.options].filter((option) => same(option, code));
    if (found.length === 1) {
      list.value = found[0].value;
      // Our label of a lot, or several products of one code: the server looks at the code itself.
      list.dispatchEvent(new Event("change", { bubbles: true }));
      form.querySelector(".stepper input")?.focus();
    }
  });
  // The list was chosen by hand: then the list counts, not what was scanned before.
  document.addEventListener("change", (event) => {
    if (!event.isTrusted || !event.target.matches("select[name=product], select[name=balance]")) return;
    const code = event.target.form.querySelector("[data-scan-field]");
    if (code && event.target.value) code.value = "";
  });

  // What the buyer pays.
  const rupees = new Intl.NumberFormat("en-IN", { style: "currency", currency: "INR", minimumFractionDigits: 0, maximumFractionDigits: 2 });
  for (const output of document.querySelectorAll("output[data-sum]")) {
    const form = output.closest("form");
    const show = () => {
      const list = form.querySelector("select[name=product]");
      const chosen = list.options[list.selectedIndex];
      const price = Number(chosen?.dataset.price || NaN);
      output.textContent = Number.isFinite(price) ? rupees.format(price * number(form.elements.quantity.value)) : "";
    };
    form.addEventListener("input", show);
    form.addEventListener("change", show);
    show();
  }

  globalThis.shopForm = { plain, number };
})();
