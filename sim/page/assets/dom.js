// Elements are made here, from plain text alone: nothing that is shown is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Make an element; an attribute that is false or null is left out. */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Make a part of a drawing. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** Make a button that does something. */
export function button(text, act, attributes = {}) {
  const made = el("button", { type: "button", class: "lv-button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** Set the text of a node if it differs, so that nothing is announced twice. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Make a fold: a heading that opens and closes what is below. */
export function fold(heading, open, ...children) {
  return el("details", { class: "lv-fold", open }, el("summary", {}, heading), ...children);
}
