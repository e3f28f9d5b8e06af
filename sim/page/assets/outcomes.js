// What else a run tells: all five outcomes, how long it takes, and who stands in the way.

import { el, say } from "./dom.js";
import { stack, swatch } from "./strips.js";
import { capital, percent, percents } from "./words.js";

const OUTCOMES = ["held", "collapsed", "walked_away", "partial_only", "no_truce"];

/** A bar and a table of the five outcomes. */
export function outcomes(words, level) {
  const bar = stack(OUTCOMES);
  const rows = OUTCOMES.map((name) => {
    const cells = [1, 2, 3].map(() => el("td", { class: "lv-n" }));
    const head = el("th", { scope: "row" }, swatch(name), capital(words[name] ?? name));
    return { name, cells, box: el("tr", { "data-outcome": name }, head, ...cells) };
  });
  const head = ["How it ends", "Odds", "Dice", "Members"].map((text, i) => (
    el("th", { scope: "col", class: i ? "lv-n" : false }, text)));
  const table = el("table", { class: "lv-table" }, el("thead", {}, el("tr", {}, ...head)),
    el("tbody", {}, ...rows.map((one) => one.box)));
  const box = el("section", {}, el(level, {}, "All five endings"), bar.box, table);
  const show = (odds) => {
    bar.show(OUTCOMES.map((name) => odds[name].mean));
    for (const { name, cells } of rows) {
      const { mean, mc, ensemble } = odds[name];
      const told = [percent(mean), percents(mc), ensemble ? percents(ensemble, 0) : "—"];
      told.forEach((text, i) => say(cells[i], text));
    }
  };
  return { box, show };
}

function issue(name) {
  return name.replaceAll("_", " ");
}

/** How many days a truce takes, and which side blocks last and on what. */
export function delays(sides, level) {
  const days = el("p", {});
  const list = el("ul", { class: "lv-list" });
  const box = el("section", { class: "lv-delays" }, el(level, {}, "How long, and who blocks"), days,
    list);
  const show = ({ days_to_truce: found, blockers }) => {
    say(days, found ? `Where a truce is agreed, half of them are by day ${found.p50}; one in ten by `
      + `day ${found.p10}, nine in ten by day ${found.p90}.` : "No world agreed a truce.");
    list.replaceChildren(...Object.entries(blockers).map(([side, { share, issues }]) => {
      const top = Object.entries(issues).sort((a, b) => b[1] - a[1]).slice(0, 3);
      const on = top.map(([name, part]) => `${issue(name)} (${percent(part, 0)})`).join(", ");
      return el("li", {}, `${sides[side] ?? side} blocked last in ${percent(share, 0)} of worlds `
        + `without a truce that held${on ? `, mostly on ${on}` : ""}.`);
    }));
  };
  return { box, show };
}
