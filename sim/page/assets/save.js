// Save the settings as a scenario file.

import { post } from "./asker.js";
import { button, el, say } from "./dom.js";

function field(id, label, note, attributes, tag = "input") {
  const input = el(tag, { id, required: true, autocomplete: "off", "aria-describedby": `${id}-note`,
    ...attributes });
  return { input, box: el("p", { class: "lv-field" }, el("label", { for: id }, label), input,
    el("small", { id: `${id}-note` }, note)) };
}

/** A button that opens the dialog, and the dialog; `current` gives the levers as they are set. */
export function saving(current) {
  const name = field("lv-save-name", "Name of the file", "Small letters, digits and hyphens.",
    { pattern: "[a-z0-9\\-]+", maxlength: 60 });
  const title = field("lv-save-title", "Title", "A few words.", { maxlength: 120 });
  const question = field("lv-save-question", "Question", "What it asks, in one sentence.",
    { rows: 3, maxlength: 400 }, "textarea");
  const amiss = el("p", { class: "lv-warning", role: "alert", hidden: true });
  const done = el("div", { role: "status" });
  const save = el("button", { type: "submit", class: "lv-button lv-main" }, "Save");
  const form = el("form", { method: "dialog" }, name.box, title.box, question.box, amiss, done,
    el("div", { class: "lv-bar" }, save, button("Close", () => dialog.close())));
  const dialog = el("dialog", { class: "lv-dialog", "aria-labelledby": "lv-save-head" },
    el("h2", { id: "lv-save-head" }, "Save as a scenario"), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    const texts = Object.entries({ name, title, question }).map(([key, { input }]) => (
      [key, input.value.trim()]));
    try {
      const found = await post("/api/save", { ...Object.fromEntries(texts), levers: current() });
      amiss.hidden = true;
      done.replaceChildren(el("p", {}, "Saved as ", el("code", {}, found.path), "."),
        el("p", {}, "Run it: ", el("code", {}, found.command)));
    } catch (error) {
      amiss.hidden = false;
      say(amiss, error.message);
      done.replaceChildren();
    }
    save.disabled = false;
  });
  const open = button("Save as scenario", () => {
    done.replaceChildren();
    amiss.hidden = true;
    dialog.showModal();
  });
  return { open, dialog };
}
