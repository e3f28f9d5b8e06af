// Small drawings: an odds with both its intervals, five outcomes in one bar, the days of a world.

import { el, svg } from "./dom.js";

function place(chance) {
  return `${(100 * Math.min(Math.max(chance, 0), 1)).toFixed(3)}%`;
}

function span(node, [low, high], least = 0) {
  const width = Math.max(high - low, least);
  node.setAttribute("x", place(Math.min((low + high - width) / 2, 1 - width)));
  node.setAttribute("width", `${(100 * width).toFixed(3)}%`);
}

/** A scale from 0 to 100 %: the members' interval, the dice, the odds, and where they stood. */
export function strip() {
  const grid = [0, 0.25, 0.5, 0.75, 1].map((x) => svg("line", {
    class: "lv-grid", x1: place(x), x2: place(x), y1: 2, y2: 34,
  }));
  const members = svg("rect", { class: "lv-members", y: 9, height: 18, rx: 2 });
  const dice = svg("rect", { class: "lv-dice", y: 5, height: 26 });
  const stood = svg("line", { class: "lv-stood", y1: 3, y2: 33 });
  const now = svg("circle", { class: "lv-now", r: 5, cy: 18 });
  const drawing = svg("svg", { class: "lv-strip", height: 36, "aria-hidden": "true" },
    ...grid, members, stood, dice, now);
  const scale = el("p", { class: "lv-scale", "aria-hidden": "true" },
    ...["0", "25", "50", "75", "100 %"].map((text) => el("span", {}, text)));
  const show = (odds, before) => {
    members.classList.toggle("lv-none", !odds.members);
    dice.classList.toggle("lv-none", !odds.dice);
    stood.classList.toggle("lv-none", before === null);
    if (odds.members) span(members, odds.members, 0.002);
    if (odds.dice) span(dice, odds.dice, 0.002);
    if (before !== null) {
      stood.setAttribute("x1", place(before));
      stood.setAttribute("x2", place(before));
    }
    now.setAttribute("cx", place(odds.mean));
  };
  return { box: el("div", { class: "lv-drawing" }, drawing, scale), show };
}

function sample(...parts) {
  return svg("svg", { class: "lv-sample", width: 26, height: 16, "aria-hidden": "true" }, ...parts);
}

/** What the marks of a strip mean. */
export function legend(dice) {
  const item = (drawing, text) => el("li", {}, drawing, text);
  return el("ul", { class: "lv-legend" },
    item(sample(svg("circle", { class: "lv-now", r: 5, cx: 13, cy: 8 })), "now"),
    item(sample(svg("line", { class: "lv-stood", x1: 13, x2: 13, y1: 1, y2: 15 })),
      "as it stands"),
    item(sample(svg("rect", { class: "lv-dice", x: 8, y: 1, width: 10, height: 14 })), dice),
    item(sample(svg("rect", { class: "lv-members", x: 1, y: 1, width: 24, height: 14 })),
      "nine in ten members: what is not known"));
}

/** One bar of the five outcomes, which together are all worlds. */
export function stack(names) {
  const parts = names.map((name) => svg("rect", { class: `lv-of-${name}`, y: 0, height: 24 }));
  const box = svg("svg", { class: "lv-stack", height: 24, "aria-hidden": "true" }, ...parts);
  const show = (means) => {
    let sum = 0;
    parts.forEach((part, i) => {
      part.setAttribute("x", place(sum));
      part.setAttribute("width", place(means[i]));
      sum += means[i];
    });
  };
  return { box, show };
}

/** A square in the colour of an outcome or of a kind of day. */
export function swatch(name) {
  return svg("svg", { class: "lv-swatch", width: 14, height: 14, "aria-hidden": "true" },
    svg("rect", { class: `lv-of-${name}`, width: 14, height: 14 }));
}

/** Runs of like days: the kind, the first day and how many there are. */
export function runs(days) {
  const found = [];
  days.forEach((kind, i) => {
    if (found.at(-1)?.kind === kind) found.at(-1).length += 1;
    else found.push({ kind, from: i + 1, length: 1 });
  });
  return found;
}

/** The days of a world from left to right. */
export function daysStrip(days) {
  const parts = runs(days).map(({ kind, from, length }) => {
    const top = { truce: 0, partial: 10, pause: 18 }[kind] ?? 28;
    return svg("rect", { class: `lv-of-${kind}`, x: place((from - 1) / days.length),
      width: place(length / days.length), y: top, height: 40 - top });
  });
  return svg("svg", { class: "lv-days", height: 40, "aria-hidden": "true" }, ...parts);
}
