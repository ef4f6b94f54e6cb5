/* The tutor in another site's page: a button with a panel, or a place in the text. Loads nothing before it is opened.
   Knows nothing of answers or learners: the panel holds a frame of the tutor's own pages, and the two exchange messages.

   <script src="TUTOR/widget.js" data-skill="pytorch" data-theme="auto" async></script>
   Attributes: data-skill, data-theme (auto, light, dark), data-label, data-mode="inline" with data-target (a selector),
   data-token or data-token-url (who the visitor is; see docs/embed.md). */
(() => {
  "use strict";
  const words = {}; // Filled in by the server.
  const script = document.currentScript ?? document.querySelector('script[src$="/widget.js"]');
  const base = new URL(".", script.src);
  const options = script.dataset;
  const inline = options.mode === "inline";
  const PATIENCE = 15000;

  /* The look. A constructed style sheet, so that a strict policy of the page needs no 'unsafe-inline'. */
  const css = `
:host{all:initial;color-scheme:light dark;--bg:light-dark(#fff,#1c1e1b);--line:light-dark(#e3dfd6,#343832);
--text:light-dark(#1d1b18,#eceae4);--muted:light-dark(#5f5a51,#aaa79d);--accent:light-dark(#0b6158,#5fcbb9);
--ink:light-dark(#fff,#06201c);--badge:light-dark(#8a4b06,#f0b670);--badge-ink:light-dark(#fff,#241803);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--text);direction:ltr}
:host([theme=light]){color-scheme:light}:host([theme=dark]){color-scheme:dark}
*{box-sizing:border-box}[hidden]{display:none!important}
button,a{font:inherit;color:inherit;cursor:pointer}
:focus{outline:none}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
svg{flex:none;display:block;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.open{position:fixed;z-index:2147483000;right:calc(20px + env(safe-area-inset-right));bottom:calc(20px + env(safe-area-inset-bottom));
display:flex;gap:8px;align-items:center;min-height:52px;padding:0 20px 0 16px;border:0;border-radius:26px;
background:var(--accent);color:var(--ink);font-weight:600;box-shadow:0 1px 2px #0003,0 6px 24px #0003}
.open:focus-visible{outline-color:var(--text);outline-offset:3px}
.due{min-width:24px;padding:0 7px;border-radius:12px;background:var(--badge);color:var(--badge-ink);font-size:14px;line-height:24px;text-align:center}
.panel{position:fixed;z-index:2147483000;right:calc(20px + env(safe-area-inset-right));bottom:calc(84px + env(safe-area-inset-bottom));
width:min(420px,calc(100vw - 40px));height:min(680px,calc(100dvh - 104px));display:flex;flex-direction:column;overflow:hidden;
background:var(--bg);border:1px solid var(--line);border-radius:16px;box-shadow:0 2px 4px #0002,0 12px 48px #0004;animation:rise .16s ease-out}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
header{display:flex;align-items:center;gap:8px;padding:4px 4px 4px 16px;border-bottom:1px solid var(--line);color:var(--accent)}
h2{flex:1;margin:0;font-size:16px;font-weight:650;color:var(--text)}
.close{width:44px;height:44px;display:grid;place-items:center;border:0;border-radius:10px;background:none;color:var(--muted)}
.close:hover{color:var(--text)}.close:focus-visible{outline-offset:-3px}
.wait{flex:1;display:grid;align-content:center;justify-items:center;gap:16px;padding:24px;text-align:center;color:var(--muted)}
.wait p{margin:0}.wait a{color:var(--accent)}
.wait button{min-height:44px;padding:0 16px;border:1px solid var(--line);border-radius:10px;background:none;color:var(--text)}
iframe{flex:1;width:100%;border:0;color-scheme:auto}
iframe.coming{position:absolute;visibility:hidden}
.place{display:flex;flex-direction:column;width:100%;height:100%;min-height:560px;overflow:hidden;background:var(--bg);border:1px solid var(--line);border-radius:16px}
@media(max-width:600px){.panel{inset:0;width:auto;height:auto;border:0;border-radius:0}}
@media(prefers-reduced-motion:reduce){.panel{animation:none}}
@media(forced-colors:active){.open,.due{border:1px solid ButtonText}}
@media print{:host{display:none}}`;

  /* Remembering in the host's own storage, which may be forbidden: whether the panel is open, the number due, and for
     this tab the frame's way in, where the browser lets the frame itself keep nothing. */
  const stored = (kind, key, value) => {
    try {
      if (value === undefined) return window[kind].getItem(key);
      window[kind].setItem(key, value);
    } catch { /* then it is not remembered */ }
    return null;
  };
  const today = () => new Date().toDateString();

  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const icon = (path, size) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const attributes = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const BOOK = "M4 5.5A2.5 2.5 0 0 1 6.5 3H20v15H6.5A2.5 2.5 0 0 0 4 20.5zM8.5 8h7M8.5 12h4";
  const CROSS = "M6 6l12 12M18 6L6 18";

  const start = () => {
    if (!inline && document.querySelector("tutor-widget:not([inline])")) return; // One button a page.
    const host = make("tutor-widget", inline ? { inline: "" } : {});
    const root = host.attachShadow({ mode: "closed" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];

    const theme = () => (["light", "dark"].includes(options.theme) ? options.theme : "auto");
    const paint = () => host.setAttribute("theme", theme());
    paint();

    /* What is shown until the frame has said that it is there, and when it does not come. */
    const status = make("p", { role: "status" });
    const again = make("button", { type: "button" }, words.retry);
    const tab = make("a", { href: base.href, target: "_blank", rel: "noopener" }, words.tab);
    const wait = make("div", { class: "wait" }, status, again, tab);
    const waiting = (failed) => {
      status.textContent = failed ? words.failed : words.loading;
      again.hidden = tab.hidden = !failed;
    };

    let frame = null, ready = false, timer = 0, focusing = false;
    const load = (place) => {
      frame?.remove();
      ready = false;
      waiting(false);
      wait.hidden = false;
      clearTimeout(timer);
      frame = make("iframe", { title: words.title, class: "coming", allow: "clipboard-write", referrerpolicy: "strict-origin-when-cross-origin" });
      if (inline) frame.loading = "lazy";
      // The name stays with the frame on all its pages: how to look, and to whom to speak.
      frame.name = `tutor-widget:${JSON.stringify({ host: location.origin, theme: theme() })}`;
      const entry = new URL("widget", base);
      if (options.skill) entry.searchParams.set("skill", options.skill);
      frame.src = entry;
      place.append(frame);
      // In the text it may be loaded long after, when somebody scrolls there.
      const expectIt = () => { if (!ready) timer = setTimeout(() => waiting(true), PATIENCE); };
      if (inline) frame.addEventListener("load", expectIt, { once: true });
      else expectIt();
    };
    const come = () => {
      clearTimeout(timer);
      ready = true;
      wait.hidden = true;
      frame.className = "";
    };
    const say = (message) => frame?.contentWindow?.postMessage(message, base.origin);

    /* Who the visitor is, said by the page's own server and by nobody else. */
    const token = async () => {
      if (!options.tokenUrl) return options.token ?? "";
      const address = new URL(options.tokenUrl, location.href);
      if (address.origin !== location.origin) return "";
      try {
        const answer = await fetch(address, { cache: "no-store" });
        return answer.ok ? (await answer.text()).trim() : "";
      } catch { return ""; }
    };

    let due = () => {}, close = () => {};
    addEventListener("message", async (event) => {
      if (!frame || event.source !== frame.contentWindow || event.origin !== base.origin) return;
      const { tutor, ...told } = event.data ?? {};
      // A browser that goes back opens the frame where it was, without the way in.
      if (tutor === "hello" || tutor === "ready") come();
      if (tutor === "sign") say({ tutor: "token", token: await token(), path: stored("sessionStorage", "tutor-widget-path") });
      else if (tutor === "keep") stored("sessionStorage", "tutor-widget-path", String(told.path));
      else if (tutor === "ready" && focusing) { focusing = false; frame.focus(); say({ tutor: "focus" }); }
      else if (tutor === "due" && Number.isInteger(told.due)) due(told.due);
      else if (tutor === "close") close();
    });
    new MutationObserver(() => { paint(); say({ tutor: "theme", theme: theme() }); })
      .observe(script, { attributeFilter: ["data-theme"] });

    if (inline) {
      const place = make("section", { class: "place", "aria-label": words.title }, wait);
      again.addEventListener("click", () => load(place));
      root.append(place);
      const target = options.target && document.querySelector(options.target);
      if (target) target.append(host);
      else script.after(host);
      load(place);
      return;
    }

    const label = options.label || words.open;
    const badge = make("span", { class: "due", "aria-hidden": "true" });
    const button = make("button", { type: "button", class: "open", "aria-expanded": "false", "aria-controls": "panel", "aria-haspopup": "dialog" },
      icon(BOOK, 22), make("span", {}, label), badge);
    const shut = make("button", { type: "button", class: "close", "aria-label": words.close }, icon(CROSS, 22));
    const panel = make("section", { id: "panel", class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: "-1", hidden: "" },
      make("header", {}, icon(BOOK, 20), make("h2", { id: "title" }, words.title), shut), wait);
    root.append(button, panel);

    const show = (count) => {
      badge.textContent = count;
      badge.hidden = !count;
      const more = (count === 1 ? words.due1 : words.due).replace("#", count);
      button.setAttribute("aria-label", count ? `${label}, ${more}` : label);
    };
    due = (count) => {
      show(count);
      stored("localStorage", "tutor-widget-due", JSON.stringify([today(), count]));
    };
    const open = (moving) => {
      if (!frame || !ready) load(panel);
      panel.hidden = false;
      button.setAttribute("aria-expanded", "true");
      stored("sessionStorage", "tutor-widget-open", "1");
      if (!moving) return;
      focusing = !ready;
      panel.focus();
      if (ready) { frame.focus(); say({ tutor: "focus" }); }
    };
    close = () => {
      if (panel.hidden) return;
      const inside = panel.contains(root.activeElement);
      panel.hidden = true;
      button.setAttribute("aria-expanded", "false");
      stored("sessionStorage", "tutor-widget-open", "");
      if (inside) button.focus();
    };
    button.addEventListener("click", () => (panel.hidden ? open(true) : close()));
    shut.addEventListener("click", close);
    again.addEventListener("click", () => { load(panel); panel.focus(); focusing = true; });
    root.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) { event.stopPropagation(); close(); } });

    let kept = [];
    try { kept = JSON.parse(stored("localStorage", "tutor-widget-due")) ?? []; } catch { /* somebody else's value */ }
    show(kept[0] === today() && Number.isInteger(kept[1]) ? kept[1] : 0);
    document.body.append(host);
    // Open on the page before, open on this one; a phone's screen is not taken unasked.
    if (stored("sessionStorage", "tutor-widget-open") && matchMedia("(min-width: 601px)").matches) open(false);
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
