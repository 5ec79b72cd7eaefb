"""What a seeded bug is, and what a control is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness import Pair

Parameters = dict[str, np.ndarray]
Plant = Callable[[Any], None]
Tamper = Callable[[Parameters], None]
Edit = Callable[[Pair], Pair]

LAYER = "layer defaults"
WIRING = "block wiring"
GRADIENT = "gradients"
INIT = "init"
CONVERSION = "weight conversion"
MODE = "train/eval mode"
PRECISION = "precision"
STAGES = (LAYER, WIRING, GRADIENT, INIT, CONVERSION, MODE, PRECISION)


@dataclass(frozen=True)
class Change:
    """What makes a correct pair another one.

    plant changes the port's cell, tamper the converted parameters (MindSpore names), edit what the
    pair declares.
    """

    plant: Plant | None = None
    tamper: Tamper | None = None
    edit: Edit | None = None


@dataclass(frozen=True)
class Bug:
    """One planted mistake.

    check: the check of the battery that must fail. at: what must be named, and nothing else:
    modules by torch path, or for the checks of parameters the parameters. base: the correct pair it
    is planted into. construct: the mistake is in the module's own construct, not in a layer.
    only_some: at lists some of many places, all of which are wrong.
    """

    stage: str
    name: str
    check: str
    at: tuple[str, ...]
    change: Change
    base: str = "bottleneck"
    construct: bool = False
    only_some: bool = False


@dataclass(frozen=True)
class Control:
    """A change that is none: the port computes the same. latent: modules to be warned of."""

    name: str
    change: Change
    base: str = "bottleneck"
    seed: int = 0
    latent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Base:
    """A correct pair, and what it is called in the score.

    undecided: entries (fnmatch) of modules alone that decide nothing, because their true value is 0
    or torch itself is random there.
    """

    pair: Pair
    network: str
    undecided: tuple[str, ...] = ()


def by_name(found: list[Bug] | list[Control]) -> Mapping[str, Any]:
    """A table by name; a name used twice is a mistake."""
    table = {each.name: each for each in found}
    assert len(table) == len(found), "two seeded changes have one name"
    return table
