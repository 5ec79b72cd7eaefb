const MARGIN = { left: 52, right: 12, top: 18, bottom: 34 };

const log = (value) => Math.log10(value);

function scale(low, high, from, to) {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** Axis labels of powers of ten; no more than fit. */
function decades(low, high, room) {
  const step = Math.max(1, Math.ceil((high - low) / room));
  const found = [];
  for (let power = Math.ceil(low); power <= high; power += step) found.push(power);
  return found;
}

function power(exponent) {
  return exponent >= -2 && exponent <= 4 ? String(Number(`1e${exponent}`)) : `1e${exponent}`;
}

/** A drawing as wide as its place, drawn again when that changes. */
function drawing(label, caption, key, draw, smallest = 0) {
  const frame = scrolled(label);
  const holder = el("figure", {}, el("figcaption", {}, caption), key, frame);
  let width = 0;
  const observer = new ResizeObserver(() => {
    const now = Math.floor(frame.clientWidth);
    if (!now || now === width) return;
    width = now;
    const drawn = draw(Math.max(now, smallest));
    frame.replaceChildren(drawn);
    const first = drawn.querySelector(".starts, path.wrong");
    if (first) frame.scrollLeft = first.getBBox().x - now / 2;
  });
  observer.observe(frame);
  return holder;
}

function sample(style, shape) {
  const shapes = {
    dot: () => svg("circle", { cx: 9, cy: 6, r: 3.5 }),
    ring: () => svg("circle", { cx: 9, cy: 6, r: 3 }),
    line: () => svg("path", { d: "M0 6H18" }),
    mark: () => svg("path", { d: "M9 1L14 10H4Z" }),
    box: () => svg("rect", { x: 1, y: 1, width: 16, height: 10 }),
  };
  return svg("svg", { class: `sample ${style}`, width: 18, height: 12, "aria-hidden": true },
    shapes[shape]());
}

function keyOf(...items) {
  const made = items.map(([style, shape, said]) => el("span", {}, sample(style, shape), ` ${said}`));
  return el("p", { class: "key" }, ...made);
}

/** e and r of a row of points on a log axis, the limit, and those that are outside it.
 *
 * points: {label, error, reference, limit, wrong, said, starts}. Arrow keys step from one to the
 * next. joined: they are stations of one computation, not measured apart.
 */
function depthPlot(label, points, joined = false) {
  const height = 260;
  const values = points.flatMap((p) => [p.error, p.reference, p.limit])
    .filter((value) => value > 0 && Number.isFinite(value)).map(log).sort((a, b) => a - b);
  const high = Math.ceil(Math.max(...values, -5));
  // A few errors far below all others stand on the bottom, with those that are zero.
  const low = Math.floor(Math.min(values[Math.floor(values.length / 20)] ?? -8, high - 4)) - 1;
  const readout = el("output", { class: "readout", "aria-live": "off" },
    joined ? WORDS.traceHelp : WORDS.depthHelp);
  let chosen = -1;

  function draw(width) {
    const x = scale(0, Math.max(points.length - 1, 1), MARGIN.left + 6, width - MARGIN.right - 6);
    const y = scale(low, high, height - MARGIN.bottom, MARGIN.top);
    const place = (value) => {
      if (Number.isNaN(value) || value === Infinity) return MARGIN.top;
      return value > 0 ? y(Math.max(log(value), low)) : height - MARGIN.bottom;
    };
    const made = svg("svg", {
      class: "plot", width, height, viewBox: `0 0 ${width} ${height}`, role: "slider", tabindex: "0",
      "aria-label": label, "aria-valuemin": 0, "aria-valuemax": points.length - 1,
      "aria-valuenow": 0, "aria-valuetext": points[0].said,
    });
    for (const exponent of decades(low, high, 8)) {
      const at = y(exponent);
      made.append(svg("path", { class: "grid", d: `M${MARGIN.left} ${at}H${width - MARGIN.right}` }));
      made.append(svg("text", { x: MARGIN.left - 6, y: at + 4, class: "tick end" }, power(exponent)));
    }
    made.append(...sections(points, x, height, width));
    const spot = (i, value) => `${x(i).toFixed(1)} ${place(value).toFixed(1)}`;
    const line = (read) => `M${points.map((point, i) => spot(i, read(point))).join("L")}`;
    const half = Math.max(Math.min((x(1) - x(0)) / 2, 8), 2);
    const ticks = points.map((point, i) =>
      point.limit > 0 ? `M${(x(i) - half).toFixed(1)} ${place(point.limit).toFixed(1)}h${2 * half}` : "");
    made.append(svg("path", { class: "limit", d: ticks.join("") }));
    if (joined) {
      made.append(svg("path", { class: "own", d: line((p) => p.reference) }));
      made.append(svg("path", { class: "port", d: line((p) => p.error) }));
    } else {
      const stems = points.map((p, i) =>
        p.wrong && !(p.error > 0) ? "" : `M${spot(i, p.reference)}V${place(p.error).toFixed(1)}`);
      made.append(svg("path", { class: "port", d: stems.join("") }));
    }
    const cursor = svg("path", { class: "cursor" });
    made.append(cursor);
    const radius = points.length > 120 ? 2 : 3.5;
    points.forEach((point, i) => {
      const centre = { cx: x(i).toFixed(1) };
      // Wrong in another way than by its size: it has no error to show.
      const top = point.wrong && !(point.error > 0) ? MARGIN.top : place(point.error);
      made.append(svg("g", {},
        svg("title", {}, point.said),
        svg("circle", { ...centre, cy: place(point.reference).toFixed(1), r: radius - 0.5, class: "own" }),
        point.wrong
          ? svg("path", { class: "wrong",
            d: `M${x(i).toFixed(1)} ${(top - 6).toFixed(1)}l5 9h-10Z` })
          : svg("circle", { ...centre, cy: top.toFixed(1), r: radius, class: "port" }),
        svg("rect", { class: "hit", x: x(i) - 4, y: 0, width: 8, height }),
      ));
      if (point.starts)
        made.append(
          svg("path", { class: "starts", d: `M${x(i)} ${MARGIN.top - 4}V${height - MARGIN.bottom}` }),
          svg("text", { class: "starts", x: Math.min(x(i) + 4, width - 70), y: 11 }, WORDS.starts));
    });
    function choose(to) {
      chosen = Math.min(Math.max(to, 0), points.length - 1);
      cursor.setAttribute("d", `M${x(chosen)} ${MARGIN.top}V${height - MARGIN.bottom}`);
      readout.textContent = points[chosen].said;
      made.setAttribute("aria-valuenow", chosen);
      made.setAttribute("aria-valuetext", points[chosen].said);
    }
    made.addEventListener("keydown", (event) => {
      const to = {
        ArrowRight: chosen + 1, ArrowUp: chosen + 1, ArrowLeft: chosen - 1, ArrowDown: chosen - 1,
        Home: 0, End: points.length - 1,
      };
      if (!(event.key in to)) return;
      event.preventDefault();
      choose(to[event.key]);
    });
    made.addEventListener("pointermove", (event) => {
      const box = made.getBoundingClientRect();
      const along = ((event.clientX - box.left) / box.width) * width;
      const share = (along - x(0)) / Math.max(x(points.length - 1) - x(0), 1);
      choose(Math.round(share * (points.length - 1)));
    });
    return made;
  }

  const key = keyOf(
    ["port", "dot", WORDS.e], ["own", "ring", WORDS.r], ["limit", "line", WORDS.limit],
    ["wrong", "mark", WORDS.wrong],
  );
  const made = drawing(label, label, key, draw, MARGIN.left + 20 + points.length * 4);
  made.append(readout);
  return made;
}

/** Where the first component of the path changes, with its name where there is room. */
function sections(points, x, height, width) {
  const found = [];
  let end = -Infinity;
  let before = null;
  points.forEach((point, i) => {
    const name = point.label.split(/[.#]/)[0];
    if (name === before) return;
    before = name;
    const left = i ? (x(i - 1) + x(i)) / 2 : x(0);
    found.push(svg("path", { class: "section", d: `M${left} ${MARGIN.top}V${height - MARGIN.bottom}` }));
    const shown = name.length > 14 ? `${name.slice(0, 13)}…` : name;
    const room = 8 + [...shown].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 7), 0);
    if (left < end || left + room > width) return;
    end = left + room;
    found.push(svg("text", { class: "tick", x: left + 2, y: height - MARGIN.bottom + 16 }, shown));
  });
  return found;
}
