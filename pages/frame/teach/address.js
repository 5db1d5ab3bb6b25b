// @ts-check
// The address bar: the one place where a state lives. Teaching adds four words to it that only the browser heeds:
// present, hide, lock and lesson.

import { OF_THE_FRAME, within } from "../../shared/link.js";

export const asked = (name) => new URLSearchParams(location.search).get(name) ?? "";

export const listed = (name) => asked(name).split(",").filter(Boolean);

// address: a whole one, or "/vae?…" below where the app begins.
export const changed = (address, values) => {
  const whole = String(address);
  const url = whole.startsWith("/") ? within(whole) : new URL(whole);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  url.search = url.search.replaceAll("%2C", ",").replaceAll("%7E", "~");
  return url;
};

// Changes the address of what is on screen; the server hears of it with its next question.
export const write = (values) => history.replaceState(history.state, "", changed(location.href, values));

// Between pages Streamlit drops from the address what both call by one name, as all do their view. So what a step of a
// lesson, Back or Forward asks for is asked again once its page is there.
let [here, wanted] = [location.pathname, null];

window.addEventListener("popstate", () => {
  wanted = location.pathname === here ? null : new URL(location.href);
});

export const arrived = () => {
  here = location.pathname;
  const lost = wanted?.pathname === here && [...wanted.searchParams.keys()].some((name) => !new URLSearchParams(location.search).has(name));
  if (lost) {
    history.replaceState(history.state, "", wanted);
    window.dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
  }
  wanted = null;
};

const LOSING = 3000; // ms in which a connection that is ending may still look alive
const connected = () => document.querySelector("[data-test-connection-state='CONNECTED']") !== null;

// Streamlit shows what the address asks for. It forgets an address that it is told while its server is away, and is told again
// once the server is back.
export const shown = () => {
  const [at, since] = [location.href, performance.now()];
  const tell = () => window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  let away = false;
  tell();
  const watch = setInterval(() => {
    const [before, moved] = [away, location.href !== at];
    away = !connected();
    if (moved || (!before && !away && performance.now() - since > LOSING)) return clearInterval(watch);
    if (!before || away) return;
    clearInterval(watch);
    tell();
  }, 200);
};

// Opens a state as its link would, without loading the page anew.
export const visit = (address) => {
  const url = changed(address, {});
  const here = new URLSearchParams(location.search);
  for (const name of OF_THE_FRAME) for (const value of here.getAll(name)) url.searchParams.append(name, value);
  history.pushState({}, "", url);
  shown();
};
