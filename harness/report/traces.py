"""A whole network's trace as a table: where a difference starts, and what lies downstream."""

from collections.abc import Sequence

from rich.cells import cell_len

from harness.report.messages import Catalogue
from harness.report.told import told
from harness.report.words import left, ratio, right
from harness.tolerance import FACTOR
from harness.verdict import TraceRow

#: Rows of a trace shown before the rest is only counted.
_ROWS = 12


def trace_table(rows: Sequence[TraceRow], backward: bool, say: Catalogue) -> list[str]:
    """The rows around every start with both errors, and a count of what is not shown."""
    shown = _interesting(rows)
    width = max(max(len(row.name or "out") for row in shown) + 2, 11)
    title = say("gradient at") if backward else say("entry")
    heads = (say("mindspore err"), say("torch's own err"), say("ratio"))
    columns = [max(least, cell_len(head)) for least, head in zip((13, 15, 5), heads)]
    limit = say("(limit {limit:g})", limit=FACTOR)
    titles = "   ".join(right(head, column) for head, column in zip(heads, columns))
    lines = [f"  {left(title, width)}  {titles}  {limit}"]
    for row in shown:
        mark = {
            "": "",
            "starts here": f"  {say('<- starts here')}",
            "downstream": f"  {say('downstream')}",
        }[row.place]
        numbers = "   ".join(
            number.rjust(column)
            for number, column in zip(
                (f"{row.error:.1e}", f"{row.reference:.1e}", ratio(row.ratio)), columns
            )
        )
        if row.note and not row.error:
            numbers = told(row.note, say)
        lines.append(f"  {row.name or 'out':<{width}}  {numbers}{mark}")
    more = sum(r.place == "downstream" for r in rows) - sum(r.place == "downstream" for r in shown)
    counted = say("({n} outputs compared; {more} more downstream)", n=len(rows), more=more)
    return [*lines, f"  {counted}"]


def _interesting(rows: Sequence[TraceRow]) -> list[TraceRow]:
    """The rows around every start, the end, and no more than a screenful."""
    if len(rows) <= _ROWS:
        return list(rows)
    starts = [i for i, row in enumerate(rows) if row.place == "starts here"]
    chosen: list[int] = []
    for start in starts:
        for i in (start - 1, start, start + 1):
            if 0 <= i < len(rows) and i not in chosen and len(chosen) < _ROWS - 1:
                chosen.append(i)
    if len(rows) - 1 not in chosen:
        chosen.append(len(rows) - 1)
    return [rows[i] for i in sorted(chosen)]
