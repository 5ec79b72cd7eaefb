/** The step of the colour scale that an e/r stands on; the limit lies between in and out. */
function heat(entry) {
  if (!entry) return "";
  if (entry.aside) return "heat aside";
  if (!Number.isFinite(entry.ratio)) return "heat out3";
  if (entry.kind && entry.kind !== "value") return "heat out3";
  const times = entry.ratio / LIMIT;
  const inside = [0.01, 0.03, 0.1, 0.3].filter((step) => times > step).length;
  const outside = [10, 100].filter((step) => times > step).length;
  return `heat ${entry.wrong || times > 1 ? `out${outside + 1}` : `in${inside}`}`;
}

function legend() {
  const steps = [
    ["in0", "≤ 0.3"], ["in1", "≤ 1"], ["in2", "≤ 3"], ["in3", "≤ 10"], ["in4", `≤ ${LIMIT}`],
    ["out1", `▲ ≤ ${LIMIT * 10}`], ["out2", `▲ ≤ ${LIMIT * 100}`], ["out3", "▲ >"],
  ];
  const swatches = steps.map(([name, said]) => el("span", { class: `heat ${name}` }, said));
  return el("p", { class: "legend" }, `${WORDS.ratio} `, ...swatches, ` ${WORDS.legendHelp}`);
}

function said(entry) {
  if (entry.kind && entry.kind !== "value") return `▲ ${entry.kind}`;
  if (entry.aside) return `(${ratio(entry.ratio)})`;
  return `${entry.wrong ? "▲ " : ""}${ratio(entry.ratio)}`;
}

/** The worst of a module and of everything inside it, way by way. */
function summed(node, own) {
  const found = { ...own.get(node.path) };
  for (const child of node.children)
    for (const [way, entry] of Object.entries(summed(child, own)))
      if (worse(entry, found[way])) found[way] = entry;
  node.worst = found;
  return found;
}

function badges(path, subject, cases) {
  const found = new Set();
  for (const one of cases) {
    for (const culprit of one.culprits || [])
      if (culprit.path === path) found.add(culprit.wiring ? "badge_construct" : "badge_alone");
    for (const culprit of one.latent || []) if (culprit.path === path) found.add("badge_latent");
  }
  return [...found].map((name) => el("span", { class: `badge ${name}` }, WORDS[name]));
}

/** The modules as a tree of rows: a heat cell for each way, arrow keys, a module's entries. */
function moduleTree(subject, cases, entries) {
  const own = worstByModule(entries);
  const { root, nodes } = treeOf(subject, own.keys());
  if (nodes.size < 2) return null;
  summed(root, own);
  const ways = WAYS.filter((way) => way in root.worst);
  const rows = [];
  const wrong = (node) => Object.values(node.worst).some((entry) => entry.wrong);
  const small = nodes.size <= 40;
  const heads = [WORDS.module, WORDS.type, ...ways.map((way) => figure(WORDS[way]))];
  const chosen = el("h5", { "aria-live": "polite" });
  const panel = el("div", { class: "panel" });
  const made = table(heads, [], { class: "tree", role: "treegrid", "aria-label": WORDS.tree });
  const body = made.tBodies[0];

  function add(node, level) {
    node.level = level;
    node.open = node.children.length > 0 && (small || level < 2 || wrong(node));
    const twisty = el("span", {
      class: "twisty", "aria-hidden": true,
      onclick: (event) => { event.stopPropagation(); toggle(node); },
    });
    const name = node.path.slice(node.parent && node.parent.path ? node.parent.path.length + 1 : 0);
    const types = node.torch === node.mindspore || !node.torch
      ? node.torch
      : `${node.torch} / ${node.mindspore || WORDS.badge_torch_only}`;
    node.row = el(
      "tr", { role: "row", tabindex: "-1", "aria-level": level + 1, title: node.path || WORDS.root },
      el("td", { role: "gridcell" },
        el("span", { class: `indent i${Math.min(level, 12)}` }, twisty, code(name || WORDS.root)),
        ...badges(node.path, subject, cases)),
      el("td", { role: "gridcell", class: "types" }, types),
      ...ways.map((way) => {
        const entry = node.worst[way];
        const hint = entry && `${entry.name} (${entry.check}): ${DATA.statuses[entry.status]}`;
        return el("td", { role: "gridcell", class: `number ${heat(entry)}`, title: hint },
          entry ? said(entry) : "");
      }),
    );
    node.row.addEventListener("click", () => { enter(node); select(node); });
    node.row.addEventListener("keydown", (event) => key(event, node));
    rows.push(node);
    body.append(node.row);
    for (const child of node.children) add(child, level + 1);
  }

  function visible(node) {
    for (let above = node.parent; above; above = above.parent) if (!above.open) return false;
    return true;
  }

  function refresh() {
    for (const node of rows) {
      node.row.hidden = !(filtered() ? node.kept : visible(node));
      if (node.children.length) {
        node.row.setAttribute("aria-expanded", String(node.open));
        node.row.classList.toggle("open", node.open);
        node.row.classList.add("branch");
      }
    }
  }

  function toggle(node, open = !node.open) {
    if (!node.children.length) return;
    node.open = open;
    refresh();
  }

  function enter(node) {
    for (const other of rows) other.row.tabIndex = -1;
    node.row.tabIndex = 0;
    node.row.focus({ preventScroll: false });
  }

  function key(event, node) {
    const shown = rows.filter((other) => !other.row.hidden);
    const here = shown.indexOf(node);
    const steps = {
      ArrowDown: () => shown[here + 1], ArrowUp: () => shown[here - 1],
      Home: () => shown[0], End: () => shown[shown.length - 1],
      ArrowRight: () => {
        if (!node.children.length) return null;
        if (node.open) return node.children[0];
        return toggle(node, true);
      },
      ArrowLeft: () => (node.open && node.children.length ? toggle(node, false) : node.parent),
      Enter: () => select(node), " ": () => select(node),
    };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = steps[event.key]();
    if (next) enter(next);
  }

  function select(node) {
    for (const other of rows) other.row.classList.toggle("selected", other === node);
    const title = fill(WORDS.entries, { module: node.path || WORDS.root });
    const own = entries.filter((entry) => entry.module === node.path);
    const held = own.length ? entryTable(own, title, 20) : el("p", { class: "soft" }, WORDS.nothing);
    chosen.textContent = title;
    panel.replaceChildren(held);
  }

  const search = el("input", {
    type: "search", placeholder: WORDS.filterModules, "aria-label": WORDS.filterModules,
  });
  const filtered = () => search.value.trim() !== "";
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const node of rows) node.kept = false;
    for (const node of rows) {
      const text = `${node.path} ${node.torch} ${node.mindspore}`.toLowerCase();
      if (words.every((word) => text.includes(word)))
        for (let above = node; above; above = above.parent) above.kept = true;
    }
    refresh();
  });
  const all = (open) => () => { for (const node of rows) toggleQuietly(node, open); refresh(); };
  const toggleQuietly = (node, open) => { node.open = node.children.length > 0 && (open || !node.parent); };
  const large = nodes.size > 12;
  const tools = el(
    "p", { class: "tools" }, large ? search : null,
    large ? el("button", { type: "button", onclick: all(true) }, WORDS.openAll) : null,
    large ? el("button", { type: "button", onclick: all(false) }, WORDS.closeAll) : null,
    el("span", { class: "soft" }, fill(WORDS.treeHelp, { n: nodes.size })),
  );
  add(root, 0);
  refresh();
  root.row.tabIndex = 0;
  return part(WORDS.tree, legend(), tools,
    el("div", { class: "scroll tall" }, made), chosen, panel);
}
