"""The layer and function pairs as a table: variants, and what does not run and why."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.apimap.rows import MISSING, Row
from harness.pair import Pair
from harness.profile import Profile

_WORDS = {"forward": "does not run", "backward": "no gradient", "graph": "not in graph mode"}


def show(
    console: Console, pairs: Sequence[Pair], profile: Profile, rows: Mapping[str, Row]
) -> None:
    """Every pair with its variants; then torch layers that MindSpore has nothing for."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title, justify in (("pair", "left"), ("variants", "right"), ("run", "right"),
                           ("what does not run, and why", "left")):  # fmt: skip
        table.add_column(title, justify=justify, overflow="fold")  # type: ignore[arg-type]
    total = run = 0
    for pair in pairs:
        lacks = {variant: profile.lacks(pair, variant) for variant in pair.variants}
        runs = sum("forward" not in found for found in lacks.values())
        total += len(lacks)
        run += runs
        table.add_row(
            Text(pair.name), str(len(lacks)), Text(str(runs), style="" if runs else "red"),
            Text("; ".join(_reasons(pair, lacks)), style="dim"),
        )  # fmt: skip
    console.print(table)
    absent = [row for row in rows.values() if row.status == MISSING and row.family == "torch.nn"]
    if absent:
        console.print("\nNo counterpart under any name, as the API map's run found:")
        for row in absent:
            console.print(Text(f"  {row.torch}  {row.note}", style="dim"), soft_wrap=True)
    console.print(
        f"\n{len(pairs)} pairs, {total} variants; {run} run on {profile.device} with mindspore "
        f"{profile.mindspore}."
    )


def _reasons(pair: Pair, lacks: Mapping[str, Mapping[str, str]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for variant, reasons in lacks.items():
        for what, why in reasons.items():
            found.setdefault(f"{_WORDS[what]}: {why}", []).append(variant)
    lines = [
        reason if len(variants) == len(lacks) else f"{', '.join(variants)} {reason}"
        for reason, variants in found.items()
    ]
    return [*lines, *(f"without {check}: {why}" for check, why in pair.without.items())]
