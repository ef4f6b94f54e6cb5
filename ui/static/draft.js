/* Keeps what is typed into a long text field until it is saved, in this tab only: a server that is gone, or Back, loses nothing.
   It knows nothing of what the text is. */
(() => {
  "use strict";

  const PREFIX = "piece:";
  // Storage may be forbidden or full; then the field works without a net.
  const quietly = (act) => { try { return act(); } catch { return null; } };

  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-draft]");
    if (!field) return;
    const draft = JSON.stringify({ base: field.defaultValue, words: field.value });
    quietly(() => sessionStorage.setItem(PREFIX + field.dataset.draft, draft));
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (document.querySelector("[data-forget-drafts]")) {
      quietly(() => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => sessionStorage.removeItem(key)));
    }
    const field = document.querySelector("[data-draft]");
    const draft = field && quietly(() => JSON.parse(sessionStorage.getItem(PREFIX + field.dataset.draft)));
    // Only over the text that it was typed over: what was saved in another tab since then wins.
    if (!draft || draft.base !== field.defaultValue || draft.words === field.value) return;
    field.value = draft.words;
    document.querySelector("[data-restored]").hidden = false;
  });
})();
