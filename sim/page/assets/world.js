// One world, day by day: what a share of worlds is made of.

import { post } from "./asker.js";
import { button, el, fold, say } from "./dom.js";
import { daysStrip, runs, swatch } from "./strips.js";
import { capital, whole } from "./words.js";

const KINDS = {
  war: "war", pause: "a pause", partial: "a partial truce", truce: "a full truce",
};

function inWords(days) {
  const spans = runs(days).map(({ kind, from, length }) => {
    const name = KINDS[kind] ?? kind;
    return length === 1 ? `${name} on day ${from}` : `${name} on days ${from} to ${from + length - 1}`;
  });
  const told = spans.length > 12 ? [...spans.slice(0, 12), "and so on"] : spans;
  return `${capital(told.join(", "))}.`;
}

/** The part that shows a world; `settings` are the levers of the answer that is shown. */
export function oneWorld(outcomes) {
  const told = el("p", { class: "lv-world" });
  const drawing = el("div", {});
  const events = el("ol", { class: "lv-events" });
  const words = el("p", {});
  const command = el("code", {});
  const amiss = el("p", { class: "lv-warning", role: "alert", hidden: true });
  const number = el("input", { type: "number", id: "lv-world", min: 0, step: 1, value: 0 });
  const now = { levers: {}, typical: 0, world: 0, control: null };
  const ask = async (world) => {
    now.control?.abort();
    now.control = new AbortController();
    now.world = world;
    number.value = world;
    try {
      const found = await post("/api/world", { levers: now.levers, world }, now.control.signal);
      if (!found) return;
      amiss.hidden = true;
      const typical = world === now.typical ? ", a typical one" : "";
      say(told, `World ${whole(world)}${typical}: ${outcomes[found.outcome] ?? found.outcome}. `
        + `Its member, the guess at what is not known, is number ${whole(found.member)}.`);
      drawing.replaceChildren(daysStrip(found.days), el("p", { class: "lv-note lv-axis",
        "aria-hidden": "true" }, el("span", {}, "day 1"), el("span", {}, `day ${found.days.length}`)));
      say(words, inWords(found.days));
      events.replaceChildren(...found.events.map((one) => (
        el("li", {}, el("b", {}, `Day ${one.day}`), ` ${one.text}`))));
      say(command, found.command);
    } catch (error) {
      amiss.hidden = false;
      say(amiss, error.message);
    }
  };
  number.addEventListener("change", () => ask(Math.max(0, Math.trunc(Number(number.value)) || 0)));
  const bar = el("div", { class: "lv-bar" },
    button("Previous world", () => ask(Math.max(0, now.world - 1))),
    button("Next world", () => ask(now.world + 1)),
    button("A typical world", () => ask(now.typical)),
    el("span", { class: "lv-pair" }, el("label", { for: "lv-world" }, "World number"), number));
  const key = el("p", { class: "lv-key" },
    ...Object.entries(KINDS).map(([kind, name]) => el("span", {}, swatch(kind), name)));
  const box = el("section", { class: "lv-below" }, el("h2", {}, "One world"),
    el("p", { class: "lv-note" }, "The odds count many such worlds. One of them proves nothing; it "
      + "shows what the numbers are made of."), bar, amiss, told, drawing, key, words,
    fold("What happened on which day", false, events, el("p", {}, "The same in a terminal: ", command)));
  const show = (levers, typical) => {
    Object.assign(now, { levers, typical });
    ask(typical);
  };
  return { box, show };
}
