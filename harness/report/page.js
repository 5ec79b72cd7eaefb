"use strict";
(() => {
  const form = document.querySelector(".filters");
  if (!form) return;
  const search = form.querySelector("input[type=search]");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const rows = [...document.querySelectorAll("tr[data-status]")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const sections = [...document.querySelectorAll("section.file")];
  const output = form.querySelector("output");

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const allowed = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = allowed.has(row.dataset.status) && words.every((word) => texts[i].includes(word));
      row.hidden = !fits;
      if (fits) shown += 1;
    });
    sections.forEach((section) => {
      section.hidden = !section.querySelector("tr[data-status]:not([hidden])");
    });
    output.textContent = `${shown} of ${rows.length}`;
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
  });
  apply();
})();
