/* Sends what was pressed, until the page shows that it was taken: Gradio drops a press while it still carries the one before,
   whose result may have been shown already. A press that it carries is dropped when repeated, so none counts twice.
   It knows nothing of what is sent. */
globalThis.press = (() => {
  "use strict";
  const PAUSES = [150, 300, 600, 1200, 2400];
  const SETTLED = 30; // Gradio reads a field a moment after it was filled.
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  let current = null;

  const fill = (field, text) => {
    set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const repeat = (again) => {
    const mine = current = {};
    const next = ([pause, ...rest]) => pause && setTimeout(() => {
      if (current !== mine) return;
      again(mine);
      next(rest);
    }, pause);
    next(PAUSES);
    return mine;
  };
  const click = (wish) => (mine) => {
    fill(document.querySelector("#wish textarea"), wish);
    setTimeout(() => { if (current === mine) document.querySelector("#grant").click(); }, SETTLED);
  };

  return {
    fill,
    /* Send words through the page's hidden field. */
    wish(words) { const send = click(words); send(repeat(send)); },
    /* The composer's words were sent by Gradio itself. */
    typed(field) {
      const words = field.value;
      repeat(() => { if (field.value === words) document.querySelector("#send").click(); });
    },
    taken() { current = null; },
  };
})();
