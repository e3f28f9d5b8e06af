// Where the levers stand, and the address that says so.

/** Read a value of a lever from the text of an address; undefined if it may not take it. */
function read(lever, text) {
  if (text === "deferred") return lever.deferrable ? text : undefined;
  if (lever.kind === "flag") return text === "true" || (text === "false" ? false : undefined);
  if (lever.kind === "choice") return lever.choices.includes(text) ? text : undefined;
  const value = text.trim() === "" ? NaN : Number(text);
  const whole = lever.step >= 1 && !Number.isInteger(value); // days have no halves
  return value >= lever.low && value <= lever.high && !whole ? value : undefined;
}

/** The values of all levers, and those that differ from where they began. */
export class State {
  /** Each lever has its name `lever`, and the value `initial` from which changes are counted. */
  constructor(levers) {
    this.levers = levers;
    this.values = Object.fromEntries(levers.map((one) => [one.lever, one.initial]));
    this.heard = [];
  }

  /** Call a function after each change, with whether the change is finished or a drag goes on. */
  listen(act) {
    this.heard.push(act);
  }

  /** The levers that differ from where they began, in the order of the levers. */
  changed() {
    const other = this.levers.filter((one) => this.values[one.lever] !== one.initial);
    return Object.fromEntries(other.map((one) => [one.lever, this.values[one.lever]]));
  }

  /** Set one lever. */
  set(name, value, finished) {
    const same = this.values[name] === value;
    this.values[name] = value;
    if (!same || finished) this.tell(finished);
  }

  /** Set the levers named, and all others to where they began. */
  restore(changed) {
    for (const one of this.levers) this.values[one.lever] = changed[one.lever] ?? one.initial;
    this.tell(true);
  }

  tell(finished) {
    this.heard.forEach((act) => act(finished));
  }
}

const TOGETHER = 800; // milliseconds within which changes are one step of the history

/** The part of an address that says which levers were changed. */
export function written(changed) {
  const pairs = Object.entries(changed);
  return pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
}

/** Read that part: the changed levers, and what of it this page cannot take. */
export function understood(levers, text) {
  const [changed, refused] = [{}, []];
  if (!text.includes("=")) return { changed, refused };
  for (const [name, value] of new URLSearchParams(text)) {
    const lever = levers.find((one) => one.lever === name);
    const found = lever && read(lever, value);
    if (found === undefined) refused.push(`${name}=${value}`.slice(0, 60));
    else changed[name] = found;
  }
  if (refused.length > 5) refused.splice(5, Infinity, "and more");
  return { changed, refused };
}

/** Keep the address and the state alike; `refused` is told what of an address was not taken. */
export function keepAddress(state, refused) {
  let last = 0; // keys that are held down make one entry of the history, not many
  const elsewhere = () => location.hash.length > 1 && !location.hash.includes("=");
  const restore = () => {
    if (elsewhere()) return; // a link to a place on the page says nothing of the levers
    const found = understood(state.levers, location.hash.slice(1));
    refused(found.refused);
    state.restore(found.changed);
  };
  state.listen((finished) => {
    const text = written(state.changed());
    const stands = written(understood(state.levers, location.hash.slice(1)).changed);
    if (!finished || text === stands) return;
    if (!text && elsewhere()) return;
    const address = `${location.pathname}${location.search}${text ? "#" : ""}${text}`;
    if (performance.now() - last < TOGETHER) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
    last = performance.now();
  });
  addEventListener("popstate", restore);
  restore();
}
