/** The kinds of entries, in the order of a table's columns. */
const WAYS = ["forward", "backward", "update", "parametersShort"];
/** Statuses of entries that decide nothing. */
const ASIDE = new Set(["uninformative", "inconclusive", "profiled", "known", "not judged"]);

const at = (column, i) => (Array.isArray(column) ? column[i] : column);

function wayOf(name) {
  const what = name.slice(Math.max(name.lastIndexOf(":"), name.lastIndexOf("<")) + 1);
  if (what.startsWith("grad")) return "backward";
  if (/^(out|in\b|in\.|in$|state|loss|average)/.test(what)) return "forward";
  if (/^(value|round_trip|init)/.test(what)) return "parametersShort";
  return "update";
}

/** The module that an entry belongs to: the unit that ran, else the nearest that its name names.
 *
 * What the whole network computes says nothing about one module: it belongs to the root.
 */
function moduleOf(name, unit, whole, way, paths) {
  if (unit) return unit.split("#")[0];
  if (whole && (way === "forward" || way === "backward")) return "";
  let path = name.split(/[:@#<]/)[0];
  while (path && !paths.has(path)) path = path.includes(".") ? path.replace(/\.[^.]*$/, "") : "";
  return path;
}

/** All entries of some cases of a pair. */
function entriesOf(subject, cases) {
  const paths = new Set(subject.modules.map(([path]) => path));
  const found = [];
  for (const one of cases) {
    const columns = one.entries;
    if (!columns) continue;
    const first = found.length;
    for (let i = 0; i < columns.count; i += 1) {
      const name = DATA.names[at(columns.entry, i)];
      const mode = DATA.names[at(columns.mode, i)];
      const status = DATA.names[at(columns.status, i)];
      const whole = DATA.names[at(columns.scope, i)] === "whole";
      const way = wayOf(name);
      const module = moduleOf(name, DATA.names[at(columns.unit, i)], whole, way, paths);
      found.push({
        check: one.check, name, mode, status, module, way,
        error: number(at(columns.error, i)), reference: number(at(columns.reference, i)),
        ratio: number(at(columns.ratio, i)), limit: NaN, share: NaN, index: [], values: [],
        kind: "", note: "", wrong: status === "diverges" || status === "latent",
        aside: ASIDE.has(status),
      });
    }
    for (const [i, index, values, limit, share, kind, note, far] of columns.details || [])
      Object.assign(found[first + i], {
        index, values: values.map(number), limit: number(limit), share: number(share), kind, note,
        far,
      });
  }
  return found;
}

/** What was allowed: kept for entries that are worth a look, else what the ratio says it was. */
function limitOf(entry) {
  if (Number.isFinite(entry.limit)) return entry.limit;
  return entry.ratio > 0 ? (LIMIT * entry.error) / entry.ratio : NaN;
}

/** Wrong ones come before others, then the larger e/r. */
function worse(a, b) {
  if (!b) return true;
  if (a.wrong !== b.wrong) return a.wrong;
  if (a.aside !== b.aside) return b.aside;
  return a.ratio > b.ratio;
}

/** The worst first. */
function sorted(entries) {
  return [...entries].sort((a, b) => (worse(a, b) ? -1 : worse(b, a) ? 1 : 0));
}

/** Module -> way -> its own worst entry. */
function worstByModule(entries) {
  const found = new Map();
  for (const entry of entries) {
    if (!found.has(entry.module)) found.set(entry.module, {});
    const ways = found.get(entry.module);
    if (worse(entry, ways[entry.way])) ways[entry.way] = entry;
  }
  return found;
}

/** The module tree: nodes in the order of definition, each with its children. */
function treeOf(subject, owners) {
  const nodes = new Map();
  function add(path, torch = "", mindspore = "") {
    if (nodes.has(path)) return;
    nodes.set(path, { path, torch, mindspore, children: [], parent: null });
  }
  add("");
  for (const [path, torch, mindspore] of subject.modules) {
    nodes.delete(path);
    add(path, torch, mindspore);
  }
  for (const path of owners) add(path);
  for (const node of nodes.values()) {
    if (!node.path) continue;
    let above = node.path;
    do above = above.includes(".") ? above.replace(/\.[^.]*$/, "") : "";
    while (!nodes.has(above));
    node.parent = nodes.get(above);
    node.parent.children.push(node);
  }
  return { root: nodes.get(""), nodes };
}
