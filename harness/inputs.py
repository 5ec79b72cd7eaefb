"""Seeded inputs and parameters: every draw depends on a seed and a name, never on an order.

Parameters are drawn so that every branch matters: scales of both signs and far from 1, running
statistics far from 0 and 1, variances small enough for eps to show.
"""

import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from harness import tree
from harness.errors import PairError

Draw = Callable[[Generator, tuple[int, ...]], Any]


@dataclass(frozen=True)
class Input:
    """One array that ``forward`` takes.

    shape: of the array. dtype: a NumPy name; integers are drawn from [low, high).
    draw: "normal" (scale, offset), "uniform" (low, high), "integers" (low, high), "boolean",
        "permutation" (each row along the last axis a permutation of 0 .. n-1), or a function
        ``(numpy Generator, shape) -> array`` where an array has a form of its own, e.g. a mask.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    draw: str | Draw = "normal"
    scale: float = 1.0
    offset: float = 0.0
    low: float = -1.0
    high: float = 1.0


def generator(entropy: int, name: str) -> Generator:
    """A generator of its own for one named draw."""
    return np.random.default_rng([entropy, *name.encode()])


def draw_input(spec: Input, entropy: int, name: str) -> np.ndarray:
    """The array an Input describes, for this seed and name."""
    rng = generator(entropy, name)
    values: np.ndarray
    if callable(spec.draw):
        values = np.asarray(spec.draw(rng, spec.shape))
        if values.shape != tuple(spec.shape):
            raise PairError(
                f"Input(draw={spec.draw!r}): it drew an array of shape {values.shape} for "
                f"{tuple(spec.shape)}."
            )
    elif spec.draw == "normal":
        values = rng.standard_normal(spec.shape) * spec.scale + spec.offset
    elif spec.draw == "uniform":
        values = rng.uniform(spec.low, spec.high, spec.shape)
    elif spec.draw == "integers":
        values = rng.integers(int(spec.low), int(spec.high), spec.shape)
    elif spec.draw == "boolean":
        values = rng.integers(0, 2, spec.shape).astype(bool)
    elif spec.draw == "permutation":
        values = rng.random(spec.shape).argsort(axis=-1)
    else:
        raise PairError(
            f"Input(draw={spec.draw!r}): use normal, uniform, integers, boolean, permutation, or a "
            f"function (generator, shape) -> array."
        )
    return np.asarray(values).astype(spec.dtype)


def draw_inputs(specs: Iterable[Input], entropy: int) -> tuple[np.ndarray, ...]:
    return tuple(draw_input(spec, entropy, f"input.{i}") for i, spec in enumerate(specs))


@dataclass(frozen=True)
class Signature:
    """What ``forward`` is called with, as ``forward(*positional, **keywords)``.

    Both are any nesting of tuples, lists, dicts and dataclasses over ``Input`` and plain values
    (None, numbers, texts), which are handed on as they are.
    """

    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def leaves(self) -> list[Input]:
        """The Inputs in order: positional ones, then those of the keywords."""
        return [spec for _, spec in tree.leaves((self.positional, dict(self.keywords)), _is_spec)]

    def __str__(self) -> str:
        """The call as a reader writes it: float32[4, 3, 32, 32], mask=bool[4, 7], flag=True."""
        return f"({self.written(f'{spec.dtype}{list(spec.shape)}' for spec in self.leaves)})"

    def written(self, places: Iterable[str]) -> str:
        """The arguments as source text, with a text in each Input's place."""
        args, kwargs = self.filled(map(_Words, places))
        return ", ".join([*map(repr, args), *(f"{key}={value!r}" for key, value in kwargs.items())])

    def filled(self, values: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """(args, kwargs) with the Inputs' places taken by values, one for each of ``leaves``."""
        order = iter(values)
        given = (self.positional, dict(self.keywords))
        return tree.transform(given, _is_spec, lambda _: next(order))

    def of(self, arrays: Sequence[np.ndarray]) -> "Signature":
        """The same call for arrays of these shapes and dtypes."""
        return Signature(*self.filled(Input(a.shape, str(a.dtype)) for a in arrays))


class _Words(str):
    """Words, printed as they stand."""

    __repr__ = str.__str__


def _is_spec(value: Any) -> bool:
    return isinstance(value, Input)


def draw_cotangent(shape: tuple[int, ...], entropy: int, name: str) -> np.ndarray:
    """The gradient that is fed to an output, float32."""
    return generator(entropy, f"cotangent.{name}").standard_normal(shape).astype("float32")


def draw_parameters(
    shapes: Mapping[str, tuple[tuple[int, ...], str]],
    entropy: int,
    overrides: Mapping[str, str] | None = None,
) -> dict[str, np.ndarray]:
    """Draw every parameter and buffer of a torch-named inventory.

    shapes: torch name -> (shape, dtype name). overrides: fnmatch pattern -> a name in ``DRAWS``.
    """
    drawn = {}
    for name, (shape, dtype) in shapes.items():
        rule = _rule_for(name, shape, overrides or {})
        values = DRAWS[rule](generator(entropy, name), shape)
        drawn[name] = np.asarray(values).astype(dtype)
    return drawn


def kept_as_built(drawn: Mapping[str, np.ndarray]) -> list[str]:
    """Names of buffers that are indices or masks: drawn ones would index or mask at random."""
    return [
        name
        for name, array in drawn.items()
        if array.dtype.kind in "biu" and not name.endswith("num_batches_tracked")
    ]


def _rule_for(name: str, shape: tuple[int, ...], overrides: Mapping[str, str]) -> str:
    for pattern, rule in overrides.items():
        if fnmatch.fnmatchcase(name, pattern):
            if rule not in DRAWS:
                raise PairError(f"draw={{{pattern!r}: {rule!r}}}: there are {sorted(DRAWS)}.")
            return rule
    local = name.rpartition(".")[2]
    if local in ("running_var", "running_mean", "num_batches_tracked"):
        return local
    if len(shape) >= 2:
        return "weight"
    return "scale" if local == "weight" else "bias"


def _weight(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    # He normal over the fan-in: activations keep their size through ReLU networks.
    fan_in = max(int(np.prod(shape[1:])), 1)
    return rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)


def _scale(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.uniform(0.3, 1.0, shape) * rng.choice([-1.0, 1.0], shape)


def _running_var(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.exp(rng.uniform(np.log(0.25), np.log(2.0), shape))


#: Ways to draw a parameter, by name.
DRAWS: dict[str, Callable[[Generator, tuple[int, ...]], Any]] = {
    "weight": _weight,
    "scale": _scale,
    "bias": lambda rng, shape: rng.standard_normal(shape) * 0.3,
    "running_mean": lambda rng, shape: rng.standard_normal(shape) * 0.5,
    "running_var": _running_var,
    "tiny_var": lambda rng, shape: np.exp(rng.uniform(np.log(1e-6), np.log(1e-3), shape)),
    "num_batches_tracked": lambda rng, shape: np.zeros(shape),
    "zeros": lambda rng, shape: np.zeros(shape),
    "ones": lambda rng, shape: np.ones(shape),
}
