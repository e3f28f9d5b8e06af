// The page as one file: levers over an emulator, without a server.

import { answer, summary } from "./answer.js";
import { panel } from "./controls.js";
import { doubtList } from "./doubts.js";
import { button, el, say } from "./dom.js";
import { findings } from "./finding.js";
import { emulate } from "./numbers.js";
import { copyLink } from "./share.js";
import { State, keepAddress } from "./state.js";
import { emulatedChange, finding, percent, points, stakes, whole } from "./words.js";

function asLevers(explored) {
  return explored.levers.map((one) => {
    const deferrable = explored.toggles.includes(one.lever);
    const reached = one.today === "deferred" ? deferrable
      : one.today !== null && one.today >= one.low && one.today <= one.high;
    return { ...one, kind: "number", group: one.lever.split(".")[0], deferrable, value: one.today,
      initial: reached ? one.today : one.start };
  });
}

function half({ mean, mc }) {
  return mc ? Math.max(mean - mc[0], mc[1] - mean) : 0;
}

function asItStands({ held, agreed, worth }) {
  const odds = (one) => ({ mean: one.mean, dice: one.mc, members: one.ensemble, label: "Dice" });
  return { held: odds(held), agreed: odds(agreed), worth };
}

/** What is shown for some levers; `still` if they are where the scenario has them. */
export function viewOf(explored, values, still) {
  const { today } = explored;
  const stood = { held: today.held.mean, agreed: today.agreed.mean, worth: today.worth };
  if (still) {
    const how = "As it stands, from simulated worlds of its own, not from the emulator.";
    return { ...asItStands(today), stood, how, sign: null, change: 0 };
  }
  const now = emulate(explored, values);
  const change = now.held - today.held.mean;
  const error = Math.hypot(now.half, half(today.held));
  const worth = Object.entries(now.worth).map(([side, mean]) => {
    const told = `about ${stakes(mean - today.worth[side].mean, 2, true)}`;
    return [side, { mean, dice: null, change: told }];
  });
  return {
    held: { mean: now.held, dice: now.error, members: now.members, change: emulatedChange(change, error) },
    agreed: { mean: now.agreed, dice: null, members: null,
      change: `About ${percent(now.agreed, 0)}, as it stands ${percent(today.agreed.mean, 0)}.` },
    worth: Object.fromEntries(worth),
    stood,
    how: `From the emulator of ${whole(explored.runs)} simulated worlds.`,
    sign: Math.abs(change) <= error ? 0 : Math.sign(change),
    change,
  };
}

/** Fill a page or a part: `root` is empty and has the level of its headings. */
export function startOne(root, title, explored) {
  const level = Number(root.dataset.level);
  const heading = (text) => el(`h${level}`, {}, text);
  const levers = asLevers(explored);
  const state = new State(levers);
  const dice = { short: "Emulator's error", long: "error of the emulator or, as it stands, of the simulation (95 %)" };
  const shown = answer(explored.sides, { ...dice, digits: 2 }, `h${level + 1}`);
  const short = summary();
  const told = findings(title, level === 2);
  const controls = panel(levers, levers.map((one) => one.lever), state);
  const doubts = doubtList(explored.doubts);
  const amiss = el("p", { class: "lv-warning", role: "alert", hidden: true });
  const still = () => levers.every((one) => state.values[one.lever] === one.value);
  const bar = el("div", { class: "lv-bar" }, controls.back, copyLink(),
    button("Print", () => print()));
  root.append(short.box, told.status, amiss,
    el("div", { class: "lv-two" },
      el("section", { class: "lv-levers", "aria-label": "Levers" },
        heading("Levers"), bar, controls.rows),
      el("section", { class: "lv-right", "aria-label": "Answer" }, heading("Answer"), shown.box)),
    el("section", { class: "lv-below" }, heading("What not to believe"), doubts.box));
  const update = () => {
    const view = viewOf(explored, state.values, still());
    shown.show(view);
    const change = view.sign === null ? "—" : view.sign === 0 ? "none told" : points(view.change);
    short.show(percent(view.held.mean), percent(view.agreed.mean), change);
    told.show(finding(view.held.mean, explored.today.held.mean, view.sign));
    doubts.show(Object.keys(state.changed()));
  };
  state.listen(update);
  keepAddress(state, (refused) => {
    amiss.hidden = refused.length === 0;
    say(amiss, `The link has settings that this page does not have, which were left out: ${
      refused.join(", ")}.`);
  });
  return { state, update };
}

const island = document.getElementById("lv-document");
if (island) {
  const root = document.getElementById("lv-root");
  startOne(root, document.getElementById("lv-title"), JSON.parse(island.textContent));
}
