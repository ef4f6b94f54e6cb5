/* Items on any page: what is chosen, written or pressed on a card goes to the server through the page's hidden fields.
   It knows no keys and grades nothing. All listeners are delegated, because Gradio replaces what it shows. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const cardOf = (element) => element.closest(".item");
  const live = () => [...document.querySelectorAll(".item")].pop();
  let busy = false;

  const send = async (card, act, more = {}) => {
    if (busy || !$("#wish textarea")) return;
    busy = true;
    card?.setAttribute("aria-busy", "true");
    const focus = card?.dataset.focus ? JSON.parse(card.dataset.focus) : {};
    const pressed = { act, showing: card?.dataset.showing ?? "", number: Number(card?.dataset.number ?? 0), focus, ...more };
    press.wish(JSON.stringify($("#question") ? { item: pressed } : pressed));
    clearTimeout(send.timer);
    send.timer = setTimeout(() => { busy = false; card?.removeAttribute("aria-busy"); complain(card); }, 20000);
  };
  const complain = (card) => {
    const place = $("#lost");
    if (!place || !card?.isConnected) return;
    $("#lost-words").textContent = $("#words").getAttribute("data-lost-item");
    place.hidden = false;
  };
  const arrived = () => {
    clearTimeout(send.timer);
    press.taken();
    busy = false;
  };
  const answer = (form) => {
    const card = cardOf(form);
    const fields = new FormData(form);
    const places = fields.getAll("choice").map(Number);
    const text = String(fields.get("text") ?? "");
    if (!places.length && !text.trim()) { $("input, textarea", form)?.focus(); return; }
    send(card, "answer", { places, text });
  };

  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-item]")) { event.preventDefault(); answer(event.target); }
    if (event.target.matches("form[data-dispute]")) {
      event.preventDefault();
      send(cardOf(event.target), "dispute", { text: String(new FormData(event.target).get("note") ?? "") });
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-act]");
    if (!button) return;
    const { act, objective = "", skill = "", lesson = "", section = "" } = button.dataset;
    const card = cardOf(button);
    const met = act === "assess" ? [...card.querySelectorAll("input[name=met]:checked")].map((box) => Number(box.value) + 1) : [];
    send(card, act, { objective, skill, lesson, section, places: met });
  });

  /* 1 to 9 choose, Enter checks or goes on, H asks for a hint: only while the card has the focus and nothing is written. */
  document.addEventListener("keydown", (event) => {
    const card = live();
    if (!card || event.ctrlKey || event.metaKey || event.altKey || !card.contains(document.activeElement)) return;
    const at = document.activeElement;
    const writing = at.matches("textarea, input:not([type=radio]):not([type=checkbox])");
    if (/^[1-9]$/.test(event.key) && !writing) {
      const option = $(`input[name=choice][value="${event.key}"]`, card);
      if (option) { event.preventDefault(); option.checked = option.type === "radio" || !option.checked; option.focus(); }
    } else if (event.key.toLowerCase() === "h" && !writing) {
      const hint = $("[data-act=hint]", card);
      if (hint) { event.preventDefault(); hint.click(); }
    } else if (event.key === "Enter" && !at.matches("textarea, button, a, summary")) {
      event.preventDefault();
      const form = $("form[data-item]", card);
      if (form && card.classList.contains("open")) answer(form);
      else $(".btn.primary", card)?.click();
    }
  });

  let seen = "";
  const look = () => {
    const card = live();
    // Without the card's own attributes: that it is busy is no news.
    const now = card ? [card.dataset.showing, card.dataset.number, card.dataset.outcome, card.innerHTML].join() : "";
    if (now === seen) return;
    const first = !seen;
    seen = now;
    arrived();
    if (!card || (first && $("#question"))) return;
    document.body.classList.add("ready");
    card.focus({ preventScroll: true });
    if (!first) card.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("DOMContentLoaded", () => {
    const app = $("gradio-app");
    if (app) new MutationObserver(look).observe(app, { childList: true, subtree: true });
  });
})();
