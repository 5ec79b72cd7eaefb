const DATA = JSON.parse(document.getElementById("data").textContent);
const WORDS = DATA.words;
const LIMIT = DATA.factor;

/** An element; children are elements or text, never markup. */
function el(name, attributes = {}, ...children) {
  return fitted(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return fitted(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fitted(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A number of the data: JSON has no inf and no nan, they come as texts. */
function number(value) {
  return typeof value === "string" ? Number(value.replace("inf", "Infinity")) : value;
}

/** An error to the digits that matter. */
function size(value) {
  if (!Number.isFinite(value)) return plain(value);
  return value === 0 ? "0" : value.toExponential(1);
}

/** An e/r to the digits that matter, as every report gives it. */
function ratio(value) {
  if (!Number.isFinite(value)) return plain(value);
  if (value >= 1e6) return value.toExponential(0).replace("+", "");
  return value >= 10 ? value.toFixed(0) : value.toFixed(1);
}

/** A value of a tensor. */
function exact(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : plain(value);
}

function plain(value) {
  return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/** A part of a pair's view, under its own heading; null where it holds nothing. */
function part(title, ...children) {
  const held = children.filter(Boolean);
  return held.length ? el("section", { class: "part" }, el("h4", {}, title), ...held) : null;
}

/** What may be wider than the page: it scrolls by itself, with the keyboard too. */
function scrolled(label, ...children) {
  const attributes = { class: "scroll", tabindex: "0", role: "region", "aria-label": label };
  return el("div", attributes, ...children);
}
