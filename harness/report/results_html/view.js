/** Why the cases of a pair fail: what they point at, those that say the same together. */
function failures(subject) {
  const groups = new Map();
  for (const one of subject.cases) {
    const pointsAt = one.findings || one.problems || one.culprits;
    if (!pointsAt && !(one.text && one.state !== "blocked")) continue;
    const key = pointsAt
      ? JSON.stringify([one.findings, one.problems, one.culprits])
      : `alone ${one.name}`;
    groups.set(key, [...(groups.get(key) || []), one]);
  }
  return part(WORDS.failures, ...[...groups.values()].map(failure));
}

function failure(cases) {
  const [first] = cases;
  return el(
    "div", { class: "failure" },
    el("h5", {}, ...cases.flatMap((one, i) => [i ? ", " : "", code(one.name)])),
    ...(first.problems || []).map((problem) => el("pre", {}, problem)),
    ...(first.findings || []).map(([place, sentence, ours, theirs]) => el(
      "p", {}, code(place), `: ${sentence}`,
      ours || theirs ? el("span", { class: "note" }, `torch ${ours}; MindSpore ${theirs}`) : null)),
    first.culprits ? culprits(first.culprits) : null,
    ...cases.map((one) => one.bundle
      ? el("p", {}, `${WORDS.replay} `, code(`python -m harness replay ${one.bundle}`)) : null),
    ...cases.map((one) => one.text
      ? el("details", {}, el("summary", {}, fill(WORDS.fullPage, { check: one.check })),
        el("pre", {}, one.text)) : null),
  );
}

function culprits(found) {
  const rows = found.map((culprit) => [
    code(culprit.path || WORDS.root),
    culprit.wiring ? WORDS.badge_construct : WORDS.badge_alone,
    culprit.torch === culprit.mindspore ? culprit.torch : `${culprit.torch} / ${culprit.mindspore}`,
    el("span", {},
      ...culprit.facts.map(([name, ours, theirs]) =>
        el("span", { class: "fact" }, `${name}: torch ${ours}, MindSpore ${theirs}`)),
      culprit.source ? el("span", { class: "fact" }, code(culprit.source)) : null),
  ]);
  const heads = [WORDS.module, WORDS.kind, WORDS.type, WORDS.facts];
  return scrolled(WORDS.culprits, table(heads, rows));
}

function latents(subject) {
  const found = subject.cases.flatMap((one) => one.latent || []);
  const paths = [...new Set(found.map((culprit) => culprit.path))];
  return part(WORDS.badge_latent,
    ...paths.map((path) => el("p", {}, code(path), ` ${WORDS.latentText}`)));
}

/** Modules in order, each with its own worst entry of one way. */
function along(subject, entries, way) {
  const own = worstByModule(entries);
  const { nodes } = treeOf(subject, own.keys());
  const ordered = [...nodes.values()].filter((node) => own.get(node.path)?.[way]);
  // The root computes last.
  ordered.sort((a, b) => (a.path === "") - (b.path === ""));
  return ordered.map((node) => {
    const entry = own.get(node.path)[way];
    const name = node.path || WORDS.root;
    return {
      label: name, error: entry.error, reference: entry.reference, limit: limitOf(entry),
      wrong: entry.wrong, said: sayPoint(name, entry, `${entry.name} (${entry.check})`),
    };
  });
}

function sayPoint(name, entry, more) {
  const kind = entry.kind && entry.kind !== "value" ? `, ${entry.kind}` : "";
  return `${name}: e ${size(entry.error)}, r ${size(entry.reference)}, ` +
    `${WORDS.ratio} ${ratio(entry.ratio)}${kind}${more ? ` – ${more}` : ""}`;
}

function depth(subject, entries) {
  const made = [];
  for (const way of ["forward", "backward", "update"]) {
    const points = along(subject, entries, way);
    const shown = points.some((p) => p.error > 0 || p.reference > 0 || p.wrong);
    if (points.length > 1 && shown)
      made.push(depthPlot(fill(WORDS.depth, { way: WORDS[way] }), points));
  }
  return made;
}

function traces(cases) {
  return cases.filter((one) => one.trace && one.trace.length > 1).map((one) => depthPlot(
    fill(WORDS.trace, { check: one.check }),
    one.trace.map(([name, e, r, times, place, note]) => {
      const entry = { error: number(e), reference: number(r), ratio: number(times), kind: note };
      const unit = entry.ratio > 0 ? (LIMIT * entry.error) / entry.ratio : NaN;
      return {
        label: name || WORDS.root, error: entry.error, reference: entry.reference, limit: unit,
        wrong: place !== "", starts: place === "starts here",
        said: sayPoint(name || WORDS.root, entry, place === "starts here" ? WORDS.starts : ""),
      };
    }),
    true,
  ));
}

function notes(subject) {
  const found = [...new Set(subject.cases.flatMap((one) => one.notes || []))];
  if (!found.length) return null;
  return part(WORDS.notes, el("ul", {}, ...found.map((note) => el("li", {}, note))));
}

/** What the chosen checks of a pair measured. */
function measured(subject, cases) {
  const entries = entriesOf(subject, cases);
  const drawn = [...traces(cases), ...depth(subject, entries)];
  const bars = histogram(entries);
  return [
    moduleTree(subject, cases, entries),
    ...drawn.map((figure) => el("section", { class: "part" }, figure)),
    bars && el("section", { class: "part" }, bars),
    entries.length ? part(WORDS.worst, entryTable(entries, WORDS.worst, 10)) : null,
  ].filter(Boolean);
}

/** Draw a pair's whole view into its place in the list. */
function drawView(holder, subject) {
  const held = el("div", {});
  const checks = subject.cases.filter((one) => one.entries).map((one) => one.name);
  const choice = el("select", { onchange: () => show() }, el("option", { value: "" }, WORDS.allChecks),
    ...checks.map((name) => el("option", { value: name }, name)));
  function show() {
    const cases = subject.cases.filter((one) => !choice.value || one.name === choice.value);
    held.replaceChildren(...measured(subject, cases));
  }
  const curves = subject.cases.flatMap((one) => one.curves || []);
  holder.replaceChildren(...[
    failures(subject),
    latents(subject),
    settingTable(subject),
    checks.length > 1 ? el("p", { class: "tools" }, el("label", {}, `${WORDS.check} `, choice)) : null,
    held,
    part(WORDS.curves, ...curves.map(curvePlot)),
    parameterTable(subject),
    notes(subject),
  ].filter(Boolean));
  show();
}
