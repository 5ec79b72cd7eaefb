"""Random numbers of a run, the same on all sides: they depend on the shape drawn and nothing else.

Dropout layers and functions drop by them, and what a network's own code draws (stochastic depth, a
reparameterization) comes from them. A share that is kept is ``uniform < share`` throughout.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np


def uniform(shape: Sequence[int]) -> np.ndarray:
    """float32 numbers in [0, 1)."""
    return np.random.default_rng(tuple(shape)).random(tuple(shape), np.float32)


def normal(shape: Sequence[int]) -> np.ndarray:
    """float32 numbers, standard normal."""
    return np.random.default_rng(tuple(shape)).standard_normal(tuple(shape), np.float32)


@contextmanager
def replaced(holder: Any, others: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """While inside, a module or class has other attributes; those that it lacks are left out."""
    before = {name: vars(holder).get(name) for name in others if hasattr(holder, name)}
    for name in before:
        setattr(holder, name, others[name])
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:  # inherited
                delattr(holder, name)
            else:
                setattr(holder, name, value)


@contextmanager
def fixed_dropout(
    layers: Mapping[str, Any],
    functions: Sequence[Any],
    rate_of: Callable[[Any], float],
    drop: Callable[[float, np.ndarray, Any], Any],
) -> Iterator[None]:
    """While inside, dropout drops by one pattern that all backends share.

    layers: cells whose ``construct`` drops; functions: modules whose ``dropout`` functions do.
    ``drop(rate, uniform, input)`` computes the output from ``uniform`` of the input's shape, so a
    wrong rate shows and randomness does not.
    """

    def by_pattern(value: Any, rate: float, channels: bool) -> Any:
        if rate == 0:
            return value
        shape = tuple(value.shape)
        if channels:  # whole channels are dropped
            shape = shape[:2] + (1,) * (len(shape) - 2)
        return drop(rate, uniform(shape), value)

    for layer in layers.values():
        channels = type(layer).__name__ not in ("Dropout", "DropoutExt")
        layer.__dict__["construct"] = lambda value, layer=layer, channels=channels: by_pattern(
            value, rate_of(layer), channels
        )
    originals = [
        (holder, name, getattr(holder, name))
        for holder in functions
        for name in ("dropout", "dropout1d", "dropout2d", "dropout3d")
        if hasattr(holder, name)
    ]
    for holder, name, _ in originals:

        def function(
            input: Any, p: float = 0.5, training: bool = True, *_: Any,
            channels: bool = name != "dropout", **__: Any,
        ) -> Any:  # fmt: skip
            return by_pattern(input, p if training else 0.0, channels)

        setattr(holder, name, function)
    try:
        yield
    finally:
        for layer in layers.values():
            del layer.__dict__["construct"]
        for holder, name, original in originals:
            setattr(holder, name, original)


#: Layers that ``fixed_dropout`` knows.
DROPOUTS = frozenset(
    {"Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "DropoutExt", "Dropout2dExt"}
)
