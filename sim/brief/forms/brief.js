// Tables are sorted by a click on a heading: by the cells' keys, else by their words.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    const link = head.querySelector("a"); // a button may not hold a link: it stands beside it
    button.textContent = link ? "↕" : head.textContent;
    if (link) {
      button.setAttribute("aria-label", `Sort by ${head.textContent}`);
      button.className = "beside";
      head.append(" ", button);
    } else {
      head.replaceChildren(button);
    }
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.key ?? cell.textContent.trim();
      };
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        const [m, n] = [Number(x), Number(y)];
        const both = x !== "" && y !== "" && !Number.isNaN(m) && !Number.isNaN(n);
        return both ? m - n : x.localeCompare(y, "en");
      };
      const rows = [...body.rows].sort((a, b) => (up ? order(a, b) : order(b, a)));
      body.append(...rows);
      table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
    });
  });
}
// A table is a stop of the Tab key only where it is wider than its place.
const stops = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
document.querySelectorAll(".scroll").forEach((one) => stops.observe(one));
