// Scanning into a field: by the camera, by a scanner that types (keyboard wedge), or by hand.
//   <button type="button" hidden data-scan-into="#id_code">     opens the camera; shown only where there is one to ask
//   <input data-scan-field>                                     takes what a scanner types anywhere on the page
//   <form data-scan-go>                                         is sent as soon as a code has been scanned
(() => {
  "use strict";

  const settings = document.getElementById("shop-phone");
  if (!settings) return;
  const { words, reader_script: readerScript, reader_code: readerCode } = JSON.parse(settings.textContent);
  const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "qr_code", "data_matrix", "itf"];
  const READER_FORMATS = ["EAN13", "EAN8", "UPCA", "UPCE", "Code128", "Code39", "QRCode", "DataMatrix", "ITF"];

  const announce = (text) => {
    const announcer = document.getElementById("announcer");
    if (!announcer) return;
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 50);
  };

  const take = (field, code) => {
    field.value = code;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { code } }));
    announce(words.scanned.replace("{code}", code));
    if (navigator.vibrate) navigator.vibrate(60);
    const form = field.form;
    if (form?.hasAttribute("data-scan-go")) form.requestSubmit();
    else field.focus();
  };

  // A reader: what the browser brings, else the one that we serve. Answers the text of the first code it sees.
  let reader = null;
  const load = (source) => new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  const native = async () => {
    if (!("BarcodeDetector" in window)) return null;
    const there = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!there.includes("ean_13")) return null;
    const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => there.includes(format)) });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  };
  const served = async () => {
    if (!window.ZXingWASM) await load(readerScript);
    ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => readerCode } });
    const canvas = document.createElement("canvas");
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    return async (video) => {
      const shrink = Math.min(1, 960 / (video.videoWidth || 960));
      canvas.width = Math.round(video.videoWidth * shrink);
      canvas.height = Math.round(video.videoHeight * shrink);
      if (!canvas.width) return undefined;
      drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
      const image = drawing.getImageData(0, 0, canvas.width, canvas.height);
      const found = await ZXingWASM.readBarcodes(image, { formats: READER_FORMATS, maxNumberOfSymbols: 1, tryHarder: true });
      return found.find((one) => one.isValid !== false)?.text;
    };
  };
  const reading = async () => { reader ??= (await native()) ?? (await served()); return reader; };

  const button = (label, kind) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `button ${kind}`;
    made.textContent = label;
    return made;
  };

  const openCamera = async (field, opener) => {
    const sheet = document.createElement("dialog");
    sheet.className = "camera";
    sheet.setAttribute("aria-label", words.camera_title);
    const title = document.createElement("p");
    title.className = "camera-title";
    title.textContent = words.camera_title;
    const video = document.createElement("video");
    video.playsInline = true;
    video.muted = true;
    const problem = document.createElement("p");
    problem.className = "camera-problem";
    problem.setAttribute("role", "alert");
    problem.hidden = true;
    const row = document.createElement("div");
    row.className = "camera-buttons";
    const close = button(words.camera_close, "button--main");
    row.append(close);
    sheet.append(title, video, problem, row);
    document.body.append(sheet);
    sheet.showModal();

    let stream = null;
    let going = true;
    const end = () => {
      if (!going) return;
      going = false;
      for (const track of stream?.getTracks() ?? []) track.stop();
      sheet.close();
      sheet.remove();
    };
    const fail = (sentence) => { problem.textContent = sentence; problem.hidden = false; video.hidden = true; };
    close.addEventListener("click", () => { end(); field.focus(); });
    sheet.addEventListener("cancel", (event) => { event.preventDefault(); end(); opener.focus(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) end(); }, { once: true });

    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("", "NotFoundError");
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } }, audio: false });
      if (!going) { for (const track of stream.getTracks()) track.stop(); return; }
      video.srcObject = stream;
      await video.play();
      offerTorch(stream, row);
      const read = await reading();
      while (going) {
        const code = await read(video).catch(() => undefined);
        if (code && going) { end(); take(field, code.trim()); return; }
        await new Promise((resolve) => { setTimeout(resolve, 120); });
      }
    } catch (lost) {
      if (!going) return;
      if (lost.name === "NotAllowedError" || lost.name === "SecurityError") fail(words.camera_denied);
      else if (lost.name === "NotFoundError" || lost.name === "OverconstrainedError") fail(words.camera_missing);
      else fail(words.camera_failed);
      close.focus();
    }
  };

  const offerTorch = (stream, row) => {
    const [track] = stream.getVideoTracks();
    if (!track.getCapabilities?.().torch) return;
    const torch = button(words.torch, "");
    torch.setAttribute("aria-pressed", "false");
    torch.addEventListener("click", async () => {
      const on = torch.getAttribute("aria-pressed") !== "true";
      await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
      torch.setAttribute("aria-pressed", String(on));
    });
    row.prepend(torch);
  };

  for (const opener of document.querySelectorAll("[data-scan-into]")) opener.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-scan-into]");
    const field = opener && document.querySelector(opener.dataset.scanInto);
    if (field) openCamera(field, opener);
  });

  // A scanner types faster than any hand and ends with Enter. What it typed elsewhere goes to the scan field;
  // what it typed into the scan field stays there, and Enter does not send a form that still needs a quantity.
  const GAP = 45; // milliseconds between two keys
  let burst = "";
  let started = null; // the element that had the focus, and what stood in it
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const now = event.timeStamp;
    if (now - last > GAP) { burst = ""; started = null; }
    last = now;
    const field = document.querySelector("[data-scan-field]");
    if (!field || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter") {
      const isScan = burst.length >= 6;
      const code = burst;
      burst = "";
      if (!isScan) {
        // Typed by hand: Enter in the scan field moves on, where the form does not go by itself.
        if (event.target === field && !field.form?.hasAttribute("data-scan-go") && field.value) {
          event.preventDefault();
          field.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { code: field.value } }));
        }
        return;
      }
      event.preventDefault();
      const elsewhere = started?.element;
      if (elsewhere && elsewhere !== field && "value" in elsewhere) {
        elsewhere.value = started.value;
        elsewhere.dispatchEvent(new Event("input", { bubbles: true }));
      }
      take(field, code);
    } else if (event.key.length === 1) {
      if (!burst) started = { element: event.target, value: event.target.value };
      burst += event.key;
    }
  }, true);
})();
