// Search and filters of the index. Without it, all datasets are shown.
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
