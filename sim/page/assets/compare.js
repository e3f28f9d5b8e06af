// Settings that are kept, and the paired difference between any two of them.

import { post } from "./asker.js";
import { button, el, say } from "./dom.js";
import { changes, percent, stakes, verdictOfOdds, verdictOfWorth, whole } from "./words.js";

const LETTERS = "ABCDEFGH";

function table(sides, names, { a, b, difference }) {
  const line = (name, first, second, verdict) => el("tr", {}, el("th", { scope: "row" }, name),
    el("td", { class: "lv-n" }, first), el("td", { class: "lv-n" }, second), el("td", {}, verdict));
  const than = names[0];
  const rows = [
    line("A truce holds", percent(a.odds.held.mean), percent(b.odds.held.mean),
      verdictOfOdds(difference.held, than)),
    line("A truce is agreed", percent(a.agreed.mean), percent(b.agreed.mean),
      verdictOfOdds(difference.agreed, than)),
    ...Object.entries(sides).map(([id, name]) => line(`Worth to ${name}, stakes`,
      stakes(a.worth[id].mean, 3), stakes(b.worth[id].mean, 3), verdictOfWorth(difference.worth[id]))),
  ];
  const head = ["", ...names, `${names[1]} against ${names[0]}`].map((text, i) => (
    text ? el("th", { scope: "col", class: i < 3 ? "lv-n" : false }, text) : el("td", {})));
  return el("div", { class: "lv-wide" }, el("table", { class: "lv-table" },
    el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)));
}

/** The part that compares; `current` gives the levers as they are set. */
export function comparison(levers, sides, current, most) {
  const kept = [];
  const list = el("ol", { class: "lv-kept" });
  const pickers = ["lv-first", "lv-second"].map((id) => el("select", { id }));
  const result = el("div", {});
  const told = el("p", { class: "lv-note", role: "status" });
  const amiss = el("p", { class: "lv-warning", role: "alert", hidden: true });
  const fill = () => {
    list.replaceChildren(...kept.map((one, i) => el("li", {}, el("b", {}, `${LETTERS[i]} `),
      changes(levers, one))));
    pickers.forEach((select, place) => {
      const chosen = select.value;
      const names = ["As it stands", ...kept.map((one, i) => LETTERS[i])];
      select.replaceChildren(...names.map((name, i) => el("option", { value: i }, name)));
      select.value = place ? kept.length : chosen || 0;
    });
    compare.disabled = kept.length === 0;
  };
  const settings = (select) => (Number(select.value) ? kept[Number(select.value) - 1] : {});
  const name = (select) => (Number(select.value) ? LETTERS[Number(select.value) - 1] : "as it stands");
  const compare = button("Compare", async () => {
    say(told, `Comparing on ${whole(most)} worlds …`);
    compare.disabled = true;
    const [a, b] = pickers.map(settings);
    const names = pickers.map(name);
    try {
      const found = await post("/api/compare", { a, b });
      amiss.hidden = true;
      result.replaceChildren(table(sides, names, found),
        el("p", {}, "The same in a terminal: ", el("code", {}, found.command)));
      say(told, verdictOfOdds(found.difference.held, names[0]));
    } catch (error) {
      amiss.hidden = false;
      say(amiss, error.message);
      say(told, "");
    }
    compare.disabled = false;
  });
  const add = () => {
    box.hidden = false;
    if (kept.length === LETTERS.length) { // a letter stays with its setting
      say(told, `${LETTERS.length} settings are kept, and no more can be. Reload the page to begin anew.`);
      return;
    }
    kept.push(current());
    fill();
    say(told, `Kept as ${LETTERS[kept.length - 1]}: ${changes(levers, kept.at(-1))}.`);
  };
  const box = el("section", { class: "lv-below", id: "lv-comparison", hidden: true },
    el("h2", {}, "Comparison"), list,
    el("div", { class: "lv-bar" }, el("label", { for: "lv-second" }, "Compare"), pickers[1],
      el("label", { for: "lv-first" }, "against"), pickers[0], compare), told, amiss, result);
  fill();
  return { box, add };
}
