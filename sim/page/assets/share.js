// The link to what is seen.

import { button, el } from "./dom.js";

/** A button that copies the address; where that is not allowed the address is shown to be copied. */
export function copyLink() {
  const told = el("span", { class: "lv-told", role: "status" });
  const copy = button("Copy link", async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      told.replaceChildren("Copied.");
    } catch {
      const field = el("input", { readonly: true, value: location.href, "aria-label": "Link" });
      told.replaceChildren(field);
      field.select();
    }
  });
  return el("span", { class: "lv-share" }, copy, told);
}
