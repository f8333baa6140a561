// Search, filters and sorting of the index. Without it, all datasets are shown, by name.
"use strict";
const rows = [...document.querySelectorAll("#datasets tbody tr[data-level]")];
const words = document.querySelector("#words");
const count = document.querySelector("#count");
const chosen = (name) =>
  document.querySelector(`input[name="${name}"]:checked`)?.dataset[name];
function filter() {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const level = chosen("level");
  const status = chosen("status");
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    const fits =
      (level === undefined || row.dataset.level === level) &&
      (status === undefined || row.dataset.status === status) &&
      wanted.every((word) => text.includes(word));
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  count.textContent = `${shown} dataset${shown === 1 ? "" : "s"}`;
}
document.querySelector("#search").hidden = false;
words.addEventListener("input", filter);
for (const input of document.querySelectorAll("fieldset input")) {
  input.addEventListener("change", filter);
}

// A heading sorts by its column; once more turns the order around.
const table = document.querySelector("#datasets");
const headings = [...table.querySelectorAll("thead th")];
headings.forEach((heading, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = heading.textContent;
  heading.replaceChildren(button);
  heading.setAttribute("aria-sort", column === 0 ? "ascending" : "none");
  button.addEventListener("click", () => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of headings) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.children[column].textContent.trim();
    const order = new Intl.Collator("en", { numeric: true });
    rows.sort((a, b) => order.compare(key(a), key(b)) * (down ? -1 : 1));
    table.tBodies[0].append(...rows);
  });
});
