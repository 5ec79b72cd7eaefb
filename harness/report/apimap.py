"""The API map as text: a row with all that stands behind it, or a table of rows."""

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.apimap.executed import Executed, Ran, written
from harness.apimap.rewrite import short
from harness.apimap.rows import STATUSES, Argument, Row
from harness.report.scan import COLOURS


def show_row(console: Console, row: Row, ran: Ran | None) -> None:
    """One API: counterpart, arguments, and every example as it was run."""
    head = Text(row.torch, style="bold")
    head.append(f"  {row.status}", style=COLOURS[row.status])
    console.print(head, soft_wrap=True)
    if row.note:
        console.print(f"  {row.note}", markup=False)
    for signature in ran.torch if ran else ():
        console.print(Text(f"  torch      {row.local}{written(signature)}", style="dim"))
    if row.to:
        theirs = ran.mindspore.get(row.to) if ran else None
        parameters = written(theirs) if theirs else ""
        console.print(Text(f"  MindSpore  {row.to}{parameters}"), soft_wrap=True)
    if row.call:
        console.print(Text(f"  as         {row.call}"), soft_wrap=True)
    for form, found in (ran.forms if ran else {}).items():
        console.print(Text(f"  also       {form}: {found}", style="dim"), soft_wrap=True)
    for name, argument in row.args.items():
        console.print(Text(f"    {name}: {_fate(argument)}"), soft_wrap=True)
    for outcome in ran.outcomes if ran else ():
        console.print(Text(f"  {outcome.torch}"), soft_wrap=True)
        if outcome.port:
            found = outcome.found or "agrees"
            console.print(Text(f"    -> {outcome.port}   {found}", style="bold"), soft_wrap=True)
        if outcome.naive and outcome.naive != outcome.port and outcome.naive_found:
            line = Text(f"       {outcome.naive}   ", style="dim")
            line.append(outcome.naive_found, style="dim" if outcome.naive_found == "agrees" else
                        "yellow")  # fmt: skip
            console.print(line, soft_wrap=True)
    if row.pair or row.proof:
        console.print(Text(f"  proved by {row.pair or row.proof}", style="dim"))
    console.print()


def _fate(argument: Argument) -> str:
    if argument.drop:
        return f"left out, {argument.drop}"
    if argument.absent:
        return argument.absent
    parts = [argument.to] if argument.to else []
    if argument.by:
        parts.append(f"as {argument.by}")
    if argument.default:
        parts.append(f"{argument.default} where it is left out")
    for value, instead in argument.when.items():
        parts.append(f"{value} is {', '.join(f'{k}={v}' for k, v in instead.items())}")
    return "; ".join(parts)


def show_rows(console: Console, rows: Mapping[str, Row], executed: Executed, listed: bool) -> None:
    """Many rows: each in a line, or counted by family."""
    if listed:
        table = Table(box=None, header_style="dim", pad_edge=False)
        for title in ("torch", "status", "MindSpore", "difference"):
            table.add_column(title, overflow="fold")
        for row in rows.values():
            table.add_row(
                Text(row.torch), Text(row.status, style=COLOURS[row.status]),
                Text(short(row.to) or row.call), Text(row.note, style="dim"),
            )  # fmt: skip
        console.print(table)
    families: dict[str, Counter[str]] = {}
    for row in rows.values():
        families.setdefault(row.family, Counter())[row.status] += 1
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title in ("family", "rows", *STATUSES):
        table.add_column(title, justify="left" if title == "family" else "right")
    for family, counts in sorted(families.items(), key=lambda item: -item[1].total()):
        table.add_row(family, str(counts.total()), *(str(counts[s] or "") for s in STATUSES))
    total: Counter[str] = Counter()
    for counts in families.values():
        total.update(counts)
    table.add_row("all", str(total.total()), *(str(total[s]) for s in STATUSES), style="bold")
    console.print(table)
    outcomes = sum(len(r.outcomes) for name, r in executed.rows.items() if name in rows)
    versions = f"torch {executed.torch} and mindspore {executed.mindspore}, {executed.device}"
    console.print(
        f"{outcomes} expressions behind them, run on {versions}; 'map API' shows one row."
    )
