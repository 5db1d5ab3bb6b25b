// @ts-check
// How a browser talks to its room: messages there, and from there the state, as it changes.

export const BASE = new URL("../../../../", import.meta.url).href; // this file is js/<version>/frame/room/server.js below it

const SILENT = 40_000; // ms without a word after which a connection counts as lost; the server speaks every 15 s
const BLOCKED = 5_000; // ms without a first state after which events count as blocked
const POLL = 1_500; // ms
const LONGEST_WAIT = 5_000; // ms between two attempts

export class Refused extends Error {
  constructor(status, sentence) {
    super(sentence);
    this.status = status;
  }
}

const headers = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

const refusal = async (response) => {
  const { problem } = await response.json().catch(() => ({}));
  return new Refused(response.status, problem ?? "The room cannot be reached at the moment.");
};

export const ask = async (path, key = "") => {
  const response = await fetch(`${BASE}room/${path}`, { headers: headers(key), cache: "no-store" });
  if (!response.ok) throw await refusal(response);
  return response;
};

/** @param {object | string} message an object, or JSON already */
export const tell = async (path, message, key = "") => {
  const response = await fetch(`${BASE}room/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json", ...headers(key) }, body: typeof message === "string" ? message : JSON.stringify(message),
  });
  if (!response.ok) throw await refusal(response);
  return response.json();
};

export class Channel {
  // heard(view): the room as it is now, or null once it is closed. lost(sentence): "" when all is well again.
  constructor({ code, key = "", phone = "" }, heard, lost) {
    this.code = code;
    this.key = key;
    this.query = phone ? `?phone=${phone}` : "";
    this.heard = heard;
    this.lost = lost;
    this.ended = false;
    this.polls = false;
    this.awake = () => { if (!document.hidden) this.again(); };
    for (const event of ["visibilitychange", "online"]) addEventListener(event, this.awake, true);
    this.run();
  }

  end() {
    this.ended = true;
    for (const event of ["visibilitychange", "online"]) removeEventListener(event, this.awake, true);
    this.stop?.abort();
    this.hurry?.();
  }

  // After sleep, a connection may look alive that is not: whoever has been silent for longer than a beat is asked anew.
  again() {
    if (Date.now() - this.at > 20_000) this.stop?.abort();
    this.hurry?.();
  }

  async run() {
    let wait = 500;
    while (!this.ended) {
      try {
        await (this.polls ? this.poll() : this.stream());
        wait = 500;
      } catch (problem) {
        if (this.ended) return;
        if (problem instanceof Refused && [403, 404].includes(problem.status)) return this.close(problem.message);
        this.lost("Reconnecting…");
        await this.pause(wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }

  pause(time) {
    return new Promise((done) => {
      this.hurry = done;
      setTimeout(done, time);
    });
  }

  close(sentence) {
    this.end();
    this.heard(null, sentence);
  }

  take(view) {
    if (this.ended) return;
    this.lost("");
    if (view) this.heard(view);
    else this.close("The room is closed.");
  }

  async poll() {
    const response = await ask(`${this.code}/state${this.query}`, this.key);
    this.take(await response.json());
    await this.pause(POLL);
  }

  // EventSource sends no headers, and a key does not belong into an address: so the stream is read here.
  async stream() {
    this.stop = new AbortController();
    this.at = Date.now();
    let first = false;
    const watch = setInterval(() => {
      const silent = Date.now() - this.at;
      if (!first && silent > BLOCKED) this.polls = true;
      if (silent > SILENT || this.polls) this.stop.abort();
    }, 1000);
    try {
      const response = await fetch(`${BASE}room/${this.code}/events${this.query}`, { headers: headers(this.key), cache: "no-store", signal: this.stop.signal });
      if (!response.ok) throw await refusal(response);
      for await (const line of lines(response)) {
        this.at = Date.now();
        if (!line.startsWith("data: ")) continue;
        first = true;
        this.take(JSON.parse(line.slice(6)));
      }
    } finally {
      clearInterval(watch);
    }
    if (!this.ended) throw new Error("The stream ended.");
  }
}

const lines = async function* (response) {
  const [reader, decoder] = [response.body.getReader(), new TextDecoder()];
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const whole = text.split("\n");
    text = whole.pop();
    yield* whole;
  }
};
