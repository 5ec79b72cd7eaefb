"""Tensors as a file holds them: name, dtype and shape are known, the data is read when asked for.

Whoever reads one, writes it and lets go of it needs memory for one tensor, not for the file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import CheckpointError

#: dtype -> the NumPy dtype that carries its bits; NumPy itself has no bfloat16.
CARRIERS = {
    name: np.dtype(name)
    for name in (
        "bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64",
        "float16", "float32", "float64", "complex64",
    )
} | {"bfloat16": np.dtype("uint16")}  # fmt: skip

#: Bytes handed to the file at once.
BLOCK = 1 << 21


@dataclass(frozen=True)
class StoredTensor:
    """One tensor: a key of ``CARRIERS``, a shape, and how to read it.

    ``load`` returns an array of that shape in the carrier's dtype; its strides may be any.
    """

    dtype: str
    shape: tuple[int, ...]
    load: Callable[[], np.ndarray]

    @property
    def nbytes(self) -> int:
        return count(self.shape) * CARRIERS[self.dtype].itemsize

    def laid_out(self, change: Callable[[np.ndarray], np.ndarray]) -> "StoredTensor":
        """The same tensor in another layout, changed when it is read."""
        # A broadcast view has the shape without the memory.
        shape = change(np.broadcast_to(np.uint8(0), self.shape)).shape
        return StoredTensor(self.dtype, shape, lambda: change(self.load()))


@dataclass(frozen=True)
class Stored:
    """An opened checkpoint: its tensors, and sentences about what was unwrapped on the way.

    ``framework`` is "torch" or "mindspore" where the file says who wrote it, "" where not.
    """

    tensors: Mapping[str, StoredTensor]
    notes: tuple[str, ...] = ()
    framework: str = ""


def of_array(array: np.ndarray) -> StoredTensor:
    """An array in memory as a StoredTensor."""
    name = array.dtype.name
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    return StoredTensor(name, array.shape, lambda: native.view(CARRIERS.get(name, name)))


def in_file(
    path: Path, name: str, dtype: str, shape: Sequence[int], pieces: Sequence[tuple[int, int]]
) -> StoredTensor:
    """A tensor whose bits lie in a file as (offset, length) pieces, in C order.

    Raises CheckpointError for a dtype that is not in ``CARRIERS``, and where the pieces have
    another size than the shape.
    """
    require_dtype(path, name, dtype)
    found = StoredTensor(dtype, tuple(shape), partial(_read, path, name, dtype, shape, pieces))
    held = sum(length for _, length in pieces)
    if held != found.nbytes:
        raise CheckpointError(
            f"{path} is truncated or corrupt: it holds {held} bytes of {name}, whose shape "
            f"{found.shape} in {dtype} takes {found.nbytes}."
        )
    return found


def require_dtype(path: Path, name: str, dtype: str) -> None:
    """Raise CheckpointError for a dtype that is not converted."""
    if dtype not in CARRIERS:
        raise CheckpointError(
            f"{path}: {name} is {dtype}, which is not converted; there are {', '.join(CARRIERS)}."
        )


def blocks(array: np.ndarray, size: int = BLOCK) -> Iterator[Any]:
    """An array's elements in C order, in contiguous parts of ``size`` bytes; the last is shorter.

    An array with other strides is never copied as a whole.
    """
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    step = size // array.itemsize
    for start in range(0, array.size, step):
        yield flat[start : start + step]


def count(shape: Sequence[int]) -> int:
    """Elements of a shape, as a Python integer."""
    return int(np.prod(shape, dtype=np.int64))


def _read(
    path: Path, name: str, dtype: str, shape: Sequence[int], pieces: Sequence[tuple[int, int]]
) -> np.ndarray:
    array = np.empty(count(shape), CARRIERS[dtype])
    bits, start = array.view(np.uint8).data, 0
    with path.open("rb") as file:
        for offset, length in pieces:
            file.seek(offset)
            if file.readinto(bits[start : start + length]) != length:
                raise CheckpointError(f"{path} became shorter while {name} was read.")
            start += length
    return array.reshape(shape)
