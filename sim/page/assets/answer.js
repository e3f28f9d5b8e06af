// The answer beside the levers: odds with both intervals, the change, and the price to each side.

import { el, say } from "./dom.js";
import { legend, strip } from "./strips.js";
import { percent, percents, stakes, stakesBetween } from "./words.js";

const MEMBERS = "A member is one consistent guess at what is settled today but not known, such as how "
  + "much a side minds the war. The odds are the mean of all members.";
const HEADINGS = { held: "A truce is agreed and holds 30 days", agreed: "A truce is agreed" };

function odds(name, dice, level) {
  const drawing = strip();
  const number = el("p", { class: "lv-big" });
  const says = el("p", { class: "lv-says" });
  const change = el("p", { class: "lv-change" });
  const box = el("section", { class: "lv-odds", "data-odds": name },
    el("div", { class: "lv-top" }, el(level, {}, HEADINGS[name]), number), drawing.box, says, change);
  const show = (one, before) => {
    say(number, percent(one.mean));
    drawing.show(one, before);
    const error = one.dice ? `${one.label ?? dice}: ${percents(one.dice)}.` : "Its own error is not in this file.";
    const members = one.members ? ` Nine in ten members: ${percents(one.members, 0)}.` : "";
    say(says, error + members);
    say(change, one.change ?? "");
  };
  return { box, show };
}

function price(sides, level, digits) {
  const rows = Object.entries(sides).map(([id, name]) => {
    const cells = [1, 2, 3].map((column) => el("td", column < 3 ? { class: "lv-n" } : {}));
    const box = el("tr", { "data-side": id }, el("th", { scope: "row" }, name), ...cells);
    return { id, cells, box };
  });
  const head = ["Side", "Now", "As it stands", "Change"].map((text, i) => (
    el("th", { scope: "col", class: i === 1 || i === 2 ? "lv-n" : false }, text)));
  const table = el("table", { class: "lv-table" }, el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...rows.map((one) => one.box)));
  const show = (worth, stood) => {
    for (const { id, cells } of rows) {
      const [now, before, change] = cells;
      say(now, stakes(worth[id].mean, digits));
      now.title = worth[id].dice ? `Dice: ${stakesBetween(worth[id].dice)} stakes` : "";
      say(before, stakes(stood[id].mean, digits));
      say(change, worth[id].change ?? "—");
    }
  };
  const box = el("section", { class: "lv-price" }, el(level, {}, "What it is worth to each side"),
    el("p", { class: "lv-note" }, "In stakes: 1 is the distance between a side's worst and its best "
      + "settlement. Costs of war and sanctions are taken off, hence numbers below 0. Each side has "
      + "its own stakes, so that the two cannot be added."), table);
  return { box, show };
}

/**
 * Make the answer. `dice` is what the simulation's or the emulator's own error is called, `level`
 * the tag of its headings.
 *
 * It is shown from `{held, agreed, worth, stood}`: odds are `{mean, dice, members, change}`, with
 * intervals or null and the change in words, and `label` if the error has another name than `dice`; `stood` has what `held`, `agreed` and `worth` were.
 */
export function answer(sides, dice, level, ...more) {
  const [held, agreed] = ["held", "agreed"].map((name) => odds(name, dice.short, level));
  const worth = price(sides, level, dice.digits ?? 3);
  const how = el("p", { class: "lv-note lv-how" });
  const box = el("div", { class: "lv-answer" }, how, held.box, agreed.box, legend(dice.long),
    el("p", { class: "lv-note" }, MEMBERS), ...more,
    worth.box);
  const show = (view) => {
    held.show(view.held, view.stood.held);
    agreed.show(view.agreed, view.stood.agreed);
    worth.show(view.worth, view.stood.worth);
    say(how, view.how);
  };
  return { box, show };
}

/** The short answer that stays in sight on a narrow screen; told elsewhere to who listens. */
export function summary() {
  const cells = ["Holds", "Agreed", "Change"].map((name) => {
    const value = el("b", {});
    return { box: el("span", {}, el("span", {}, name), value), value };
  });
  const box = el("div", { class: "lv-summary", "aria-hidden": "true" }, ...cells.map((c) => c.box));
  const show = (held, agreed, change) => {
    [held, agreed, change].forEach((text, i) => say(cells[i].value, text));
  };
  return { box, show };
}
