// Questions to the server: one at a time, the latest wins, a quick answer first and then a full one.

const PAUSE = 250; // milliseconds without a move before the full answer is asked for

/** An error that the server tells: where, what, and what to do. */
export class Refusal extends Error {
  constructor({ where, what, todo }) {
    super([where && `${where}: ${what}`, !where && what, todo].filter(Boolean).join(" "));
  }
}

/** Ask the server. A stale question has no answer: null. */
export async function post(path, body, signal) {
  let answer;
  try {
    answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal,
    });
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw new Refusal({ what: "The program on this machine does not answer.",
      todo: "Start it again with `truce explore`, then reload this page." });
  }
  const told = await answer.json().catch(() => ({}));
  if (told.stale) return null;
  if (answer.ok) return told;
  throw new Refusal(told.error ?? { what: `The program answered ${answer.status}.`,
    todo: "Reload this page." });
}

function name() {
  const numbers = crypto.getRandomValues(new Uint32Array(4));
  return [...numbers].map((one) => one.toString(16).padStart(8, "0")).join("");
}

/**
 * Asks for the odds of levers while they move.
 *
 * At most one request is under way. A quick one is let end, since its answer shows the way of the
 * drag; a full one is broken off by the next move. `show` gets each answer and whether it is the
 * full one, `fail` each error, and `busy` whether a fuller answer is to come.
 */
export class Asker {
  constructor(sizes, { show, fail, busy }) {
    Object.assign(this, { sizes, show, fail, busy, client: name(), turn: 0 });
    this.waiting = null; // levers that were moved while a quick request was under way
    this.under = null; // what is under way
    this.timer = 0;
  }

  /** Ask for levers: those that differ from the scenario. */
  ask(levers) {
    clearTimeout(this.timer);
    this.busy(true);
    if (this.under?.quick) {
      this.waiting = levers;
      return;
    }
    this.under?.control.abort();
    this.send(levers, true);
  }

  /** Forget what is under way: an answer is known. */
  stop() {
    clearTimeout(this.timer);
    this.waiting = null;
    this.under?.control.abort();
    this.under = null;
    this.busy(false);
  }

  async send(levers, quick) {
    const own = { quick, control: new AbortController() };
    this.under = own;
    this.turn += 1;
    const worlds = quick ? this.sizes.quick : this.sizes.most;
    const body = { client: this.client, turn: this.turn, levers, worlds };
    try {
      const found = await post("/api/odds", body, own.control.signal);
      if (this.under !== own) return;
      this.under = null;
      if (found) this.show(found, !quick);
      this.next(levers, quick);
    } catch (error) {
      if (this.under !== own) return;
      this.under = null;
      this.fail(error);
      if (this.waiting) this.next(levers, quick);
      else this.busy(false);
    }
  }

  next(levers, quick) {
    if (this.waiting) {
      const latest = this.waiting;
      this.waiting = null;
      this.send(latest, true);
    } else if (quick) this.timer = setTimeout(() => this.send(levers, false), PAUSE);
    else this.busy(false);
  }
}
