"""Judge arrays: the candidate against the reference and the oracle. Pure NumPy and BLAS."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from harness.deviations import Deviations
from harness.tolerance import SMALLEST_NORMAL, UNINFORMATIVE, Tolerance, floor_for
from harness.verdict import AGREES, DIVERGES, Measurement
from harness.verdict import UNINFORMATIVE as UNINFORMATIVE_STATUS

#: Yields further reference arrays: torch float32 on inputs nudged one ulp.
Nudged = Callable[[], Iterable[np.ndarray | None]]


def judge(
    candidate: np.ndarray | None,
    reference: np.ndarray,
    oracle: np.ndarray,
    *,
    channel_axis: int | None = None,
    exact: bool = False,
    nudged: Nudged | None = None,
) -> Measurement:
    """Hold one entry of the port against torch float32 and torch float64.

    candidate, reference: the port's and torch's arrays, any shape; candidate None means the port
    produced no such entry. oracle: float64, same shape. channel_axis: judge along this axis too,
    since a tensor-wide maximum is blind in small channels. exact: no rounding is allowed.
    nudged: consulted before an alarm only, so that a lucky small error of the reference is none.
    """
    if candidate is None:
        return Measurement(DIVERGES, "missing", note="the port produced no such entry")
    if candidate.shape != reference.shape:
        note = f"torch {reference.shape}, mindspore {candidate.shape}"
        return Measurement(DIVERGES, "shape", size=reference.size, note=note)
    if candidate.dtype != reference.dtype:
        note = f"torch {reference.dtype}, mindspore {candidate.dtype}"
        return Measurement(DIVERGES, "dtype", size=reference.size, note=note)
    if not np.issubdtype(reference.dtype, np.floating):
        return _judge_equal(candidate, reference)
    if reference.size == 0:
        return Measurement(AGREES, size=0, exact=True)
    candidate, reference, oracle = map(np.atleast_1d, (candidate, reference, oracle))
    errors = Deviations(candidate, reference, oracle, channel_axis)
    if not errors.finite:
        strange = ~(np.isfinite(candidate) & np.isfinite(reference))
        if strange.any():
            return _judge_strange(candidate, reference, oracle, strange, exact)
    return _judge_finite(candidate, reference, oracle, errors, exact, nudged)


def _judge_equal(candidate: np.ndarray, reference: np.ndarray) -> Measurement:
    different = candidate != reference
    if not different.any():
        return Measurement(AGREES, size=reference.size, exact=True)
    worst = tuple(int(i) for i in np.argwhere(np.atleast_1d(different))[0])
    ours, theirs = np.atleast_1d(candidate)[worst], np.atleast_1d(reference)[worst]
    return Measurement(
        DIVERGES,
        "value",
        metric="equality",
        error=float(different.sum()),
        ratio=float("inf"),
        size=reference.size,
        share=float(different.mean()),
        worst=worst,
        values=(float(ours), float(theirs), float(theirs)),
    )


def _judge_strange(
    candidate: np.ndarray,
    reference: np.ndarray,
    oracle: np.ndarray,
    strange: np.ndarray,
    exact: bool,
) -> Measurement:
    """Arrays with elements that are not finite, which must be so on both sides."""
    same = (candidate == reference) | (np.isnan(candidate) & np.isnan(reference))
    if not same[strange].all():
        return _nonfinite(candidate, reference, oracle, strange & ~same)
    keep = ~strange
    found = judge(candidate[keep], reference[keep], oracle[keep], exact=exact)
    note = f"{int(strange.sum())} elements are not finite on both sides"
    return replace(found, note=note, size=reference.size)


def _nonfinite(
    candidate: np.ndarray, reference: np.ndarray, oracle: np.ndarray, where: np.ndarray
) -> Measurement:
    worst = tuple(int(i) for i in np.argwhere(where)[0])
    return Measurement(
        DIVERGES,
        "nonfinite",
        metric="non-finite elements",
        error=float(where.sum()),
        ratio=float("inf"),
        size=reference.size,
        share=float(where.mean()),
        worst=worst,
        values=(float(candidate[worst]), float(reference[worst]), float(oracle[worst])),
    )


def _judge_finite(
    candidate: np.ndarray,
    reference: np.ndarray,
    oracle: np.ndarray,
    errors: Deviations,
    exact: bool,
    nudged: Nudged | None,
) -> Measurement:
    def located(found: Measurement, far: str) -> Measurement:
        worst = errors.worst
        values = tuple(float(array[worst]) for array in (candidate, reference, oracle))
        return replace(
            found, status=DIVERGES, kind="value", far=far, worst=worst, share=errors.share,
            values=(values[0], values[1], values[2]),
        )  # fmt: skip

    if errors.same and not exact:
        # Bit-identical to the reference: its error is the reference's own.
        error, scale = float(errors.own["max"][0]), float(errors.scale["max"][0])
        tolerance = Tolerance(error, _floor(scale))
        return Measurement(
            AGREES, "", "max", error, error, tolerance.limit, error / tolerance.unit, scale,
            candidate.size, exact=True, mean=errors.mean,
        )  # fmt: skip
    if exact:
        return _judge_exact(errors, located)
    found = _worst_metric(errors)
    if found.ratio > _factor() and nudged is not None:
        for array in nudged():
            if array is not None and array.shape == oracle.shape:
                errors.widen(array)
        found = _worst_metric(errors)
    unsure = found.limit > UNINFORMATIVE * found.scale
    if found.ratio > _factor():
        return located(found, "both" if unsure else "mindspore")
    # Many ulps from the oracle where the port is close: torch's kernel, or the reference's code.
    off = found.reference > _factor() * max(found.error, _floor(found.scale))
    far = "torch" if off else "both" if unsure else ""
    return replace(found, status=UNINFORMATIVE_STATUS if unsure else AGREES, far=far)


def _floor(scale: float) -> float:
    return float(floor_for(np.array(scale)))


def _factor() -> float:
    return Tolerance(0.0, 0.0).factor


def _judge_exact(
    errors: Deviations, located: Callable[[Measurement, str], Measurement]
) -> Measurement:
    difference, scale = errors.apart, float(errors.scale["max"][0])
    found = Measurement(
        AGREES, "", "exact", difference, 0.0, 0.0, 0.0, scale, errors.size, exact=True,
        mean=errors.mean,
    )  # fmt: skip
    if difference <= SMALLEST_NORMAL:
        return found
    own = float(errors.own["max"][0])
    far = "torch" if own >= difference > 2 * float(errors.port["max"][0]) else "mindspore"
    return located(replace(found, ratio=difference / _floor(scale)), far)


def _worst_metric(errors: Deviations) -> Measurement:
    """The metric, and within it the channel, with the largest ratio."""
    worst, best = ("max", 0, 0.0), -1.0
    for metric, error in errors.port.items():
        floors = floor_for(errors.scale[metric])
        ratios = error / np.maximum(errors.own[metric], floors)
        at = int(ratios.argmax())
        if not ratios[at] <= best:
            worst, best = (metric, at, float(floors[at])), float(ratios[at])
    metric, at, floor = worst
    own, scale = float(errors.own[metric][at]), float(errors.scale[metric][at])
    return Measurement(
        AGREES, "", metric, float(errors.port[metric][at]), own, Tolerance(own, floor).limit,
        best, scale, errors.size, mean=errors.mean,
    )  # fmt: skip
