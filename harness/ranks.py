"""What the ranks of a data-parallel training must hold in common, from what each recorded.

Their traces are those of ``harness.backends.rank.run``.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from harness.pipelines import Batch
from harness.stages.recipes import bits
from harness.trace import Trace
from harness.verdict import Finding, Result

Judged = Iterator[Result | Finding]


def shards(side: str, ranks: Sequence[Trace], draws: Sequence[Sequence[Batch]]) -> Judged:
    """Every sample once over all ranks."""
    for number, batches in enumerate(draws):
        for index, (_, labels) in enumerate(batches):
            rows = [trace.entries[f"{number}.rows.{index}"] for trace in ranks]
            seen = np.bincount(np.concatenate(rows), minlength=len(labels))
            wrong = bool((seen != 1).any())
            yield bits(f"{side} rows:{number}.{index}", wrong, len(labels))
            if wrong and (number, index) == (0, 0):
                yield Finding(
                    "distributed.shards",
                    f"{side}: of {len(labels)} samples of a batch {int((seen == 0).sum())} are "
                    f"read by no rank and {int((seen > 1).sum())} by more than one",
                )


def initial(side: str, ranks: Sequence[Trace]) -> Judged:
    """A loop begins with the same parameters in every process."""
    others = _unlike([trace.meta["initial"] for trace in ranks])
    yield bits(f"{side} parameters:initial", bool(others), 1)
    if others:
        yield Finding(
            "distributed.parameters",
            f"{side}: {_named(others)} begins with other parameters than rank 0, as its loop is "
            f"made: seed every rank alike, or broadcast rank 0's before the first step",
        )


def handed(side: str, ranks: Sequence[Trace]) -> Judged:
    """Every rank's optimizer is handed the same gradients, bit for bit."""
    found = list(_differences(ranks, "gradient"))
    yield from (bits(f"{side} {name}:handed", bool(others), size) for name, others, size in found)
    others = sorted({rank for _, ranks, _ in found for rank in ranks})
    if others:
        yield Finding(
            "distributed.average",
            f"{side}: the optimizer of {_named(others)} is handed other gradients than rank 0's: "
            f"each steps with those of its own shard, and nothing is averaged",
        )


def ends(side: str, ranks: Sequence[Trace], own: Collection[str]) -> Judged:
    """After the step every rank holds the same parameters, bit for bit."""
    found = [item for item in _differences(ranks, "after") if item[0] in own]
    yield from (bits(f"{side} {name}:after", bool(others), size) for name, others, size in found)
    names = [name for name, others, _ in found if others]
    if names and not apart(ranks):
        which = sorted({rank for _, others, _ in found for rank in others})
        yield Finding(
            "distributed.parameters",
            f"{side}: {_named(which)} is handed rank 0's gradients and ends with other values in "
            f"{len(names)} of {len(found)} parameters, first {names[0]}: it started from others, "
            f"or its optimizer is another one",
        )


def apart(ranks: Sequence[Trace]) -> bool:
    """Whether some rank's optimizer was handed other gradients than rank 0's."""
    return any(others for _, others, _ in _differences(ranks, "gradient"))


def _differences(ranks: Sequence[Trace], kind: str) -> Iterator[tuple[str, list[int], int]]:
    """(name, ranks that recorded other bits than rank 0 in some draw, values) of each array."""
    found: dict[str, tuple[set[int], int]] = {}
    for key, array in ranks[0].entries.items():
        _, what, name = key.split(".", 2)
        if what == kind:
            bits = [
                trace.entries[key].tobytes() if key in trace.entries else b"" for trace in ranks
            ]
            others, size = found.get(name, (set(), 0))
            found[name] = (others | set(_unlike(bits)), size + array.size)
    yield from ((name, sorted(others), size) for name, (others, size) in found.items())


def _unlike(values: Sequence[Any]) -> list[int]:
    return [rank for rank, value in enumerate(values) if value != values[0]]


def _named(ranks: Sequence[int]) -> str:
    return "rank " + ", ".join(map(str, ranks))
