"""Recipe: the training checklist of a network as data, from which both frameworks' sides are built.

A TOML file; what it may say is listed in ``Recipe``, ``NAMED`` and ``TRICKS``. Needs neither
framework.
"""

import ast
import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

#: What a setting with a name may be, and the arguments that each takes, all in torch's terms.
NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "transforms": {
        "resize": ("size", "interpolation"),
        "center_crop": ("size",),
        "pad": ("padding",),
        "random_crop": ("size", "padding"),
        "random_horizontal_flip": ("p",),
        "to_tensor": (),
        "normalize": ("mean", "std"),
    },
    "loss": {
        "cross_entropy": ("label_smoothing", "ignore_index", "weight"),
        "nll": ("ignore_index", "weight"),
        "mse": (),
        "l1": (),
        "smooth_l1": ("beta",),
        "huber": ("delta",),
        "bce_with_logits": (),
    },
    "optimizer": {
        "sgd": ("lr", "momentum", "dampening", "weight_decay", "nesterov"),
        "adam": ("lr", "betas", "eps", "weight_decay", "amsgrad"),
        "adamw": ("lr", "betas", "eps", "weight_decay", "amsgrad"),
        "adamax": ("lr", "betas", "eps", "weight_decay"),
        "adagrad": ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"),
        "adadelta": ("lr", "rho", "eps", "weight_decay"),
        "rmsprop": ("lr", "alpha", "eps", "weight_decay", "momentum", "centered"),
        "rprop": ("lr", "etas", "step_sizes"),
        "asgd": ("lr", "lambd", "alpha", "t0", "weight_decay"),
        "nadam": ("lr", "betas", "eps", "weight_decay", "momentum_decay"),
        "radam": ("lr", "betas", "eps", "weight_decay"),
    },
    "schedule": {
        "constant": ("per",),
        "step": ("per", "step_size", "gamma"),
        "multi_step": ("per", "milestones", "gamma"),
        "exponential": ("per", "gamma"),
        "cosine": ("per", "T_max", "eta_min"),
        "cosine_restarts": ("per", "T_0", "T_mult", "eta_min"),
        "polynomial": ("per", "total_iters", "power"),
        "linear_warmup": ("per", "start_factor", "total_iters"),
        "one_cycle": ("per", "max_lr", "total_steps", "pct_start", "div_factor"),
        "plateau": ("per", "factor", "patience"),
    },
}

#: Training tricks, all off at their defaults.
TRICKS: dict[str, Any] = {
    "clip_norm": 0.0, "clip_value": 0.0, "accumulate": 1, "loss_scale": 1.0,
}  # fmt: skip

PRECISIONS = ("float32",)


@dataclass(frozen=True)
class Setting:
    """Something with a name and arguments: an optimizer, a schedule, a loss, a transform."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        inside = ", ".join(f"{key}={value}" for key, value in self.arguments.items())
        return f"{self.name}({inside})"


@dataclass(frozen=True)
class Recipe:
    """The checklist of a network's training.

    network, variant: the pair of the network ("networks.resnet20", "mypkg.pairs:NET") and its
        variant, the first where empty. structure: arguments that override the variant's.
    augmentation: transforms of a training image, in order; evaluation: those of a test image.
    loss, optimizer, schedule: named settings in torch's terms; the schedule's ``per`` is "epoch" or
        "step". batch_size: images; the last, smaller batch is left out where ``drop_last``.
    tricks: ``clip_norm`` and ``clip_value`` (0: off), ``accumulate`` (batches a step),
        ``loss_scale``. precision: of the arithmetic.
    """

    network: str
    variant: str = ""
    structure: Mapping[str, Any] = field(default_factory=dict)
    augmentation: Sequence[Setting] = ()
    evaluation: Sequence[Setting] = ()
    batch_size: int = 32
    epochs: int = 1
    shuffle: bool = True
    drop_last: bool = True
    loss: Setting = Setting("cross_entropy")
    optimizer: Setting = Setting("sgd", {"lr": 0.1})
    schedule: Setting = Setting("constant")
    tricks: Mapping[str, Any] = field(default_factory=dict)
    precision: str = "float32"

    def trick(self, name: str) -> Any:
        """A training trick's value, or its default: off."""
        return self.tricks.get(name, TRICKS[name])


def read_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a TOML recipe and apply ``KEY=VALUE`` overrides. Raises HarnessError, naming the key."""
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise HarnessError(f"{path}: no readable recipe: {error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path} is no TOML: {error}") from error
    return overridden(recipe_of(said, str(path)), overrides)


def recipe_of(said: Mapping[str, Any], where: str = "recipe") -> Recipe:
    """A Recipe from plain data. Raises HarnessError for what it may not say."""
    known = {f.name for f in fields(Recipe)}
    for key in said:
        if key not in known:
            raise HarnessError(f"{where}: {key!r} is no setting of a recipe.{_near(key, known)}")
    if "network" not in said:
        raise HarnessError(f"{where}: say which network it trains: network = 'networks.resnet20'.")
    values = dict(said)
    for key in ("loss", "optimizer", "schedule"):
        if key in values:
            values[key] = _setting(values[key], key, f"{where}: {key}")
    for key in ("augmentation", "evaluation"):
        if not isinstance(values.get(key, []), list):
            raise HarnessError(f"{where}: {key} is a list of transforms, in order.")
        values[key] = tuple(
            _setting(item, "transforms", f"{where}: {key}[{number}]")
            for number, item in enumerate(values.get(key, []))
        )
    recipe = Recipe(**values)
    _validate(recipe, where)
    return recipe


def _setting(said: Any, kind: str, where: str) -> Setting:
    if isinstance(said, str):
        said = {"name": said}
    if not isinstance(said, Mapping) or not isinstance(said.get("name"), str):
        raise HarnessError(f"{where} wants a name, e.g. {{ name = '{next(iter(NAMED[kind]))}' }}.")
    name, known = said["name"], NAMED[kind]
    if name not in known:
        raise HarnessError(f"{where}: there is no {name!r}; there are {', '.join(known)}.")
    arguments = {key: value for key, value in said.items() if key != "name"}
    for key in arguments:
        if key not in known[name]:
            takes = ", ".join(known[name]) or "no arguments"
            raise HarnessError(f"{where}: {name} has no argument {key!r}; it takes {takes}.")
    return Setting(name, arguments)


def _validate(recipe: Recipe, where: str) -> None:
    def wrong(key: str, value: Any, want: str) -> HarnessError:
        return HarnessError(f"{where}: {key} = {value!r} is wrong: it is {want}.")

    for key in ("batch_size", "epochs"):
        value = getattr(recipe, key)
        if type(value) is not int or value < 1:
            raise wrong(key, value, "a whole number, 1 or more")
    for key in ("shuffle", "drop_last"):
        if not isinstance(getattr(recipe, key), bool):
            raise wrong(key, getattr(recipe, key), "true or false")
    if recipe.precision not in PRECISIONS:
        raise wrong("precision", recipe.precision, f"one of {', '.join(PRECISIONS)}")
    if recipe.schedule.arguments.get("per", "epoch") not in ("epoch", "step"):
        raise wrong("schedule.per", recipe.schedule.arguments["per"], "'epoch' or 'step'")
    rate = recipe.optimizer.arguments.get("lr", 0.0)
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or rate < 0:
        raise wrong("optimizer.lr", rate, "a number, 0 or more")
    for key, value in recipe.tricks.items():
        if key not in TRICKS:
            raise HarnessError(f"{where}: tricks.{key} is unknown; there are {', '.join(TRICKS)}.")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise wrong(f"tricks.{key}", value, "a number, 0 or more")
    if type(recipe.trick("accumulate")) is not int or recipe.trick("accumulate") < 1:
        raise wrong("tricks.accumulate", recipe.trick("accumulate"), "a whole number, 1 or more")
    if recipe.trick("loss_scale") <= 0:
        raise wrong("tricks.loss_scale", recipe.trick("loss_scale"), "more than 0")


def random_in_evaluation(recipe: Recipe) -> list[str]:
    """Random transforms that were left on where images are tested."""
    return [item.name for item in recipe.evaluation if item.name.startswith("random_")]


def plain(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain data, as its file says it."""
    found: dict[str, Any] = {}
    for item in fields(Recipe):
        value = getattr(recipe, item.name)
        if isinstance(value, Setting):
            value = {"name": value.name, **value.arguments}
        elif item.name in ("augmentation", "evaluation"):
            value = [{"name": part.name, **part.arguments} for part in value]
        elif isinstance(value, Mapping):
            value = dict(value)
        found[item.name] = value
    return found


def overridden(recipe: Recipe, overrides: Sequence[str]) -> Recipe:
    """The recipe with ``KEY=VALUE`` settings: ``epochs=1``, ``optimizer.lr=0.01``,
    ``augmentation.0.padding=2``, ``optimizer=adam``. Raises HarnessError."""
    if not overrides:
        return recipe
    said = plain(recipe)
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals:
            raise HarnessError(f"--set {text}: write KEY=VALUE.")
        target: Any = said
        *parents, last = key.split(".")
        try:
            for part in parents:
                target = target[int(part)] if isinstance(target, list) else target[part]
            target[int(last) if isinstance(target, list) else last] = _value(value)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise HarnessError(f"--set {text}: the recipe has no {key!r}.") from error
    return recipe_of(said, "--set")


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def flat(recipe: Recipe) -> dict[str, str]:
    """Dotted key -> value as text, for every setting of a recipe: what a table shows."""
    return dict(_flat(plain(recipe), ""))


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _flat(item, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, item in enumerate(value):
            yield from _flat(item, f"{key}.{number}")
    else:
        yield key, "none" if value in ({}, [], "") else str(value)


def differences(ours: Recipe, theirs: Recipe) -> list[tuple[str, str, str]]:
    """(setting, ours, theirs) where two recipes differ; "-" where one does not say it."""
    one, other = flat(ours), flat(theirs)
    return [
        (key, one.get(key, "-"), other.get(key, "-"))
        for key in dict.fromkeys((*one, *other))
        if one.get(key, "-") != other.get(key, "-")
    ]


def _near(key: str, known: set[str]) -> str:
    found = difflib.get_close_matches(key, known, 1)
    return f" Did you mean {found[0]!r}?" if found else f" There are {', '.join(sorted(known))}."
