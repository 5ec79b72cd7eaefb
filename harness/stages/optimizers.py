"""Optimizers: what moves, how far and at which rate, and which setting the difference is."""

from collections.abc import Callable, Mapping, Sequence

from harness.stages.stage import Stage
from harness.verdict import Finding, Result, Verdict


def optimizer_findings(results: Sequence[Result]) -> list[Finding]:
    """The setting that diverging steps point at, and how they differ."""
    wrong = [result for result in results if result.diverges]
    if not wrong:
        return []
    note = wrong[0].measurement.note
    place = "optimizer"
    if ":rate" in wrong[0].entry:
        place = "optimizer.lr"
    elif "weight decay" in note:
        place = "optimizer.weight_decay"
    names = list(dict.fromkeys(result.entry.rpartition(":")[0] for result in wrong))
    return [Finding(place, f"{len(names)} parameters move differently, first {names[0]}: {note}")]


CHECKS: Mapping[str, Callable[[Stage], Verdict]] = {}
