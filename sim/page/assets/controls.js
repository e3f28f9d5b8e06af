// The levers: a slider, a choice or a box for each, with what it means and where it stood.

import { button, el, fold, say } from "./dom.js";
import { brief, capital, ends, measured, valued } from "./words.js";

let made = 0;

function id(lever) {
  made += 1;
  return `lv-${made}-${lever.lever.replace(/\W/g, "-")}`;
}

function stood(lever) {
  const { value } = lever;
  if (value === null || value === undefined) return "As it stands it has no one value";
  return `As it stands: ${brief(lever, value)}`;
}

function slider(lever, state, place) {
  const range = el("input", {
    type: "range", id: place, class: "lv-range", min: lever.low, max: lever.high,
    step: lever.step ?? "any",
    "aria-describedby": `${place}-note`, autocomplete: "off",
  });
  const mark = el("span", { class: "lv-mark", "aria-hidden": "true" });
  const share = (value) => (value - lever.low) / (lever.high - lever.low);
  if (typeof lever.value === "number" && lever.value >= lever.low && lever.value <= lever.high) {
    mark.style.left = `calc(12px + ${share(lever.value)} * (100% - 24px))`;
  } else mark.hidden = true;
  range.addEventListener("input", () => state.set(lever.lever, Number(range.value), false));
  range.addEventListener("change", () => state.set(lever.lever, Number(range.value), true));
  const show = (value) => {
    range.disabled = value === "deferred";
    const there = value === "deferred" ? Number(range.value) : value;
    if (Number(range.value) !== there) range.value = there;
    const filled = share(Math.min(Math.max(there, lever.low), lever.high));
    range.style.setProperty("--lv-filled", `calc(12px + ${filled} * (100% - 24px))`);
    range.setAttribute("aria-valuetext", valued(lever, value));
  };
  const middle = (lever.low + lever.high) / 2;
  range.value = typeof lever.initial === "number" ? lever.initial : lever.start ?? middle;
  const names = ends(lever);
  const scale = names && el("p", { class: "lv-ends", "aria-hidden": "true" },
    el("span", {}, `0: ${names[0]}`), el("span", {}, `1: ${names[1]}`));
  return { parts: [el("div", { class: "lv-track" }, range, mark), scale], show, range };
}

function deferral(lever, state, range, place) {
  const box = el("input", { type: "checkbox", id: `${place}-deferred` });
  box.addEventListener("change", () => {
    state.set(lever.lever, box.checked ? "deferred" : Number(range.value), true);
  });
  const label = el("label", { class: "lv-check", for: `${place}-deferred` }, box,
    el("span", {}, "Deferred: left for later talks",
      el("span", { class: "lv-unseen" }, ` (${lever.meaning})`)));
  return { label, show: (value) => { box.checked = value === "deferred"; } };
}

function choice(lever, state, place) {
  const select = el("select", { id: place, "aria-describedby": `${place}-note`, autocomplete: "off" },
    ...lever.choices.map((one) => el("option", { value: one }, one)));
  select.addEventListener("change", () => state.set(lever.lever, select.value, true));
  return { parts: [select], show: (value) => { select.value = value; } };
}

function flag(lever, state, place) {
  const box = el("input", { type: "checkbox", id: place, "aria-describedby": `${place}-note`,
    autocomplete: "off" });
  box.addEventListener("change", () => state.set(lever.lever, box.checked, true));
  const parts = [el("label", { class: "lv-check lv-name", for: place }, box,
    el("span", {}, capital(lever.meaning)))];
  return { parts, show: (value) => { box.checked = value; } };
}

function control(lever, state, place) {
  if (lever.kind === "flag") return flag(lever, state, place);
  if (lever.kind === "choice") return choice(lever, state, place);
  const one = slider(lever, state, place);
  if (!lever.deferrable) return one;
  const later = deferral(lever, state, one.range, place);
  const show = (value) => [one, later].forEach((part) => part.show(value));
  return { parts: [later.label, ...one.parts], show };
}

/** One lever: its name, its value, what moves it, and how to put it back. */
export function row(lever, state) {
  const place = id(lever);
  const { parts, show } = control(lever, state, place);
  const value = el("output", { class: "lv-value", for: place, "aria-live": "off" });
  const name = lever.kind === "flag" ? el("span", {})
    : el("label", { for: place, class: "lv-name" }, capital(lever.meaning));
  const back = button("Put back", () => state.set(lever.lever, lever.initial, true),
    { class: "lv-button lv-small", "aria-label": `Put back: ${lever.meaning}` });
  const unit = lever.kind === "number" ? measured(lever) : "";
  const note = el("p", { class: "lv-note", id: `${place}-note` },
    [stood(lever), unit && !ends(lever) ? unit : ""].filter(Boolean).join(" · "));
  const why = lever.source
    && el("details", { class: "lv-why" }, el("summary", {}, "Who says so",
      el("span", { class: "lv-unseen" }, ` (${lever.meaning})`)),
    el("p", {}, `${lever.source}. Name: ${lever.lever}.`));
  const box = el("div", { class: "lv-row", "data-lever": lever.lever },
    el("div", { class: "lv-head" }, name, value), ...parts,
    el("div", { class: "lv-foot" }, note, back), why || null);
  const update = () => {
    const now = state.values[lever.lever];
    show(now);
    say(value, lever.kind === "number" ? brief(lever, now) : "");
    back.hidden = now === lever.initial;
    box.classList.toggle("lv-moved", now !== lever.initial);
  };
  state.listen(update);
  update();
  return box;
}

/** All levers: the first ones open, the others in folds by their group. */
export function panel(levers, first, state) {
  const top = levers.filter((one) => first.includes(one.lever));
  top.sort((a, b) => first.indexOf(a.lever) - first.indexOf(b.lever));
  const rest = levers.filter((one) => !first.includes(one.lever));
  const groups = [...new Set(rest.map((one) => one.group))];
  const folds = groups.map((group) => {
    const within = rest.filter((one) => one.group === group);
    const made = fold(`${capital(group)} (${within.length})`, false,
      ...within.map((one) => row(one, state)));
    const names = within.map((one) => one.lever);
    state.listen(() => {
      if (names.some((name) => name in state.changed())) made.open = true;
    });
    return made;
  });
  const back = button("Put all back", () => state.restore({}));
  const update = () => { back.disabled = Object.keys(state.changed()).length === 0; };
  state.listen(update);
  update();
  return { rows: el("div", {}, ...top.map((one) => row(one, state)),
    el("div", { class: "lv-folds" }, ...folds)), back };
}
