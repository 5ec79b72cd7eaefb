"""Whether each sample is seen once an epoch, in the order it should be, over all ranks."""

from dataclasses import replace

import numpy as np

from harness.cifar import Records
from harness.data.sides import NAMES, SIDES, delivered, trains
from harness.data.tagged import Delivered, tagged
from harness.stages.stage import Stage, concluded
from harness.verdict import Finding, Verdict

#: Small batches and so many of them that even a fortieth of the data shows.
BATCH, BATCHES = 4, 40

RANKS = (2, 3)


def check_order(stage: Stage) -> Verdict:
    """Each sample once an epoch: in the records' order where it is tested, another order in every
    epoch where it trains, and shared out without overlap where there are several ranks."""
    recipe = replace(stage.recipe, batch_size=BATCH)
    records = tagged(BATCH * BATCHES)
    findings: list[Finding] = []
    compared = 0
    epochs = (0, 1) if trains(stage) else (0,)
    orders = {}
    for side in SIDES:
        runs = delivered(stage, side, records, recipe, epochs)
        compared += sum(len(run.ids) for run in runs)
        orders[side] = runs[0].ids
        findings += covered(side, runs[0], records)
        if not findings:
            findings += _shuffled(side, runs, trains(stage) and recipe.shuffle)
    if not findings and not (trains(stage) and recipe.shuffle):
        findings += _same(orders["torch"], orders["mindspore"])
    if not findings:
        for ranks in RANKS:
            shared = tagged(BATCH * ranks * 10)
            for side in SIDES:
                parts = [
                    delivered(stage, side, shared, recipe, rank=rank, ranks=ranks)[0].ids
                    for rank in range(ranks)
                ]
                compared += sum(map(len, parts))
                findings += _shards(side, parts, len(shared))
    return concluded("order", findings, compared=compared)


def covered(side: str, run: Delivered, records: Records) -> list[Finding]:
    """One pass must hold every record exactly once."""
    name, count = NAMES[side], len(records)
    unknown = int((run.ids < 0).sum())
    if unknown:
        return [
            Finding(
                "data.transforms",
                f"{unknown} of {len(run.ids)} images of {name}'s batches are not what its own "
                f"transforms make of any record.",
            )
        ]
    times = np.bincount(run.ids, minlength=count)
    values = {side: f"{len(run.ids)} samples an epoch of {count}"}
    if times.min() == times.max() == 1:
        return []
    if times.min() > 1:
        repeats = int(times.min())
        more = " or more" if len(run.ids) > repeats * count else ""
        return [
            Finding(
                "data.repeat",
                f"{name}'s epoch holds each sample {repeats} times{more}: a repeat({repeats}) "
                f"inside the pipeline makes one epoch of {repeats}.",
                **values,
            )
        ]
    lost = int((times == 0).sum())
    if times.max() > 1:
        return [
            Finding(
                "data.sampler",
                f"{name}'s epoch holds {int((times > 1).sum())} samples more than once and "
                f"{lost} not at all: it draws with replacement.",
                **values,
            )
        ]
    part = round(count / max(len(run.ids), 1))
    if part > 1:
        return [
            Finding(
                "data.shards",
                f"{name} reads 1/{part} of the data: {len(run.ids)} of {count} samples, on one "
                f"device. num_shards={part} (rank_size) was left on; over CIFAR-10 that makes "
                f"{50_000 // part // 32} steps of 32 an epoch for 1563.",
                **values,
            )
        ]
    return [Finding("data.records", f"{name} leaves out {lost} of {count} samples.", **values)]


def _shuffled(side: str, runs: list[Delivered], wanted: bool) -> list[Finding]:
    name, first = NAMES[side], runs[0].ids
    values = {side: f"starts with {first[:6].tolist()}"}
    still = bool((first == np.arange(len(first))).all())
    if not wanted:
        if still:
            return []
        purpose = "does not shuffle" if len(runs) > 1 else "tests"
        return [
            Finding(
                "data.shuffle",
                f"{name}'s order is not the records', where the recipe {purpose}. MindSpore's "
                f"datasets shuffle unless they are told shuffle=False.",
                **values,
            )
        ]
    if still:
        return [Finding("data.shuffle", f"{name} trains without shuffling.", **values)]
    if (runs[1].ids == first).all():
        return [
            Finding(
                "data.shuffle",
                f"{name} repeats the same order in every epoch. A MindSpore dataset that is "
                f"iterated anew does, unless its seed or sampler changes.",
                **values,
            )
        ]
    return []


def _same(torch: np.ndarray, port: np.ndarray) -> list[Finding]:
    if torch.shape == port.shape and (torch == port).all():
        return []
    return [
        Finding(
            "data.order",
            "The two sides read the same samples in different orders.",
            str(torch[:6].tolist()),
            str(port[:6].tolist()),
        )
    ]


def _shards(side: str, parts: list[np.ndarray], count: int) -> list[Finding]:
    """The ranks together must hold every sample exactly once."""
    everything = np.concatenate(parts)
    times = np.bincount(everything[everything >= 0], minlength=count)
    if times.min() == times.max() == 1:
        return []
    ranks = len(parts)
    return [
        Finding(
            "data.shards",
            f"Over {ranks} ranks {NAMES[side]} reads {int((times > 1).sum())} of {count} samples "
            f"more than once and {int((times == 0).sum())} not at all.",
            **{side: ", ".join(f"rank {r}: {len(p)} samples" for r, p in enumerate(parts))},
        )
    ]
