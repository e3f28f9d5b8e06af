// The finding: the title of the page at once, and told to who listens when the hand has stopped.

import { el, say } from "./dom.js";

const PAUSE = 700; // milliseconds without a new finding before it is read out

/** Make the teller of findings for the heading `title` of a page or a part. */
export function findings(title, whole) {
  const status = el("p", { class: "lv-unseen", role: "status", "aria-live": "polite" });
  const name = document.title;
  let waiting = 0;
  const show = (sentence) => {
    say(title, sentence);
    if (whole) document.title = `${sentence}: ${name}`;
    clearTimeout(waiting);
    waiting = setTimeout(() => say(status, sentence), PAUSE);
  };
  return { status, show };
}
