// The live page: levers over worlds that the program on this machine runs.

import { answer, summary } from "./answer.js";
import { Asker } from "./asker.js";
import { comparison } from "./compare.js";
import { panel } from "./controls.js";
import { doubtList } from "./doubts.js";
import { button, el, say } from "./dom.js";
import { findings } from "./finding.js";
import { delays, outcomes } from "./outcomes.js";
import { saving } from "./save.js";
import { copyLink } from "./share.js";
import { State, keepAddress } from "./state.js";
import { finding, percent, points, signOf, verdictOfOdds, verdictOfWorth, whole } from "./words.js";
import { oneWorld } from "./world.js";

function odds({ mean, mc, ensemble }, difference) {
  const change = difference ? verdictOfOdds(difference) : "";
  return { mean, dice: mc, members: ensemble, change };
}

function viewOf(found, base, start, full) {
  const { difference } = found;
  const worth = Object.entries(found.worth).map(([side, { mean, mc }]) => {
    const change = difference ? verdictOfWorth(difference.worth[side]) : undefined;
    return [side, { mean, dice: mc, change }];
  });
  const luck = difference?.held.gained === undefined ? "" : ` ${percent(difference.held.gained)} of `
    + `worlds gain a truce that holds, ${percent(difference.held.lost)} lose one.`;
  return {
    held: odds(found.odds.held, difference?.held),
    agreed: odds(found.agreed, difference?.agreed),
    worth: Object.fromEntries(worth),
    stood: { held: base.odds.held.mean, agreed: base.agreed.mean, worth: base.worth },
    how: `${full ? "From" : "A first impression from"} ${whole(found.worlds)} worlds, with the same `
      + `members and luck as it stands.${luck}`,
  };
}

function aboutThis(start) {
  const facts = [
    ["Scenario", start.scenario], ["As-of day", start.as_of],
    ["Days ahead", start.horizon_days], ["Seed", start.seed],
    ["Members", whole(start.members)], ["Ensemble", start.ensemble.id],
  ];
  const weak = start.ensemble.doubt && el("p", { class: "lv-warning" }, start.ensemble.doubt);
  return el("section", { class: "lv-below" }, el("h2", {}, "What this is and is not"),
    el("p", {}, start.limits), weak || null, el("dl", { class: "lv-facts" },
      ...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value))))));
}

function build(root, start, state) {
  const dice = { short: "Dice", long: "dice: error of the simulation (95 %)" };
  const ends = outcomes(start.outcomes, "h3");
  const slow = delays(start.sides, "h3");
  const command = el("code", {});
  const parts = {
    shown: answer(start.sides, dice, "h3", ends.box), short: summary(), ends, slow, command,
    told: findings(document.getElementById("lv-title"), true),
    doubts: doubtList(start.doubts), world: oneWorld(start.outcomes),
    compare: comparison(start.levers, start.sides, () => state.changed(), start.most),
    save: saving(() => state.changed()), amiss: el("p", { class: "lv-warning", role: "alert", hidden: true }),
    left: el("p", { class: "lv-warning", role: "alert", hidden: true }),
  };
  const controls = panel(start.levers, start.first, state);
  const bar = el("div", { class: "lv-bar" }, controls.back, parts.save.open,
    button("Add to comparison", parts.compare.add), copyLink());
  parts.right = el("section", { class: "lv-right", "aria-label": "Answer" }, el("h2", {}, "Answer"),
    parts.amiss, parts.shown.box, slow.box, el("p", {}, "The same in a terminal: ", command));
  root.replaceChildren(parts.short.box, parts.told.status, parts.left,
    el("div", { class: "lv-two" },
      el("section", { class: "lv-levers", "aria-label": "Levers" }, el("h2", {}, "Levers"), bar,
        controls.rows), parts.right),
    parts.compare.box, parts.world.box,
    el("section", { class: "lv-below" }, el("h2", {}, "What not to believe"), parts.doubts.box),
    aboutThis(start), parts.save.dialog);
  return parts;
}

function shower(parts, start) {
  return (found, full) => {
    const { difference } = found;
    const sign = difference ? signOf(difference.held.verdict) : null;
    const average = Boolean(difference?.held.verdict.endsWith("on average"));
    parts.amiss.hidden = true;
    parts.shown.show(viewOf(found, start.base, start, full));
    parts.ends.show(found.odds);
    parts.slow.show(found);
    say(parts.command, found.command);
    const change = !difference ? "—" : sign === 0 ? "none told" : points(difference.held.mean);
    parts.short.show(percent(found.odds.held.mean), percent(found.agreed.mean), change);
    parts.told.show(finding(found.odds.held.mean, start.base.odds.held.mean, sign, average));
    if (full) parts.world.show(found.levers, found.typical);
  };
}

/** Start the page from what the server says at the start. */
export function startLive(root, start) {
  document.title = start.title;
  const kind = `${start.title} · as of ${start.as_of}, ${start.horizon_days} days ahead`;
  say(document.getElementById("lv-kind"), kind);
  const levers = start.levers.map((one) => ({ ...one, initial: one.value }));
  const state = new State(levers);
  const parts = build(root, { ...start, levers }, state);
  const show = shower(parts, start);
  const asker = new Asker(start, {
    show,
    fail: (error) => {
      parts.amiss.hidden = false;
      say(parts.amiss, error.message);
    },
    busy: (is) => parts.right.setAttribute("aria-busy", is),
  });
  let before = null;
  state.listen(() => {
    const changed = state.changed();
    const text = JSON.stringify(changed);
    parts.doubts.show(Object.keys(changed));
    if (text === before) return;
    before = text;
    if (text === "{}") {
      asker.stop();
      show(start.base, true);
    } else asker.ask(changed);
  });
  keepAddress(state, (refused) => {
    parts.left.hidden = refused.length === 0;
    say(parts.left, `The link has settings that this page does not have, which were left out: ${
      refused.join(", ")}.`);
  });
}

async function begin(root) {
  try {
    const answer = await fetch("/api/start");
    if (!answer.ok) throw new Error(String(answer.status));
    startLive(root, await answer.json());
  } catch (error) {
    root.replaceChildren(el("p", { class: "lv-warning", role: "alert" },
      "The program on this machine does not answer. Start it again with truce explore, then reload "
      + `this page. (${error.message})`));
  }
}

const live = document.getElementById("lv-live");
if (live) begin(live);
