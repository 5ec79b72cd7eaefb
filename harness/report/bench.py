"""What the harness costs, as a table: on the console, and in the README."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from harness.benchmarks import RATIOS, Growth, Turns, met

_BEGIN, _END = "<!-- bench -->\n", "<!-- /bench -->"
_HEADER = ("what", "beside", "ratio", "quartiles", "limit")


def show(
    console: Console,
    found: Mapping[str, Turns],
    wanted: Sequence[str],
    old: Mapping[str, Turns] | None = None,
) -> None:
    """Every wanted ratio with its noise, its limit, whether it is met, and an earlier run's."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    titles = [*_HEADER[:2], "ours", "bare", *_HEADER[2:], *(["before"] if old is not None else []),
              ""]  # fmt: skip
    for title in titles:
        table.add_column(title, justify="left" if title in _HEADER[:2] else "right")
    for name in wanted:
        ratio, turns = RATIOS[name], found.get(name)
        if turns is None:
            cells, word = ["-"] * 4, "not measured"
        else:
            cells = [*(_seconds(time) for time in turns.best), *_cells(turns)]
            word = ("met" if met(name, turns) else "MISSED") if ratio.limit else ""
        before = [_ratio(old[name].ratio) if name in old else "-"] if old is not None else []
        table.add_row(ratio.what, ratio.bare, *cells, _limit(ratio.limit), *before, word)
    console.print(table)


def verdict(wanted: Sequence[str], missed: Sequence[str], growths: Sequence[Growth]) -> str:
    """The closing sentences."""
    limits = sum(bool(RATIOS[name].limit) for name in wanted)
    lines = [f"{limits - len(missed)} of {limits} limits are met."]
    for growth in growths:
        lines.append(
            f"GREW: {RATIOS[growth.name].what}: {_ratio(growth.old.ratio)} before, "
            f"{_ratio(growth.new.ratio)} now"
        )
    return "\n".join(lines)


def in_readme(text: str, found: Mapping[str, Turns]) -> str:
    """The README with its table replaced."""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    assert begin and end, "the README has lost its markers"
    return f"{before}{begin}{markdown(found)}{end}{after}"


def markdown(found: Mapping[str, Turns]) -> str:
    """All declared ratios as a Markdown table."""
    lines = [f"| {' | '.join(_HEADER)} |", "|---|---|---|---|---|"]
    for name, ratio in RATIOS.items():
        cells = _cells(found[name]) if name in found else ["-", "-"]
        row = [ratio.what, ratio.bare, *cells, _limit(ratio.limit)]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _cells(turns: Turns) -> list[str]:
    low, high = turns.quartiles
    return [_ratio(turns.ratio), f"{_ratio(low)} to {_ratio(high)}"]


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _limit(limit: float) -> str:
    return f"{limit:g}" if limit else ""


def _seconds(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
