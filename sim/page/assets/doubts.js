// What the authors would not believe, as it bears on the levers that were changed.

import { el } from "./dom.js";
import { capital } from "./words.js";

/** Whether a doubt is about one of some levers; one that names no lever bears on every result. */
export function bears(doubt, names) {
  if (doubt.levers.length === 0) return true;
  return names.some((name) => doubt.levers.some((word) => name.startsWith(word)));
}

/** Show doubts, those that bear on the changed levers first and marked. */
export function doubtList(doubts) {
  const rows = doubts.map((doubt) => {
    const mark = el("strong", { class: "lv-bears" }, "Bears on what you moved. ");
    const fold = el("details", { class: "lv-doubt" },
      el("summary", {}, mark, `${capital(doubt.short)}.`), el("p", {}, doubt.text));
    return { doubt, mark, fold };
  });
  const box = el("div", { class: "lv-doubts" }, ...rows.map((one) => one.fold));
  const show = (names) => {
    for (const { doubt, mark, fold } of rows) {
      const moved = doubt.levers.length > 0 && bears(doubt, names);
      mark.hidden = !moved;
      fold.classList.toggle("lv-first", moved);
    }
  };
  show([]);
  return { box, show };
}
