"""What was timed, as bars: the median, and the quartiles as a whisker."""

from collections.abc import Iterator, Sequence

from harness.report.html import tag, text
from harness.report.messages import Catalogue
from harness.results import Benchmark

_WIDTH = 100.0


def section(benchmarks: Sequence[Benchmark], say: Catalogue) -> Iterator[str]:
    """Markup of all groups, each on its own linear scale from zero."""
    if not benchmarks:
        return
    groups: dict[str, list[Benchmark]] = {}
    for benchmark in benchmarks:
        groups.setdefault(benchmark.group, []).append(benchmark)
    yield tag("h2", text(say("Benchmarks")))
    note = say("Bars are medians, whiskers the quartiles; only bars of one group can be compared.")
    yield tag("p", text(note), class_="soft")
    for group, members in groups.items():
        longest = max(b.high for b in members) or 1.0
        rows = "".join(_row(b, longest) for b in members)
        caption = tag("caption", text(group or say("no group")))
        yield tag("table", caption + tag("tbody", rows), class_="bars")


def _row(benchmark: Benchmark, longest: float) -> str:
    low, middle, high = (
        _WIDTH * value / longest for value in (benchmark.low, benchmark.median, benchmark.high)
    )
    said = seconds(benchmark.median)
    spread = f"{seconds(benchmark.low)} .. {seconds(benchmark.high)}"
    title = tag("title", text(f"{benchmark.name}: {said} ({spread})"))
    drawn = (
        f'<rect class="bar" x="0" y="2" width="{middle:.2f}" height="8"/>'
        f'<path class="whisker" d="M{low:.2f} 6H{high:.2f}M{low:.2f} 3v6M{high:.2f} 3v6"/>'
    )
    chart = (
        f'<svg viewBox="0 0 {_WIDTH:g} 12" preserveAspectRatio="none" role="img" '
        f'aria-label="{said}">{title}{drawn}</svg>'
    )
    return tag(
        "tr",
        tag("th", tag("code", text(benchmark.name)), scope="row")
        + tag("td", chart)
        + tag("td", text(said), class_="number"),
    )


def seconds(value: float) -> str:
    """A duration in the unit in which it is read."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"
