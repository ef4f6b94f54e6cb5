/* The pages' one script: theme, menu, the source beside an answer, copy, addresses, and what happens when the server is gone.
   It knows nothing of how answers are made. All listeners are delegated, because Gradio replaces what it shows. */
(() => {
  "use strict";

  const memory = (kind) => {
    try { const store = window[kind]; store.setItem("tutor", ""); return store; } catch { return new Forgetful(); }
  };
  // Storage may be forbidden; then things are remembered until the page closes.
  class Forgetful {
    #kept = new Map();
    getItem(key) { return this.#kept.get(key) ?? null; }
    setItem(key, value) { this.#kept.set(key, value); }
    removeItem(key) { this.#kept.delete(key); }
  }
  const local = memory("localStorage");
  const session = memory("sessionStorage");
  const $ = (selector, root = document) => root.querySelector(selector);
  const words = (name) => $("#words")?.getAttribute(`data-${name.replaceAll(".", "-")}`) ?? "";

  /* Theme: before the first paint. */
  const paint = (choice) => {
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  };
  /* In another site's page: the frame's name says how to look and whom to speak to, on every page, without storage. */
  const MARK = "tutor-widget:";
  const embedded = (() => {
    if (parent === window || !window.name.startsWith(MARK)) return null;
    try { return JSON.parse(window.name.slice(MARK.length)); } catch { return {}; }
  })();
  const tell = (kind, more) => { if (embedded?.host) parent.postMessage({ tutor: kind, ...more }, embedded.host); };
  const around = {
    awaited: false,
    focus() {
      const field = matchMedia("(pointer: fine)").matches ? composer() : null;
      this.awaited = !field && Boolean($("gradio-app")) && !document.body.classList.contains("ready");
      (field ?? $("#main"))?.focus({ preventScroll: true });
    },
    hear(event) {
      if (event.source !== parent || event.origin !== embedded.host) return;
      if (event.data?.tutor === "theme") paint(String(event.data.theme));
      if (event.data?.tutor === "focus") this.focus();
    },
    async begin() {
      addEventListener("message", (event) => this.hear(event));
      tell("ready");
      const talk = session.getItem("talk");
      if (talk && !$("gradio-app")) $(".tabs a[href=ask]")?.setAttribute("href", `ask?c=${encodeURIComponent(talk)}`);
      const answer = await fetch("widget/state", { headers: { accept: "application/json" } }).catch(() => null);
      if (answer?.ok) tell("due", await answer.json());
    },
  };
  if (embedded) document.documentElement.dataset.embedded = "";

  const chosen = embedded?.theme ?? local.getItem("tutor-theme") ?? "auto";
  paint(chosen);

  /* Announce once, politely. */
  const announce = (text) => {
    const place = $("#announcer");
    if (place) { place.textContent = ""; setTimeout(() => { place.textContent = text; }, 60); }
  };

  /* The source beside an answer. */
  const panel = {
    opener: null,
    get open() { const place = $("#panel"); return Boolean(place) && !place.hidden; },
    async show(address) {
      const place = $("#panel"), body = $("#panel-body");
      place.hidden = false;
      document.body.classList.add("with-panel");
      body.scrollTop = 0;
      try {
        const [path, anchor] = address.split("#");
        const answer = await fetch(`${path}&panel=1`, { headers: { accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        body.innerHTML = await answer.text();
      } catch {
        body.textContent = words("panel.failed");
      }
      $("h2", body)?.focus({ preventScroll: true });
      const mark = $("mark", body);
      if (mark) body.scrollTop = Math.max(0, mark.offsetTop - body.clientHeight / 3);
    },
    hide() {
      const place = $("#panel");
      if (!place || place.hidden) return;
      place.hidden = true;
      document.body.classList.remove("with-panel");
      if (this.opener?.isConnected) this.opener.focus();
      this.opener = null;
    },
  };
  const openPanel = (link) => {
    const address = link.getAttribute("href");
    if (embedded) {
      // Back belongs to the page around.
      panel.opener ??= link;
    } else if (!panel.open) {
      panel.opener = link;
      history.pushState({ panel: address }, "", location.href);
    } else {
      history.replaceState({ panel: address }, "", location.href);
    }
    panel.show(address);
  };
  const closePanel = () => (history.state?.panel ? history.back() : panel.hide());

  /* Asking: Gradio carries the question, this fills its hidden fields. */
  const composer = () => $("#question textarea");
  const working = () => document.body.dataset.state === "working";
  const ask = (question, retry = "") => {
    if (working() || !$("#wish textarea")) return;
    watch.begin(question, false);
    press.wish(JSON.stringify({ question, retry_of: retry }));
    if (matchMedia("(pointer: fine)").matches) composer()?.focus({ preventScroll: true });
    else $("#main")?.focus({ preventScroll: true });
  };
  const askTyped = (field) => {
    if (working() || !field.value.trim()) return;
    watch.begin(field.value, true);
    press.typed(field);
  };
  const conversation = () => new URLSearchParams(location.search).get("c") ?? "";
  const draftKey = () => `draft:${conversation()}`;

  /* Which turns are shown, and how far the newest is. */
  const turns = () => {
    const newest = $("#live .turn");
    return [document.querySelectorAll(".turn").length, newest?.dataset.state, newest?.dataset.message].join();
  };

  /* The server may go away: say so, keep the words, offer to try again. */
  const watch = {
    waiting: "", typed: false, turns: "", changed: 0, timer: 0,
    begin(question, typed) {
      this.waiting = question;
      this.turns = turns();
      this.typed = typed;
      this.seen();
      clearInterval(this.timer);
      this.timer = setInterval(() => this.look(), 2500);
    },
    seen() { this.changed = Date.now(); },
    taken() { press.taken(); this.waiting = ""; },
    end() { clearInterval(this.timer); this.waiting = ""; },
    async look() {
      const busy = this.waiting || working();
      if (!busy) { this.end(); return; }
      if (Date.now() - this.changed > 2000 && !(await reachable())) this.tell("lost");
    },
    tell(code) {
      const place = $("#lost");
      if (!place) return;
      globalThis.press?.taken();
      if (this.waiting) session.setItem(draftKey(), this.waiting);
      $("#lost-words").textContent = words(code);
      place.hidden = false;
    },
  };
  const reachable = async () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 4000);
    try { return (await fetch("healthz", { cache: "no-store", signal: stop.signal })).ok; }
    catch { return false; }
    finally { clearTimeout(timer); }
  };
  const reconnect = async () => {
    $("#lost-words").textContent = words("lost.waiting");
    if (!(await reachable())) { watch.tell("lost.still"); return; }
    const words_kept = watch.waiting || "";
    if (words_kept && !working()) {
      session.removeItem(draftKey());
      session.setItem("ask", words_kept);
    }
    location.reload();
  };

  /* Scroll to an element, but in a frame never the page around it. */
  const reveal = (element, block = "start") => {
    if (!element) return;
    if (parent === window) { element.scrollIntoView({ block }); return; }
    const box = element.getBoundingClientRect();
    const margin = block === "start" ? parseFloat(getComputedStyle(element).scrollMarginTop) : (innerHeight - box.height) / 2;
    scrollTo({ top: scrollY + box.top - margin });
  };
  /* What the server refuses, Gradio keeps to itself: say it, with the server's own sentence, and keep the words. */
  const plainFetch = globalThis.fetch.bind(globalThis);
  globalThis.fetch = async (...given) => {
    const answer = await plainFetch(...given);
    if ([401, 403, 408, 413, 429].includes(answer.status) && answer.url.includes("/gradio_api/queue/")) {
      watch.tell("lost");
      $("#lost-words").textContent = await answer.clone().text();
    }
    return answer;
  };

  /* What the page shows now: state of the newest turn, its address, its end. */
  let state = "";
  const look = () => {
    const turn = $("#live [data-state]");
    const now = turn?.dataset.state ?? "";
    watch.seen();
    if (now) document.body.dataset.state = now;
    const opened = turn?.dataset.conversation ?? "";
    if (opened && opened !== conversation()) history[embedded ? "replaceState" : "pushState"]({}, "", `ask?c=${encodeURIComponent(opened)}`);
    if (opened) session.setItem("talk", opened);
    if (watch.waiting && turns() !== watch.turns) {
      // The question has been taken; what was typed since then stays.
      const field = composer();
      if (now !== "failed" && watch.typed && field.value === watch.waiting) press.fill(field, "");
      watch.taken();
      session.setItem(draftKey(), field.value);
    }
    if (now === state) return;
    const before = state;
    state = now;
    if (now === "working") {
      requestAnimationFrame(() => reveal($("#live .turn")));
    } else if (before === "working") {
      watch.end();
      announce(now === "done" ? words("ask.finished") : $(".notice", turn)?.textContent.trim() ?? words("ask.stopped"));
    } else if (now === "failed") {
      watch.end();
    }
    if (!before && now && opened) reveal(turn);
  };
  let begun = false;
  const begin = () => {
    const field = composer();
    if (!field || begun || !$("#live [data-state], #history .turn, #history .notice")) return;
    begun = true;
    field.dir = "auto";
    document.body.classList.add("ready");
    if (around.awaited) around.focus();
    const pending = session.getItem("ask");
    if (pending) { session.removeItem("ask"); press.fill(field, ""); ask(pending); return; }
    const draft = session.getItem(draftKey());
    if (draft && !field.value) press.fill(field, draft);
  };

  /* Copy an answer with its sources. */
  const copy = async (button) => {
    const turn = button.closest(".turn");
    const answer = $(".answer", turn).cloneNode(true);
    for (const cite of answer.querySelectorAll(".cite")) cite.textContent = `[${cite.textContent}]`;
    const holder = document.createElement("div");
    holder.className = "copying";
    holder.append(answer);
    document.body.append(holder);
    let text = holder.innerText.trim();
    holder.remove();
    const sources = [...turn.querySelectorAll(".source")].map((link) => {
      const address = new URL(link.getAttribute("href"), location.href);
      address.searchParams.delete("quote");
      return `[${link.parentElement.value}] ${link.textContent}\n    ${address}`;
    });
    if (sources.length) text += `\n\n${words("sources")}\n${sources.join("\n")}`;
    await put(text);
    const label = $("span", button);
    label.textContent = words("ask.copied");
    announce(words("ask.copied"));
    setTimeout(() => { label.textContent = words("ask.copy"); }, 2000);
  };
  const put = async (text) => {
    try { await navigator.clipboard.writeText(text); return; } catch { /* not a secure page: the old way */ }
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "copying";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };

  const report = async (form) => {
    const place = form.closest("details");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok) throw new Error(String(answer.status));
      const thanks = document.createElement("p");
      thanks.className = "thanks";
      thanks.tabIndex = -1;
      thanks.textContent = words("wrong.thanks");
      place.replaceWith(thanks);
      thanks.focus();
    } catch {
      let notice = $(".notice", form);
      if (!notice) { notice = document.createElement("p"); notice.className = "notice"; notice.setAttribute("role", "alert"); form.append(notice); }
      notice.textContent = words("wrong.failed");
    }
  };

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest?.(selector);
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
    const menu = $(".menu[open]");
    if (menu && !on(".menu")) menu.open = false;
    const source = on("a.cite, a.source, a[data-panel]");
    if (source && plain && $("#panel")) { event.preventDefault(); openPanel(source); return; }
    if (on("[data-close]")) { closePanel(); return; }
    const wanted = on("[data-ask]");
    if (wanted && plain) {
      if (wanted.tagName === "A") { session.setItem("ask", wanted.dataset.ask); return; }
      if (matchMedia("(max-width: 900px)").matches && panel.open) closePanel();
      ask(wanted.dataset.ask, wanted.dataset.retry ?? "");
      return;
    }
    const copied = on("[data-copy]");
    if (copied) { copy(copied); return; }
    if (on("[data-reconnect]")) { reconnect(); return; }
    if (event.isTrusted && on("#send")) askTyped(composer());
    if (on("#stop")) { const status = $("#live .status-words"); if (status) status.textContent = words("status.stopping"); }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-report]")) { event.preventDefault(); report(event.target); }
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "theme") return;
    local.setItem("tutor-theme", event.target.value);
    paint(event.target.value);
  });
  document.addEventListener("input", (event) => {
    if (event.target === composer()) session.setItem(draftKey(), event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = $(".menu[open]");
      if (menu) { menu.open = false; $("summary", menu).focus(); return; }
      if (panel.open) closePanel();
      else tell("close");
    }
    if (event.target !== composer() || event.key !== "Enter" || event.shiftKey) return;
    // Enter that ends the writing of an accented or Chinese character is not the end of a question.
    if (event.isComposing) { event.stopImmediatePropagation(); return; }
    askTyped(event.target);
  }, true);
  addEventListener("popstate", (event) => {
    if (event.state?.panel) { panel.show(event.state.panel); return; }
    if (panel.open) { panel.hide(); return; }
    const opened = $("#live [data-conversation]")?.dataset.conversation ?? "";
    if ($("#panel") && opened !== conversation()) location.reload();
  });
  addEventListener("offline", () => { if (working() || watch.waiting) watch.tell("lost"); });

  document.addEventListener("DOMContentLoaded", () => {
    const radio = $(`input[name=theme][value=${CSS.escape(chosen)}]`);
    if (radio) radio.checked = true;
    const marked = $(".lesson mark");
    reveal(marked, "center");
    if (embedded) around.begin();
    const app = $("gradio-app");
    if (!app) return;
    new MutationObserver(() => { begin(); look(); }).observe(app, { childList: true, subtree: true, characterData: true });
  });
})();
