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

from harness import declared
from harness.errors import PairError
from harness.gate import observing
from harness.inputs import Signature
from harness.parameters import ParameterRules
from harness.recipe import Recipe

Factory = str | Callable[..., Any]

#: Kinds of pairs that are modules: built, given parameters, run forward and backward.
MODULES = ("layers", "functions", "blocks", "networks", "losses")

#: Every check of the battery for modules, in the order it runs, with the mode it runs in.
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

#: The checks of the other stages of a migration, by kind, see ``harness.stages``.
STAGES = {
    "optimizers": ("steps",),
    "schedules": ("rates",),
    "initializers": ("distribution",),
    "pipelines": ("records", "order", "transforms", "augmentation", "batches"),
    "recipes": ("evaluation", "optimizer", "teacher_forced", "free_running", "resume"),
}

KINDS = (*MODULES, *STAGES)

#: Every check there is -> the mode it runs in.
MODES = {**CHECKS, **dict.fromkeys((c for checks in STAGES.values() for c in checks), "pynative")}

#: Those that a network without parameters does without.
OF_PARAMETERS = ("parameters", "initialization", "optimizer_step")

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
    inputs, keywords: what ``forward`` takes; empty means the pair's own.
    draw: parameter patterns (fnmatch on torch names) -> how to draw them, see ``harness.inputs``.
    slow: left out of the default run.
    """

    kwargs: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Any] = ()
    draw: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False
    keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A declaration that two implementations, one a framework, are equivalent.

    name: ``kind.name``, e.g. ``blocks.bottleneck``; letters, digits, ``_``, ``.`` and ``+``.
    torch, mindspore: factories, called with a variant's kwargs, returning a ``torch.nn.Module`` and
        a ``mindspore.nn.Cell``; a "module:attribute" string or a callable. What the factories of
        the other kinds take and return is said in ``harness.stages``.
    inputs: positional arguments of ``forward``, unless a variant says otherwise: ``Input`` for each
        array, plain values (None, numbers, texts) as they are, nested as ``forward`` wants them.
    keywords: keyword arguments of ``forward``, by name, in the same terms; both sides take them.
    variants: name -> Variant; at least one.
    parameters: rules where names do not follow from the module types.
    modules: torch module path -> MindSpore path, where the trees are named differently.
    has_parameters, has_state: True or False is verified, and False leaves out the checks that are
        about them; None takes what torch's network has.
    exact: forward must be bit-identical (ReLU, max pooling, reshape).
    differentiable: False where no output depends on an input or parameter smoothly (argmax,
        comparisons, integer results); it is then run forward only.
    optimizers: what both are trained with; SGD with momentum where the pair does not say.
    preprocess: how images become inputs; None where the pair does not take images.
    least: the smallest value that the quantity can have, e.g. 0 for a cross entropy.
    recipe: what pairs of the kinds "recipes" and "pipelines" are built from.
    checks: the checks of the battery that apply; the kind's own where the pair does not say.
    without: check -> why this pair does without it, where a framework's bug would crash or hang the
        process or nothing could be compared; printed by every run and by ``list``.
    slow: left out of the default run.
    slow_graphs: compiling takes seconds: the default run compiles the first variant alone.
    """

    name: str
    torch: Factory
    mindspore: Factory
    inputs: Sequence[Any] = ()
    variants: Mapping[str, Variant] = field(default_factory=lambda: {"default": Variant()})
    parameters: ParameterRules = field(default_factory=ParameterRules)
    modules: Mapping[str, str] = field(default_factory=dict)
    has_parameters: bool | None = None
    has_state: bool | None = None
    exact: bool = False
    differentiable: bool = True
    optimizers: Optimizers = field(default_factory=Optimizers)
    preprocess: Preprocess | None = None
    least: float | None = None
    recipe: Recipe | None = None
    checks: Sequence[str] = ()
    without: Mapping[str, str] = field(default_factory=dict)
    slow: bool = False
    slow_graphs: bool = False
    keywords: Mapping[str, Any] = field(default_factory=dict)
    #: (file, line) of the declaration.
    site: tuple[str, int] = field(init=False, compare=False, repr=False, default=("", 0))

    def __post_init__(self) -> None:
        object.__setattr__(self, "site", declared.call_site())
        if not isinstance(self.name, str) or not _PAIR_NAME.fullmatch(self.name):
            raise self.mistake(
                "name", "a name is kind.name, made of letters, digits, '_', '.' and '+', e.g. "
                        "'networks.my_net'."
            )  # fmt: skip
        if not self.variants:
            raise self.mistake("variants", "variants is empty; give at least one.")
        for variant_name in self.variants:
            if not _VARIANT_NAME.fullmatch(variant_name):
                raise self.mistake(
                    "variants", f"variant {variant_name!r} has a character that does not paste "
                                f"into -k; use letters, digits, '_', '.' and '+'."
                )  # fmt: skip
            if self.is_module and not self.signature_of(variant_name).leaves:
                raise self.mistake(
                    "inputs", f"variant {variant_name!r} has no inputs; set inputs on the pair or "
                              f"on the variant, e.g. inputs=[Input((4, 3, 32, 32))]."
                )  # fmt: skip
        known = checks_of(self.kind)
        if not self.checks:
            object.__setattr__(self, "checks", known)
        unknown = [check for check in (*self.checks, *self.without) if check not in known]
        if unknown:
            where = "checks" if set(unknown) & set(self.checks) else "without"
            raise self.mistake(where, f"unknown checks {unknown}; there are {list(known)}.")

    def mistake(self, field: str, text: str) -> PairError:
        """The error about a wrong declaration: the line to change, the pair, what is wrong."""
        where = declared.place(self.site, field)
        return PairError(f"{where + ': ' if where else ''}Pair(name={self.name!r}): {text}")

    @property
    def kind(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_module(self) -> bool:
        """Whether the pair is of modules: one of ``MODULES``, or of a kind of the user's own."""
        return self.kind not in STAGES

    def signature_of(self, variant: str) -> Signature:
        """What ``forward`` is called with in a variant."""
        own = self.variants[variant]
        return Signature(tuple(own.inputs or self.inputs), own.keywords or self.keywords)

    def factory(self, framework: str) -> Callable[..., Any]:
        """The factory of "torch" or "mindspore", imported if it was given as a string."""
        given = self.torch if framework == "torch" else self.mindspore
        try:
            return resolve_factory(given, f"{framework}={given!r}")
        except PairError as error:
            raise self.mistake(framework, str(error)) from error

    def cases(self, seed: int = 0) -> list["Case"]:
        """Every Case of this pair, in the order the battery runs."""
        found = []
        for variant in self.variants:
            for check in self.checks:
                if check in self.without or not self._applies(check):
                    continue
                found.append(Case(self, variant, check, seed=seed))
        return found

    def _applies(self, check: str) -> bool:
        return not self.is_module or not (
            (check in OF_PARAMETERS and self.has_parameters is False)
            or (check == "state" and self.has_state is False)
            or (check == "backward" and not self.differentiable)
        )


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
        return MODES[self.check]

    @property
    def id(self) -> str:
        return f"{self.pair.name}:{self.variant}-{self.check}-{self.mode}-{self.dtype}"

    @property
    def slow(self) -> bool:
        """Whether it is left out of the default run."""
        first = next(iter(self.pair.variants))
        long = self.mode == "graph" and self.pair.slow_graphs and self.variant != first
        return self.pair.slow or self.pair.variants[self.variant].slow or long

    @property
    def entropy(self) -> int:
        """The seed of everything drawn for this case: shared by all checks of one variant."""
        return entropy(self.pair.name, self.variant, self.dtype, str(self.seed))


def checks_of(kind: str) -> tuple[str, ...]:
    """The checks of a kind of pairs, in the order they run."""
    return STAGES.get(kind, tuple(CHECKS))


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
        found = _imported(module_name)
    except Exception as error:  # whatever the user's module raises
        raise PairError(f"{where}: cannot import {module_name!r}: {error}") from error
    observing.used(found)
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise PairError(f"{where}: {module_name!r} has no attribute {attribute!r}.")
        found = getattr(found, part)
    if not callable(found):
        raise PairError(f"{where}: {found!r} is not callable; name a class or a function.")
    return found


def _imported(module: str) -> Any:
    """A module; torchvision is made importable beside a CPU torch where that is what it takes."""
    try:
        return importlib.import_module(module)
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    from harness.backends.vision import import_torchvision

    import_torchvision()
    return importlib.import_module(module)
