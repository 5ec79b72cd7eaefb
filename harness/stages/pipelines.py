"""Data pipelines: what reads, orders, transforms, augments and batches the data.

Factories are called ``factory(recipe, records, train=..., seed=..., rank=..., ranks=...)`` with the
pair's recipe and records that the harness makes, and return a ``harness.pipelines.
Pipeline``. A variant's kwargs may set ``train``.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from harness.cifar import digits
from harness.data.augmenting import check_augmentation
from harness.data.ordering import check_order
from harness.data.sides import NAMES, SIDES, delivered, pipeline, trains
from harness.data.tagged import Delivered, tagged
from harness.data.transforming import check_transforms
from harness.pipelines import batches_of
from harness.stages.stage import Stage, concluded
from harness.verdict import Finding, Verdict

#: Real records whose raw bytes are compared.
RAW = 64

#: What labels are after each side's loader.
LABELS = {"torch": "int64", "mindspore": "int32"}

#: CIFAR-10's training images, for words.
CIFAR = 50_000


def check_records(stage: Stage) -> Verdict:
    """Both sides read every record's pixels and label as they are, and keep the label through the
    loader."""
    records = digits(False).first(RAW)
    findings: list[Finding] = []
    compared = 0
    for side in SIDES:
        made = pipeline(stage, side, records)
        if made.raw is None:
            continue
        samples = list(itertools.islice(made.raw(), 2 * RAW))
        compared += len(samples)
        if len(samples) != RAW:
            findings.append(
                Finding("data.records", f"{NAMES[side]} reads {len(samples)} of {RAW} records.")
            )
            continue
        wrong = [i for i, (x, _) in enumerate(samples) if not _equal(x, records.pixels(i))]
        if wrong:
            why = _misread(np.asarray(samples[wrong[0]][0]), records.pixels(wrong[0]))
            findings.append(
                Finding(
                    "data.records",
                    f"{NAMES[side]} reads other pixels in {len(wrong)} of {RAW} records{why}.",
                )
            )
        labels = np.array([int(label) for _, label in samples])
        findings += _labels(side, labels, records.labels.astype(int))
    small = replace(stage.recipe, batch_size=4)
    marks = tagged(32)
    for side in SIDES:
        run = delivered(stage, side, marks, small)[0]
        known = run.ids >= 0
        compared += int(known.sum())
        if not any(finding.place == "data.labels" for finding in findings):
            given = np.asarray(run.labels)[known]
            findings += _labels(side, given, marks.labels[run.ids[known]].astype(int))
        if run.dtypes[1] and run.dtypes[1] != LABELS[side]:
            findings.append(
                Finding(
                    "data.labels",
                    f"{NAMES[side]}'s labels are {run.dtypes[1]}, not {LABELS[side]}: cast them "
                    f"({'TypeCast(mindspore.int32)' if side == 'mindspore' else 'torch.int64'}).",
                    **{side: run.dtypes[1]},
                )
            )
    return concluded("records", findings, compared=compared)


def _equal(found: object, pixels: np.ndarray) -> bool:
    array = np.asarray(found)
    return array.dtype == pixels.dtype and np.array_equal(array, pixels)


def _misread(found: np.ndarray, pixels: np.ndarray) -> str:
    for words, made in (
        ("its channels are reversed: BGR for RGB", pixels[..., ::-1]),
        ("H and W are swapped", pixels.transpose(1, 0, 2)),
        ("it is (C, H, W), not (H, W, C)", pixels.transpose(2, 0, 1)),
        ("planes were read as interleaved pixels", pixels.transpose(2, 0, 1).reshape(pixels.shape)),
    ):
        if np.array_equal(found, made):
            return f": {words}"
    return f": {found.dtype} {found.shape}"


def _labels(side: str, found: np.ndarray, wanted: np.ndarray) -> list[Finding]:
    if found.shape != wanted.shape:
        return [
            Finding(
                "data.labels", f"{NAMES[side]}'s labels are {found.shape}, not {wanted.shape}: one "
                f"whole number for each image.", **{side: str(found.shape)},
            )
        ]  # fmt: skip
    different = found != wanted
    if not different.any():
        return []
    shift = found - wanted
    by = f": all are off by {shift[0]:+g}" if (shift == shift[0]).all() else ""
    return [
        Finding(
            "data.labels",
            f"{NAMES[side]}'s labels differ from the records' in {int(different.sum())} of "
            f"{len(wanted)} samples{by}.",
            **{side: str(found[:6].tolist())},
        )
    ]


def check_batches(stage: Stage) -> Verdict:
    """Batches agree in number, size, shape, layout and dtype, and are as many as claimed."""
    recipe = stage.recipe
    count = 3 * recipe.batch_size + max(recipe.batch_size // 2, 1) % recipe.batch_size
    records = tagged(count)
    runs, claims = {}, {}
    for side in SIDES:
        claims[side] = pipeline(stage, side, records).length
        runs[side] = delivered(stage, side, records)[0]
    wanted = batches_of(recipe, count, trains(stage))
    findings = [f for side in SIDES for f in _counted(stage, side, runs[side], wanted, count)]
    for side in SIDES:
        made = len(runs[side].sizes)
        if claims[side] != made:
            findings.append(
                Finding(
                    "data.length",
                    f"{NAMES[side]} claims {claims[side]} batches an epoch and makes {made}.",
                    **{side: f"{claims[side]} claimed, {made} made"},
                )
            )
    torch, port = runs["torch"], runs["mindspore"]
    if torch.sizes and port.sizes:
        findings += _alike(torch, port)
    return concluded("batches", findings, compared=sum(len(run.sizes) for run in runs.values()))


def _counted(stage: Stage, side: str, run: Delivered, wanted: int, count: int) -> list[Finding]:
    recipe, name = stage.recipe, NAMES[side]
    size, made = recipe.batch_size, len(run.sizes)
    values = {side: f"{made} batches of {count} samples: {list(run.sizes[:6])}"}
    largest = max(run.sizes, default=size)
    if largest != size:
        return [
            Finding("data.batch_size", f"{name}'s batches hold {largest}, not {size}.", **values)
        ]
    if made == wanted:
        return []
    whole = CIFAR // size
    if made == wanted - 1:
        kept = f"{whole + bool(CIFAR % size)} batches an epoch over {CIFAR:,} images"
        return [
            Finding(
                "data.drop_remainder",
                f"{name} leaves the last, smaller batch out ({count - sum(run.sizes)} of {count} "
                f"samples are never seen): drop_remainder is on. The recipe keeps it: {kept}, for "
                f"{whole} with drop_remainder.",
                **values,
            )
        ]
    if made == wanted + 1 and run.sizes[-1] < size:
        return [
            Finding(
                "data.drop_remainder",
                f"{name} keeps the last, smaller batch of {run.sizes[-1]}; the recipe drops it: "
                f"{whole + bool(CIFAR % size)} batches an epoch over {CIFAR:,} images for {whole}.",
                **values,
            )
        ]
    times = sum(run.sizes) / count
    if times > 1:
        more = "at least " if times > 3 else ""
        return [
            Finding(
                "data.repeat",
                f"{name}'s epoch is {more}{round(times)} epochs long: {sum(run.sizes)} samples for "
                f"{count}. A repeat() inside the pipeline.",
                **values,
            )
        ]
    part = round(1 / times) if times else count
    return [
        Finding(
            "data.shards" if part > 1 else "data.records",
            f"{name} makes {made} batches of {count} samples, not {wanted}: about 1/{part} of the "
            f"data.",
            **values,
        )
    ]


def _alike(torch: Delivered, port: Delivered) -> list[Finding]:
    findings = []
    if torch.shape != port.shape:
        channels_last = port.shape == (*torch.shape[1:], torch.shape[0])
        words = "The layout is left at (N, H, W, C)" if channels_last else "Images are shaped apart"
        place = "data.layout" if channels_last else "data.shape"
        findings.append(Finding(place, f"{words}.", str(torch.shape), str(port.shape)))
    if torch.dtypes[0] != port.dtypes[0]:
        findings.append(
            Finding("data.dtype", "Images have other dtypes.", torch.dtypes[0], port.dtypes[0])
        )
    if torch.sizes != port.sizes and len(torch.sizes) == len(port.sizes):
        findings.append(
            Finding("data.batch_size", "Batches end at other samples.", str(torch.sizes),
                    str(port.sizes))
        )  # fmt: skip
    return findings


CHECKS: Mapping[str, Callable[[Stage], Verdict]] = {
    "records": check_records,
    "order": check_order,
    "transforms": check_transforms,
    "augmentation": check_augmentation,
    "batches": check_batches,
}
