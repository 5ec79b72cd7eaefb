/** A table; rows are lists of cells: text, elements, or [class, content, columns it spans]. */
function table(heads, rows, attributes = {}) {
  const cell = (content, name = "td") => {
    const [style, held, span] = Array.isArray(content) ? content : ["", content];
    const scope = name === "th" ? "col" : null;
    return el(name, { class: style || null, scope, colspan: span || null }, held);
  };
  return el(
    "table", attributes,
    el("thead", {}, el("tr", {}, ...heads.map((head) => cell(head, "th")))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((held) => cell(held))))),
  );
}

const figure = (content) => ["number", content];
const code = (text) => el("code", {}, text);

/** So many rows more at each press of the button. */
const STEP = 500;

/** A table of the first of some items, and a button that shows more; row: an item's cells. */
function shortened(label, heads, items, row, first) {
  const made = table(heads, items.slice(0, first).map(row));
  const holder = scrolled(label, made);
  if (items.length <= first) return holder;
  let shown = first;
  const button = el("button", { type: "button" });
  const say = () => { button.textContent = fill(WORDS.more, { n: items.length - shown }); };
  button.addEventListener("click", () => {
    const more = table(heads, items.slice(shown, shown + STEP).map(row));
    made.tBodies[0].append(...more.tBodies[0].rows);
    shown += STEP;
    if (shown < items.length) return say();
    button.remove();
    return holder.focus();
  });
  say();
  return el("div", {}, holder, button);
}

function statusOf(entry) {
  const said = DATA.statuses[entry.status] || entry.status;
  const style = entry.wrong ? "failed" : entry.aside ? "aside" : "passed";
  return el("span", { class: `status ${style}` }, entry.wrong ? `▲ ${said}` : said);
}

/** Entries, the worst first, each with its worst element where that was kept. */
function entryTable(entries, label, first) {
  const held = sorted(entries);
  const located = held.some((entry) => entry.values.length);
  const noted = held.some((entry) => entry.note || entry.kind);
  const heads = [
    WORDS.check, WORDS.entry, WORDS.mode, figure("e"), figure("r"), figure(WORDS.ratio),
    WORDS.status,
    ...(located
      ? [WORDS.index, figure("MindSpore"), figure("torch"), figure("float64"), figure(WORDS.share)]
      : []),
    ...(noted ? [WORDS.note] : []),
  ];
  const element = (entry) => [
    code(`[${entry.index.join(", ")}]`), ...entry.values.map((value) => figure(exact(value))),
    figure(share(entry.share)),
  ];
  const note = (entry) => el("span", { class: "prose" }, [entry.kind, entry.note].filter(Boolean).join(": "));
  // What is wrong in another way than by its size has none.
  const sizes = (entry) => (entry.kind && entry.kind !== "value" && !(entry.error > 0)
    ? ["–", "–", "–"]
    : [size(entry.error), size(entry.reference), ratio(entry.ratio)]);
  // Where there is no worst element, what is said instead has its place.
  const rest = (entry) => (located && !entry.values.length
    ? [["", note(entry), noted ? 6 : 5]]
    : [...(located ? element(entry) : []), ...(noted ? [note(entry)] : [])]);
  const row = (entry) => [
    code(entry.check), code(entry.name), entry.mode, ...sizes(entry).map(figure), statusOf(entry),
    ...rest(entry),
  ];
  return shortened(label, heads, held, row, first);
}

function share(value) {
  if (!Number.isFinite(value) || value === 0) return "0 %";
  return value >= 0.005 ? `${(100 * value).toFixed(0)} %` : `${(100 * value).toExponential(0)} %`;
}

function parameterTable(subject) {
  const rows = subject.parameters;
  if (!rows.length) return null;
  const counts = {
    n: rows.length,
    renamed: rows.filter(([ours, theirs]) => ours && theirs && ours !== theirs).length,
    moved: rows.filter(([ours, theirs, , layout]) => ours && theirs && layout !== "same").length,
    lone: rows.filter(([ours, theirs]) => !ours || !theirs).length,
  };
  const heads = ["torch", "MindSpore", WORDS.shape, WORDS.layout, WORDS.note];
  const row = ([ours, theirs, shape, layout, reason]) => [
    code(ours || "–"), code(theirs || "–"), code(`(${shape.join(", ")})`),
    layout === "same" ? "" : code(layout), el("span", { class: "prose" }, reason),
  ];
  const holder = el("div", {}, shortened(WORDS.parameters, heads, rows, row, 12));
  const search = el("input", {
    type: "search", "aria-label": WORDS.filterParameters, placeholder: WORDS.filterParameters,
    oninput: () => {
      const word = search.value.toLowerCase();
      const kept = rows.filter((cells) => cells.join(" ").toLowerCase().includes(word));
      holder.replaceChildren(shortened(WORDS.parameters, heads, kept, row, word ? 200 : 12));
    },
  });
  const summary = el("p", { class: "soft" }, fill(WORDS.parameterCount, counts));
  return part(WORDS.parameters, summary, rows.length > 12 ? search : null, holder);
}

function settingTable(subject) {
  if (!subject.settings.length) return null;
  const row = ([path, name, ours, theirs]) =>
    [code(path || WORDS.root), code(name), code(ours), code(theirs)];
  const heads = [WORDS.module, WORDS.setting, "torch", "MindSpore"];
  return part(WORDS.settings, shortened(WORDS.settings, heads, subject.settings, row, 12));
}
