"use strict";

/** A message with its {placeholders} filled. */
function fill(message, values) {
  return message.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function setUpTheme() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.dispatchEvent(new Event("themechange"));
  });
}

/** Rows that carry ``data-status`` are shown by the form's boxes and words, groups by their rows.
 *
 * A row is searched by its text, its groups' names and its ``data-id``.
 */
function setUpFilter() {
  const form = document.querySelector(".filters");
  if (!form) return;
  const search = form.querySelector("input[type=search]");
  const boxes = [...form.querySelectorAll("input[name=status]")];
  const only = [...form.querySelectorAll("input[name=only]")];
  const rows = [...document.querySelectorAll("tr[data-status]")].map((row) => {
    const groups = [];
    for (let at = row.closest("[data-group]"); at; at = at.parentElement.closest("[data-group]"))
      groups.push(at);
    const names = groups.map((group) => group.dataset.group).join(" ");
    const text = `${names} ${row.dataset.id ?? ""} ${row.textContent}`.toLowerCase();
    return { row, groups, text };
  });
  const groups = [...document.querySelectorAll("[data-group]")];
  const output = form.querySelector("output");

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const allowed = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const wanted = only.filter((box) => box.checked).map((box) => box.value);
    const seen = new Set();
    let shown = 0;
    for (const { row, groups: around, text } of rows) {
      const fits =
        allowed.has(row.dataset.status) &&
        wanted.every((name) => name in row.dataset) &&
        words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) {
        shown += 1;
        for (const group of around) seen.add(group);
      }
    }
    for (const group of groups) group.hidden = !seen.has(group);
    output.textContent = fill(output.dataset.message, { shown, all: rows.length });
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element &&
      event.target.matches("input:not([type=checkbox]), select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    }
  });
  apply();
}

setUpTheme();
setUpFilter();
