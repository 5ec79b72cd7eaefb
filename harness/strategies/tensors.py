"""Tensors: shapes with odd and oblong planes, tiny and large scales, offsets."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from harness.inputs import Input

#: (keyword arguments in torch's terms, inputs).
Configuration = tuple[dict[str, Any], list[Input]]

SCALES = (1.0, 1e-3, 30.0)
OFFSETS = (0.0, 0.0, 10.0, -5.0)


@st.composite
def tensors(
    draw: st.DrawFn,
    shape: Sequence[int],
    scales: Sequence[float] = SCALES,
    offsets: Sequence[float] = OFFSETS,
) -> Input:
    """A float32 input of a given shape, drawn normally at some scale and offset."""
    scale = draw(st.sampled_from(scales), label="scale")
    offset = draw(st.sampled_from(offsets), label="offset")
    return Input(tuple(shape), scale=scale, offset=offset)


@st.composite
def planes(
    draw: st.DrawFn, channels: int, dimensions: int, least: int = 1, most: int = 12
) -> Input:
    """An (N, C, *spatial) float32 input."""
    batch = draw(st.integers(1, 3), label="batch")
    sides = [draw(st.integers(least, most), label=f"side {i}") for i in range(dimensions)]
    return draw(tensors((batch, channels, *sides)))


@st.composite
def shapes(draw: st.DrawFn, least: int = 1, most: int = 4, side: int = 6) -> tuple[int, ...]:
    """A shape of ``least`` to ``most`` dimensions of 1 to ``side`` elements."""
    return tuple(draw(st.lists(st.integers(1, side), min_size=least, max_size=most), label="shape"))


@st.composite
def axes(draw: st.DrawFn, rank: int) -> int:
    """A dimension of a tensor of some rank, counted from either end."""
    return draw(st.integers(-rank, rank - 1), label="dim")
