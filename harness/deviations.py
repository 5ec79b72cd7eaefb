"""How far the port and the reference are from the oracle: every metric, in one pass over blocks.

A block and its float64 difference stay in a core's cache, so that an array is read from memory once
and what is needed beside the arrays is a constant.
"""

import itertools
import math
import threading
from collections.abc import Iterator

import numpy as np
from scipy.linalg.blas import dasum, idamax

from harness.tolerance import CHANNEL_ELEMENTS, Tolerance, floor_for

#: Elements of a block, 1 MiB as float64: smaller ones cost more calls, larger ones leave the cache.
BLOCK = 1 << 17

#: BLAS spreads longer dot products, and sums, over threads, which costs more than it gains.
_DOT, _SUM = 1 << 13, 1 << 16

#: Rows up to this length are too short to gain much from vector instructions.
_FEW = 256

_BATCH = 16

#: Of longer rows BLAS finds the largest faster, one by one.
_LONG = 1 << 12

#: einsum sums the squares of shorter rows faster than one dot product a row does.
_SHORT = 64

#: Where more than this share of a block is outside the limit, so will the rest be: the port's is
#: then measured once the limit is known, not counted twice.
_MANY = 1 / 8

#: The room for a block, a thread: allocated for every entry it would be cleared by the system.
_kept = threading.local()

_Piece = tuple[slice, slice, slice]


class Deviations:
    """Errors of port and reference against the oracle: largest and L2, whole and per channel.

    candidate, reference, oracle: of one shape, with at least one dimension and element; those that
    are not contiguous are copied. channel_axis: the indices of this axis are measured one by one
    too, where each has enough elements.

    port, own, scale: of the port's error, of the reference's and of the oracle's values, each
    metric as an array: one number for the whole entry, one a channel.
    """

    def __init__(
        self,
        candidate: np.ndarray,
        reference: np.ndarray,
        oracle: np.ndarray,
        channel_axis: int | None,
    ) -> None:
        self.shape, self.size = oracle.shape, oracle.size
        self._shape = _in_three(self.shape, channel_axis)
        self._candidate, self._reference, self._oracle = (
            array.reshape(self._shape)
            for array in (candidate, reference, oracle.astype(np.float64, copy=False))
        )
        self._buffer = _room()
        #: Whether port and reference are equal everywhere.
        self.same = True
        #: The port's blocks in order, each with its largest error.
        self._largest: list[tuple[float, _Piece]] = []
        #: Limit -> the port's elements that are outside.
        self._outside: dict[float, int] = {}
        self._sum = 0.0
        with np.errstate(all="ignore"):
            self._measure()

    def _measure(self) -> None:
        port, own, scale = (_Sums(self._shape) for _ in range(3))
        pieces = list(_pieces(*self._shape))
        counted: list[tuple[float, int]] = []
        many = False
        for piece in pieces:
            scale.take(piece, self._oracle[piece], self._buffer)
            reference = self._reference[piece]
            theirs = own.take(piece, self._difference(reference, piece), self._buffer)
            if many:
                continue
            candidate = self._candidate[piece]
            most, error = self._take(port, piece)
            self.same = self.same and most == theirs and np.array_equal(candidate, reference)
            # The limit is larger than the reference's own error.
            limit = _limit(own.most, scale.most) if most > own.most else math.inf
            counted.append((limit, _beyond(error, limit) if most > limit else 0))
            many = counted[-1][1] > _MANY * candidate.size
        self.own, self.scale = own.metrics(), scale.metrics()
        limit, outside = self.limit, 0
        # What was counted before the limit was known is counted again.
        for (used, count), (most, piece) in zip(counted, self._largest):
            if count and most > limit:
                outside += count if used == limit else self._count(piece, limit)
        for piece in pieces[len(counted) :]:
            most, error = self._take(port, piece)
            outside += _beyond(error, limit) if most > limit else 0
        self._outside[limit] = outside
        self.port = port.metrics()

    def _take(self, port: "_Sums", piece: _Piece) -> tuple[float, np.ndarray]:
        """Add the port's block to its sums; returns its largest error, and the errors."""
        error = self._difference(self._candidate[piece], piece)
        most = port.take(piece, error, self._buffer)
        self._largest.append((most, piece))
        row = error.reshape(-1)
        self._sum += sum(dasum(row[i : i + _SUM]) for i in range(0, row.size, _SUM))
        return most, error

    def _count(self, piece: _Piece, limit: float) -> int:
        return _beyond(self._difference(self._candidate[piece], piece), limit)

    def _difference(self, block: np.ndarray, piece: _Piece) -> np.ndarray:
        """block - oracle in the one buffer that all blocks share."""
        room = _like(block, self._buffer)
        room[...] = block  # NumPy is faster with arrays of one dtype than of two
        return np.subtract(room, self._oracle[piece], out=room)

    @property
    def limit(self) -> float:
        """The largest error that is allowed of an element."""
        return _limit(self.own["max"][0], self.scale["max"][0])

    @property
    def finite(self) -> bool:
        """Whether all errors are; they are not where an element of an array is not."""
        return bool(np.isfinite(self.port["L2"][0]) and np.isfinite(self.own["L2"][0]))

    @property
    def mean(self) -> float:
        """The port's mean error."""
        return self._sum / self.size

    @property
    def share(self) -> float:
        """The share of the port's elements outside the limit."""
        limit = self.limit
        if limit not in self._outside:
            blocks = (piece for most, piece in self._largest if most > limit)
            self._outside[limit] = sum(self._count(piece, limit) for piece in blocks)
        return self._outside[limit] / self.size

    @property
    def worst(self) -> tuple[int, ...]:
        """The index of the port's largest error, the first of several."""
        largest = np.array([most for most, _ in self._largest])
        found = []
        for at in np.flatnonzero(~(largest < largest.max())):
            piece = self._largest[at][1]
            error = np.abs(self._difference(self._candidate[piece], piece))
            inside = np.unravel_index(int(np.argmax(error)), error.shape)
            where = tuple(int(i) + s.start for i, s in zip(inside, piece))
            found.append(int(np.ravel_multi_index(where, self._shape)))
        return tuple(int(i) for i in np.unravel_index(min(found), self.shape))

    @property
    def apart(self) -> float:
        """The largest difference of port and reference, in their own dtype."""
        blocks = ((self._candidate[p], self._reference[p]) for p in _pieces(*self._shape))
        return float(np.max([np.abs(ours - theirs).max() for ours, theirs in blocks]))

    def widen(self, reference: np.ndarray) -> None:
        """Take the reference's error as the largest of its own and another array's."""
        found, seen = _Sums(self._shape), reference.reshape(self._shape)
        with np.errstate(all="ignore"):
            for piece in _pieces(*self._shape):
                found.take(piece, self._difference(seen[piece], piece), self._buffer)
        for metric, values in found.metrics().items():
            self.own[metric] = np.maximum(self.own[metric], values)


class _Sums:
    """The largest absolute value and the sum of squares of every channel, block by block."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape
        self.largest, self.squares = np.zeros(shape[1]), np.zeros(shape[1])
        self.most = 0.0

    def take(self, piece: _Piece, values: np.ndarray, room: np.ndarray) -> float:
        """Add a block; returns its largest absolute value. room: may hold the block's values."""
        channels = piece[1]
        if values.shape[:2] == (1, 1):
            at, (most, squares) = channels.start, _of_row(values.reshape(-1))
            self.squares[at] += squares
            self.largest[at] = most if not most <= self.largest[at] else self.largest[at]
        else:
            found = _squares(values)
            largest = _largest(values, room, bool(np.isfinite(found).all()))
            self.squares[channels] += found
            np.maximum(self.largest[channels], largest, out=self.largest[channels])
            most = float(largest.max())
        self.most = max(self.most, most)
        return most

    def metrics(self) -> dict[str, np.ndarray]:
        before, channels, inner = self.shape
        found = {
            "max": self.largest.max(keepdims=True),
            "L2": np.sqrt(self.squares.sum(keepdims=True) / (before * channels * inner)),
        }
        if channels > 1:
            found["channel max"] = self.largest
            found["channel L2"] = np.sqrt(self.squares / (before * inner))
        return found


def _room() -> np.ndarray:
    """This thread's room for one block."""
    if not hasattr(_kept, "room"):
        _kept.room = np.empty(BLOCK)
    return _kept.room


def _limit(own: float, scale: float) -> float:
    return Tolerance(float(own), float(floor_for(np.asarray(scale)))).limit


def _in_three(shape: tuple[int, ...], axis: int | None) -> tuple[int, int, int]:
    """The shape as (before, channels, after); one channel where they are not told apart."""
    size = math.prod(shape)
    if axis is None or len(shape) < 2 or shape[axis] < 2 or size < shape[axis] * CHANNEL_ELEMENTS:
        return 1, 1, size
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def _pieces(before: int, channels: int, inner: int) -> Iterator[_Piece]:
    """Blocks of an array of these three axes: of whole rows, or of one row's parts."""
    if inner > BLOCK:
        steps = 1, 1, BLOCK
    else:
        rows = BLOCK // inner
        # Short rows are reduced over the first axis first, where the block has some.
        batch = max(min(rows, _BATCH) if inner <= _FEW else 1, rows // channels)
        batch = min(before, batch)
        steps = batch, max(1, rows // batch), inner
    axes = zip((before, channels, inner), steps)
    return itertools.product(*([slice(i, min(i + step, n)) for i in range(0, n, step)]
                               for n, step in axes))  # fmt: skip


def _like(block: np.ndarray, buffer: np.ndarray) -> np.ndarray:
    """The buffer in a block's shape."""
    return buffer[: block.size].reshape(block.shape)


def _of_row(row: np.ndarray) -> tuple[float, float]:
    """The largest absolute value and the sum of squares."""
    parts = (row[start : start + _DOT] for start in range(0, row.size, _DOT))
    squares = sum(float(np.dot(part, part)) for part in parts)
    if math.isfinite(squares):
        return abs(row.item(idamax(row))), squares
    return float(np.abs(row).max()), squares  # BLAS takes no care of NaN


def _squares(values: np.ndarray) -> np.ndarray:
    """(before, channels, after) -> the sum of squares of each channel."""
    after = values.shape[2]
    if after < _SHORT:
        return np.einsum("bcx,bcx->c", values, values)
    whole = after - after % _DOT if after > _DOT else 0
    found = _dots(values[..., whole:]).sum(axis=0)
    if whole:
        parts = values[..., :whole].reshape(*values.shape[:2], -1, _DOT)
        found += _dots(parts).sum(axis=(0, 2))
    return found


def _dots(rows: np.ndarray) -> np.ndarray:
    return np.matmul(rows[..., None, :], rows[..., None])[..., 0, 0]


def _largest(values: np.ndarray, room: np.ndarray, finite: bool) -> np.ndarray:
    """(before, channels, after) -> the largest absolute value of each channel."""
    before, channels, after = values.shape
    if after > _LONG and finite:
        rows = (abs(row.item(idamax(row))) for row in values.reshape(-1, after))
        return np.fromiter(rows, float, before * channels).reshape(before, channels).max(axis=0)
    values = np.abs(values, out=_like(values, room))
    if before > 1 and after <= _FEW:
        return values.max(axis=0).max(axis=1)
    return values.max(axis=(0, 2))


def _beyond(values: np.ndarray, limit: float) -> int:
    return int(np.count_nonzero(np.abs(values, out=values) > limit))
