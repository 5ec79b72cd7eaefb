/** How many entries have which e/r, in steps of a quarter of a power of ten. */
function histogram(entries) {
  const judged = entries.filter((entry) => !Number.isNaN(entry.ratio));
  if (!judged.length) return null;
  const step = 4;
  const bins = new Map();
  const index = (entry) => {
    const value = entry.ratio;
    if (entry.wrong && !(value > 0)) return 6 * step; // wrong in another way than by its size
    if (value === 0) return -Infinity;
    return Math.min(Math.max(Math.floor(log(value) * step), -2 * step), 6 * step);
  };
  for (const entry of judged) {
    const bin = index(entry);
    if (!bins.has(bin)) bins.set(bin, { agrees: 0, aside: 0, wrong: 0 });
    bins.get(bin)[entry.wrong ? "wrong" : entry.aside ? "aside" : "agrees"] += 1;
  }
  const known = [...bins.keys()].filter(Number.isFinite);
  const first = Math.min(...known, 0);
  const last = Math.max(...known, Math.ceil(log(LIMIT) * step) + 1);
  const label = fill(WORDS.histogram, { n: judged.length.toLocaleString() });
  const height = 200;

  function draw(width) {
    const count = last - first + 1;
    const zero = bins.has(-Infinity) ? 1 : 0;
    const x = scale(-2 * zero, count, MARGIN.left, width - MARGIN.right);
    const most = Math.max(...[...bins.values()].map((bin) => bin.agrees + bin.aside + bin.wrong));
    // Square roots: a handful of wrong entries is seen beside thousands that agree.
    const y = scale(0, Math.sqrt(most), height - MARGIN.bottom, MARGIN.top + 12);
    const made = svg("svg", { class: "plot", width, height, viewBox: `0 0 ${width} ${height}`,
      role: "img", "aria-label": label });
    const base = height - MARGIN.bottom;
    made.append(svg("path", { class: "grid", d: `M${MARGIN.left} ${base}H${width - MARGIN.right}` }));
    for (const [bin, found] of bins) {
      const place = bin === -Infinity ? -2 : bin - first;
      const total = found.agrees + found.aside + found.wrong;
      const range = bin === -Infinity
        ? WORDS.identical
        : `${(10 ** (bin / step)).toPrecision(2)} ≤ ${WORDS.ratio} < ${(10 ** ((bin + 1) / step)).toPrecision(2)}`;
      const group = svg("g", {}, svg("title", {}, `${range}: ${total}`));
      let below = 0;
      for (const name of ["agrees", "aside", "wrong"]) {
        if (!found[name]) continue;
        const from = y(Math.sqrt(below));
        below += found[name];
        const to = y(Math.sqrt(below));
        group.append(svg("rect", { class: `bin ${name}`, x: x(place) + 1, y: to,
          width: Math.max(x(place + 1) - x(place) - 2, 1), height: Math.max(from - to, 1.5) }));
      }
      if (x(1) - x(0) > 22 || bin === -Infinity)
        group.append(svg("text", { class: "tick middle", x: (x(place) + x(place + 1)) / 2,
          y: y(Math.sqrt(total)) - 4 }, String(total)));
      made.append(group);
    }
    for (const exponent of decades(Math.ceil(first / step), Math.floor((last + 1) / step), width / 60))
      made.append(svg("text", { class: "tick middle", x: x(exponent * step - first), y: base + 16 },
        power(exponent)));
    if (zero)
      made.append(svg("text", { class: "tick", x: x(-2), y: base + 30 }, WORDS.identical));
    const edge = x(log(LIMIT) * step - first);
    made.append(svg("path", { class: "limit", d: `M${edge} ${MARGIN.top}V${base}` }));
    made.append(svg("text", { class: "tick", x: edge + 4, y: MARGIN.top + 8 },
      `${WORDS.limit} ${LIMIT}`));
    return made;
  }

  const key = keyOf(["agrees", "box", DATA.statuses.agrees], ["wrong", "box", WORDS.outside],
    ["aside", "box", WORDS.aside]);
  return drawing(label, label, key, draw);
}

/** A quantity over a training: both sides as lines, the envelope of torch's twins as a band. */
function curvePlot(curve) {
  const title = DATA.curves[curve.name] || curve.name;
  const steps = curve.x.map(number);
  const [ours, theirs, low, high] =
    [curve.torch, curve.mindspore, curve.low, curve.high].map((values) => values.map(number));
  const known = [...ours, ...theirs, ...low, ...high].filter(Number.isFinite);
  const positive = known.filter((value) => value > 0);
  const logarithmic = positive.length > 1 && Math.max(...positive) > 50 * Math.min(...positive);
  const read = logarithmic ? log : (value) => value;
  const used = (logarithmic ? positive : known).map(read);
  const [bottom, top] = [Math.min(...used), Math.max(...used)];
  const pad = (top - bottom || Math.abs(top) || 1) * 0.06;
  const height = 220;

  function draw(width) {
    const x = scale(steps[0], steps[steps.length - 1], MARGIN.left + 8, width - MARGIN.right - 8);
    const y = scale(bottom - pad, top + pad, height - MARGIN.bottom, MARGIN.top);
    const place = (value) => (logarithmic && !(value > 0) ? height - MARGIN.bottom : y(read(value)));
    const made = svg("svg", { class: "plot twins", width, height, role: "img",
      viewBox: `0 0 ${width} ${height}`, "aria-label": title });
    for (let i = 0; i <= 4; i += 1) {
      const value = bottom + ((top - bottom) * i) / 4;
      const at = y(value);
      const said = logarithmic ? (10 ** value).toExponential(0) : String(Number(value.toPrecision(3)));
      made.append(svg("path", { class: "grid", d: `M${MARGIN.left} ${at}H${width - MARGIN.right}` }));
      made.append(svg("text", { class: "tick end", x: MARGIN.left - 6, y: at + 4 }, said));
    }
    let run = [];
    const band = () => {
      if (run.length > 1) {
        const upper = run.map((i) => `${x(steps[i])} ${place(high[i])}`);
        const lower = run.map((i) => `${x(steps[i])} ${place(low[i])}`).reverse();
        made.append(svg("path", { class: "band", d: `M${[...upper, ...lower].join("L")}Z` }));
      }
      run = [];
    };
    steps.forEach((_, i) => {
      if (Number.isFinite(low[i]) && Number.isFinite(high[i])) run.push(i);
      else band();
    });
    band();
    for (const [style, values] of [["own", ours], ["port", theirs]]) {
      const shown = values.map((value, i) => [value, i]).filter(([value]) => Number.isFinite(value));
      made.append(svg("path", { class: style,
        d: shown.map(([value, i], n) => `${n ? "L" : "M"}${x(steps[i])} ${place(value)}`).join("") }));
      for (const [value, i] of shown)
        made.append(svg("circle", { class: style, cx: x(steps[i]), cy: place(value), r: style === "own" ? 4.5 : 2.5 },
          svg("title", {}, `${style === "own" ? "torch" : "MindSpore"}, ${WORDS.step} ${steps[i]}: ${exact(value)}`)));
    }
    const every = Math.max(1, Math.ceil(steps.length / Math.max(2, width / 70)));
    steps.forEach((step, i) => {
      if (i % every === 0)
        made.append(svg("text", { class: "tick middle", x: x(step), y: height - MARGIN.bottom + 16 },
          String(step)));
    });
    made.append(svg("text", { class: "tick end", x: width - MARGIN.right, y: height - 4 }, WORDS.step));
    return made;
  }

  const key = keyOf(["own", "ring", "torch"], ["port", "dot", "MindSpore"],
    ["band", "box", WORDS.envelope]);
  return drawing(title, title, key, draw);
}
