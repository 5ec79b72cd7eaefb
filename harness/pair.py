"""Pair, Variant, Case: what is compared, and how one comparison is named.

A Pair declares that two implementations are equivalent. It is data: factories are named as
"module:attribute" strings (or given as callables), so that listing and collecting pairs imports
neither framework.
"""

import hashlib
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.errors import PairError
from harness.inputs import Input
from harness.parameters import ParameterRules

Factory = str | Callable[..., Any]

KINDS = ("layers", "functions", "blocks", "networks")

#: Every check of the battery, in the order it runs, with the mode it runs in.
CHECKS = {
    "structure": "pynative",
    "parameters": "pynative",
    "initialization": "pynative",
    "forward_eval": "pynative",
    "forward_train": "pynative",
    "state": "pynative",
    "backward": "pynative",
    "optimizer_step": "pynative",
    "same_as_pynative": "graph",
}

_OF_PARAMETERS = ("parameters", "initialization", "optimizer_step")

_PAIR_NAME = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_.+]+")
_VARIANT_NAME = re.compile(r"[A-Za-z0-9_.+]+")


@dataclass(frozen=True)
class Preprocess:
    """How an image becomes a network's input: resized to ``size`` (height, width), scaled to 0..1,
    normalised per channel. Taken from the reference's own evaluation transform."""

    size: tuple[int, int]
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Optimizers:
    """What both sides train with: factories called with the model; "module:attribute" or callables.

    torch: returns a ``torch.optim.Optimizer``, or a pair of it and an LR scheduler that is stepped
    after every step. mindspore: returns a ``mindspore.nn.Optimizer`` with its LR schedule inside.
    """

    torch: Factory = "harness.backends.torch_backend:default_optimizer"
    mindspore: Factory = "harness.backends.mindspore_backend:default_optimizer"


@dataclass(frozen=True)
class Variant:
    """One configuration of a pair.

    kwargs: keyword arguments that both factories are called with, in torch's terms.
    inputs: positional inputs of ``forward``; empty means the pair's own.
    draw: parameter patterns (fnmatch on torch names) -> how to draw them, see ``harness.inputs``.
    slow: left out of the default run.
    """

    kwargs: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Input] = ()
    draw: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False


@dataclass(frozen=True)
class Pair:
    """A declaration that a torch module and a MindSpore cell compute the same thing.

    name: ``kind.name``, e.g. ``blocks.bottleneck``; letters, digits, ``_``, ``.`` and ``+``.
    torch, mindspore: factories, called with a variant's kwargs, returning a ``torch.nn.Module`` and
        a ``mindspore.nn.Cell``; a "module:attribute" string or a callable.
    inputs: what ``forward`` takes, unless a variant says otherwise.
    variants: name -> Variant; at least one.
    parameters: rules where names do not follow from the module types.
    modules: torch module path -> MindSpore path, where the trees are named differently.
    has_parameters, has_state: False for a pair that has none; both are verified.
    exact: forward must be bit-identical (ReLU, max pooling, reshape).
    differentiable: False where no output depends on an input or parameter smoothly (argmax,
        comparisons, integer results); it is then run forward only.
    optimizers: what both are trained with; SGD with momentum where the pair does not say.
    preprocess: how images become inputs; None where the pair does not take images.
    checks: the checks of the battery that apply.
    without: check -> why this pair does without it, where a framework's bug would crash or hang the
        process or nothing could be compared; printed by every run and by ``list``.
    """

    name: str
    torch: Factory
    mindspore: Factory
    inputs: Sequence[Input] = ()
    variants: Mapping[str, Variant] = field(default_factory=lambda: {"default": Variant()})
    parameters: ParameterRules = field(default_factory=ParameterRules)
    modules: Mapping[str, str] = field(default_factory=dict)
    has_parameters: bool = True
    has_state: bool = True
    exact: bool = False
    differentiable: bool = True
    optimizers: Optimizers = field(default_factory=Optimizers)
    preprocess: Preprocess | None = None
    checks: Sequence[str] = tuple(CHECKS)
    without: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False

    def __post_init__(self) -> None:
        if not _PAIR_NAME.fullmatch(self.name):
            raise PairError(
                f"Pair(name={self.name!r}): a name is kind.name, made of letters, digits, '_', '.' "
                f"and '+', e.g. 'networks.my_net'."
            )
        if not self.variants:
            raise PairError(f"Pair(name={self.name!r}): variants is empty; give at least one.")
        for variant_name, variant in self.variants.items():
            if not _VARIANT_NAME.fullmatch(variant_name):
                raise PairError(
                    f"Pair(name={self.name!r}): variant {variant_name!r} has a character that does "
                    f"not paste into -k; use letters, digits, '_', '.' and '+'."
                )
            if not (variant.inputs or self.inputs):
                raise PairError(
                    f"Pair(name={self.name!r}): variant {variant_name!r} has no inputs; set inputs "
                    f"on the pair or on the variant, e.g. inputs=[Input((4, 3, 32, 32))]."
                )
        unknown = [check for check in (*self.checks, *self.without) if check not in CHECKS]
        if unknown:
            raise PairError(
                f"Pair(name={self.name!r}): unknown checks {unknown}; there are {list(CHECKS)}."
            )

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]

    def inputs_of(self, variant: str) -> Sequence[Input]:
        return self.variants[variant].inputs or self.inputs

    def factory(self, framework: str) -> Callable[..., Any]:
        """The factory of "torch" or "mindspore", imported if it was given as a string."""
        given = self.torch if framework == "torch" else self.mindspore
        return resolve_factory(given, f"Pair(name={self.name!r}, {framework}={given!r})")

    def cases(self, seed: int = 0) -> list["Case"]:
        """Every Case of this pair, in the order the battery runs."""
        found = []
        for variant in self.variants:
            for check in self.checks:
                if check in self.without:
                    continue
                if check in _OF_PARAMETERS and not self.has_parameters:
                    continue
                if check == "initialization" and not (self.has_parameters or self.has_state):
                    continue
                if check == "state" and not self.has_state:
                    continue
                if check == "backward" and not self.differentiable:
                    continue
                found.append(Case(self, variant, check, seed=seed))
        return found


@dataclass(frozen=True)
class Case:
    """Pair x variant x check x mode x dtype x seed: one thing that can be run and named."""

    pair: Pair
    variant: str
    check: str
    dtype: str = "f32"
    seed: int = 0

    @property
    def mode(self) -> str:
        return CHECKS[self.check]

    @property
    def id(self) -> str:
        return f"{self.pair.name}:{self.variant}-{self.check}-{self.mode}-{self.dtype}"

    @property
    def slow(self) -> bool:
        return self.pair.slow or self.pair.variants[self.variant].slow

    @property
    def entropy(self) -> int:
        """The seed of everything drawn for this case: shared by all checks of one variant."""
        return entropy(self.pair.name, self.variant, self.dtype, str(self.seed))


def entropy(*parts: str) -> int:
    """A 64-bit seed from text, the same on every machine and Python."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8], "little")


def resolve_factory(given: Factory, where: str) -> Callable[..., Any]:
    """Import "module:attribute"; raises PairError that quotes ``where`` it was written."""
    if not isinstance(given, str):
        if not callable(given):
            raise PairError(f"{where}: {given!r} is not callable; give a class or a function.")
        return given
    module_name, colon, attribute = given.partition(":")
    if not colon:
        raise PairError(f"{where}: write it as 'module:attribute'.")
    try:
        found = importlib.import_module(module_name)
    except ImportError as error:
        raise PairError(f"{where}: cannot import {module_name!r}: {error}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise PairError(f"{where}: {module_name!r} has no attribute {attribute!r}.")
        found = getattr(found, part)
    if not callable(found):
        raise PairError(f"{where}: {found!r} is not callable; name a class or a function.")
    return found
