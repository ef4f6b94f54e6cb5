/* The way into the tutor from another site's page: who is it, and what does this browser let us keep.
   Knows nothing of how an identity is proved: it carries what it was given to the server and goes where that says. */
(() => {
  "use strict";
  const MARK = "tutor-widget:";
  const HOUR = 3600e3;
  const place = document.getElementById("entry");
  const to = place.dataset.to;
  const query = new URLSearchParams(location.search);
  // A frame's storage may be forbidden; then the page around keeps the way in, until its tab is closed.
  const keep = (() => { try { localStorage.setItem("tutor", ""); return localStorage; } catch { return null; } })();

  /* The frame's name says how to look and whom to speak to; a frame without one that comes here is given one. */
  let frame = {};
  if (window.name.startsWith(MARK)) {
    try { frame = JSON.parse(window.name.slice(MARK.length)); } catch { /* somebody else's name */ }
  } else if (parent !== window && !to) {
    frame = { theme: query.get("theme") ?? "auto" };
    window.name = MARK + JSON.stringify(frame);
  }
  if (["light", "dark"].includes(frame.theme)) document.documentElement.dataset.theme = frame.theme;

  const told = (kind) => new Promise((done) => {
    const hear = (event) => {
      if (event.source !== parent || event.origin !== frame.host || event.data?.tutor !== kind) return;
      removeEventListener("message", hear);
      done(event.data);
    };
    addEventListener("message", hear);
    setTimeout(() => done({}), 10000);
  });
  const given = async () => {
    const written = new URLSearchParams(location.hash.slice(1)).get("token");
    if (written || !frame.host) return { token: written };
    const answer = told("token");
    parent.postMessage({ tutor: "sign" }, frame.host);
    return answer;
  };
  const session = async (body) => {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const answer = await fetch("widget/session", { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.error), { words: said.error });
    return said;
  };

  const enter = async () => {
    if (parent === window) return to || "ask";
    const { token, path } = await given();
    const lasting = Number(keep?.getItem("tutor-path-until")) - Date.now() > HOUR;
    const ours = { kept: keep?.getItem("tutor-kept"), path: lasting ? keep.getItem("tutor-path") : "" };
    let said = await session({ token, ...(keep ? ours : { path }) });
    if (said.value) {
      // A cookie was set with that answer: does it come back?
      const { value } = said;
      said = await session({ kept: value });
      if (said.path) keep?.setItem("tutor-kept", value);
    }
    if (said.seconds) {
      keep?.setItem("tutor-path", said.path);
      keep?.setItem("tutor-path-until", String(Date.now() + said.seconds * 1000));
      if (!keep && frame.host) parent.postMessage({ tutor: "keep", path: said.path }, frame.host);
    }
    const under = said.path ? `s/${said.path}/` : "";
    if (to) return under + to;
    const asked = new URLSearchParams();
    if (said.conversation) asked.set("c", said.conversation);
    if (query.get("skill")) asked.set("skill", query.get("skill"));
    return `${under}ask?${asked}`;
  };
  const go = async () => {
    place.hidden = false;
    document.getElementById("failed").hidden = true;
    try {
      location.replace(await enter());
    } catch (error) {
      place.hidden = true;
      if (error.words) document.getElementById("reason").textContent = error.words;
      document.getElementById("failed").hidden = false;
    }
  };
  if (parent !== window && frame.host) parent.postMessage({ tutor: "hello" }, frame.host);
  document.getElementById("again").addEventListener("click", go);
  go();
})();
