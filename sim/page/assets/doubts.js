// What the authors would not believe, as it bears on the levers that were changed.

import { el, fold } from "./dom.js";
import { capital } from "./words.js";

/** Whether a doubt is about one of some levers. */
export function bears(doubt, names) {
  return names.some((name) => doubt.levers.some((word) => name.startsWith(word)));
}

/**
 * Show doubts: first those that bear on the changed levers, then those that name no lever and bear
 * on every result. All others are folded away.
 */
export function doubtList(doubts) {
  const rows = doubts.map((doubt) => {
    const mark = el("strong", { class: "lv-bears" }, "Bears on what you moved. ");
    const box = el("details", { class: "lv-doubt" },
      el("summary", {}, mark, `${capital(doubt.short)}.`), el("p", {}, doubt.text));
    return { doubt, mark, box };
  });
  const near = el("div", { class: "lv-doubts" });
  const far = el("div", { class: "lv-doubts" });
  const others = fold("Others, on levers that you did not move", false, far);
  let before = null;
  const show = (names) => {
    const moved = rows.map(({ doubt }) => bears(doubt, names));
    if (String(moved) === before) return;
    before = String(moved);
    rows.forEach(({ mark, box }, i) => {
      mark.hidden = !moved[i];
      box.classList.toggle("lv-first", moved[i]);
    });
    const boxes = (chosen) => rows.filter((_, i) => chosen(i)).map((one) => one.box);
    const general = (i) => rows[i].doubt.levers.length === 0;
    near.replaceChildren(...boxes((i) => moved[i]), ...boxes((i) => !moved[i] && general(i)));
    far.replaceChildren(...boxes((i) => !moved[i] && !general(i)));
    others.hidden = far.children.length === 0;
  };
  show([]);
  return { box: el("div", {}, near, others), show };
}
