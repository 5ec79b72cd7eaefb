"""Judge arrays: the candidate against the reference and the oracle. Pure NumPy."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from harness.tolerance import CHANNEL_ELEMENTS, SMALLEST_NORMAL, UNINFORMATIVE, Tolerance, floor_for
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
    candidate, reference, oracle = map(np.atleast_1d, (candidate, reference, oracle))
    strange = ~(np.isfinite(candidate) & np.isfinite(reference))
    if strange.any():
        same = (candidate == reference) | (np.isnan(candidate) & np.isnan(reference))
        if not same[strange].all():
            return _nonfinite(candidate, reference, oracle, strange & ~same)
        keep = ~strange
        found = _judge_finite(candidate[keep], reference[keep], oracle[keep], None, exact, None)
        note = f"{int(strange.sum())} elements are not finite on both sides"
        return replace(found, note=note, size=reference.size)
    return _judge_finite(candidate, reference, oracle, channel_axis, exact, nudged)


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
    channel_axis: int | None,
    exact: bool,
    nudged: Nudged | None,
) -> Measurement:
    if candidate.size == 0:
        return Measurement(AGREES, size=0, exact=True)
    if np.array_equal(candidate, reference) and not exact:
        # Bit-identical to the reference: its error is the reference's own.
        error, scale = float(np.abs(reference - oracle).max()), float(np.abs(oracle).max())
        tolerance = Tolerance(error, _floor(scale))
        return Measurement(
            AGREES, "", "max", error, error, tolerance.limit, error / tolerance.unit, scale,
            candidate.size, exact=True,
        )  # fmt: skip
    errors = _Errors(candidate, reference, oracle, channel_axis)
    if exact:
        return _judge_exact(errors)
    found = errors.worst_metric()
    if found.ratio > _factor() and nudged is not None:
        for array in nudged():
            if array is not None and array.shape == oracle.shape:
                errors.widen(array)
        found = errors.worst_metric()
    unsure = found.limit > UNINFORMATIVE * found.scale
    if found.ratio > _factor():
        far = "both" if unsure else "mindspore"
        return errors.locate(replace(found, status=DIVERGES, kind="value", far=far))
    # Many ulps from the oracle where the port is close: torch's kernel, or the reference's code.
    off = found.reference > _factor() * max(found.error, _floor(found.scale))
    far = "torch" if off else "both" if unsure else ""
    return replace(found, status=UNINFORMATIVE_STATUS if unsure else AGREES, far=far)


def _floor(scale: float) -> float:
    return float(floor_for(np.array(scale)))


def _factor() -> float:
    return Tolerance(0.0, 0.0).factor


def _judge_exact(errors: "_Errors") -> Measurement:
    difference = float(np.abs(errors.candidate - errors.reference).max())
    scale = float(np.abs(errors.oracle).max())
    found = Measurement(
        AGREES, "", "exact", difference, 0.0, 0.0, 0.0, scale, errors.oracle.size, exact=True
    )
    if difference <= SMALLEST_NORMAL:
        return found
    ratio = difference / _floor(scale)
    own = float(np.abs(errors.reference - errors.oracle).max())
    far = "torch" if own >= difference > 2 * float(errors.ports["max"][0]) else "mindspore"
    return errors.locate(replace(found, status=DIVERGES, kind="value", ratio=ratio, far=far))


class _Errors:
    """Errors of port and reference against the oracle: largest and L2, whole and per channel."""

    def __init__(
        self,
        candidate: np.ndarray,
        reference: np.ndarray,
        oracle: np.ndarray,
        channel_axis: int | None,
    ) -> None:
        self.candidate, self.reference = candidate, reference
        self.oracle = oracle.astype(np.float64, copy=False)
        self.axis = self._usable(channel_axis)
        self._buffer = np.empty(self.oracle.shape)
        self.ports = self._metrics(self._difference(candidate))
        self.own = self._metrics(self._difference(reference))
        self.scales = self._metrics(np.abs(self.oracle, out=self._buffer))

    def _usable(self, axis: int | None) -> int | None:
        if axis is None or self.oracle.ndim < 2 or self.oracle.shape[axis] < 2:
            return None
        per_channel = self.oracle.size // self.oracle.shape[axis]
        return axis if per_channel >= CHANNEL_ELEMENTS else None

    def _difference(self, array: np.ndarray) -> np.ndarray:
        """|array - oracle| in the one buffer that all differences share."""
        np.subtract(array, self.oracle, out=self._buffer)
        return np.abs(self._buffer, out=self._buffer)

    def _metrics(self, error: np.ndarray) -> dict[str, np.ndarray]:
        """Each metric as an array: one number for the whole entry, one a channel."""
        size = error.size
        if self.axis is None:
            flat = error.ravel()
            return {"max": flat.max(keepdims=True), "L2": _root(np.array([_squares(flat)]), size)}
        channels = error.shape[self.axis]
        before = int(np.prod(error.shape[: self.axis]))
        rows = error.reshape(before, channels, -1)
        largest, squares = rows.max(axis=(0, 2)), np.einsum("bcx,bcx->c", rows, rows)
        return {
            "max": largest.max(keepdims=True),
            "L2": _root(squares.sum(keepdims=True), size),
            "channel max": largest,
            "channel L2": _root(squares, size // channels),
        }

    def widen(self, nudged: np.ndarray) -> None:
        """Take the reference's error as the largest of its own and one of its nudged runs'."""
        for metric, values in self._metrics(self._difference(nudged)).items():
            self.own[metric] = np.maximum(self.own[metric], values)

    def worst_metric(self) -> Measurement:
        """The metric, and within it the channel, with the largest ratio."""
        best: Measurement | None = None
        for metric, error in self.ports.items():
            floors = floor_for(self.scales[metric])
            ratios = error / np.maximum(self.own[metric], floors)
            at = int(np.argmax(ratios))
            if best is not None and ratios[at] <= best.ratio:
                continue
            own = float(self.own[metric][at])
            best = Measurement(
                AGREES, "", metric, float(error[at]), own, Tolerance(own, float(floors[at])).limit,
                float(ratios[at]), float(self.scales[metric][at]), self.oracle.size,
            )  # fmt: skip
        assert best is not None
        return best

    def locate(self, found: Measurement) -> Measurement:
        """Add the worst element and the share of elements outside the entry's own limit."""
        errors = self._difference(self.candidate)
        worst = tuple(int(i) for i in np.unravel_index(np.argmax(errors), errors.shape))
        limit = Tolerance(float(self.own["max"][0]), _floor(float(self.scales["max"][0]))).limit
        values = tuple(float(a[worst]) for a in (self.candidate, self.reference, self.oracle))
        return replace(
            found,
            worst=worst,
            share=float((errors > limit).mean()),
            values=(values[0], values[1], values[2]),
        )


def _squares(flat: np.ndarray) -> float:
    # einsum, not dot: BLAS would start threads for every small array.
    return float(np.einsum("x,x->", flat, flat))


def _root(squares: np.ndarray, count: int) -> np.ndarray:
    return np.sqrt(squares / count)
