"""Find pairs: under ``models/``, by ``module:name``, or from installed entry points."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.errors import PairError
from harness.gate import observing
from harness.pair import Pair
from harness.recipe import Recipe

ENTRY_POINT_GROUP = "harness.pairs"


def models_pairs() -> Iterator[Pair]:
    """Every Pair in a ``pair`` module under the importable package ``models``, if there is one."""
    try:
        models = importlib.import_module("models")
    except ModuleNotFoundError as error:
        if error.name != "models":
            raise
        return
    folders = [Path(folder) for folder in models.__path__]
    for kind in sorted(p.name for folder in folders for p in folder.iterdir() if p.is_dir()):
        for found in pkgutil.iter_modules([str(folder / kind) for folder in folders]):
            name = f"models.{kind}.{found.name}"
            if importlib.util.find_spec(f"{name}.pair") is not None:
                yield from pairs_in(importlib.import_module(f"{name}.pair"))


def pairs_in(module: ModuleType) -> list[Pair]:
    """The Pairs that a module holds, by name or in a tuple or list of them, each once."""
    observing.used(module)
    found: list[Pair] = []
    for held in vars(module).values():
        for value in held if isinstance(held, (tuple, list)) else (held,):
            if isinstance(value, Pair) and value not in found:
                found.append(value)
    return found


def pairs_at(reference: str) -> list[Pair]:
    """The pair, or all pairs, that ``module:name`` or ``module`` refers to. Raises PairError."""
    module_name, colon, name = reference.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise PairError(f"--pair {reference}: cannot import {module_name!r}: {error}") from error
    if not colon:
        found = pairs_in(module)
        if not found:
            raise PairError(f"--pair {reference}: {module_name!r} holds no Pair.")
        return found
    value = getattr(module, name, None)
    if isinstance(value, Pair):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, Pair) for v in value):
        return list(value)
    held = [n for n, v in vars(module).items() if isinstance(v, Pair)]
    raise PairError(f"--pair {reference}: {name!r} is no Pair; {module_name!r} holds {held}.")


def all_pairs(extra: Iterable[str] = ()) -> dict[str, Pair]:
    """Name -> Pair of everything that can be found. Raises PairError for a name used twice."""
    found: dict[str, Pair] = {}
    sources = [
        *models_pairs(),
        *(
            pair
            for entry in entry_points(group=ENTRY_POINT_GROUP)
            for pair in pairs_at(entry.value)
        ),
        *(pair for reference in extra for pair in pairs_at(reference)),
    ]
    for pair in sources:
        if pair.name in found and found[pair.name] != pair:
            raise PairError(f"Two pairs are called {pair.name!r}; rename one.")
        found[pair.name] = pair
    return found


def network_of(recipe: Recipe) -> tuple[Pair, str, dict[str, Any]]:
    """The pair that a recipe trains, its variant, and what the factories are called with."""
    pair = find_pair(recipe.network)
    variant = recipe.variant or next(iter(pair.variants))
    if variant not in pair.variants:
        raise PairError(f"{pair.name} has no variant {variant!r}; it has {list(pair.variants)}.")
    return pair, variant, {**pair.variants[variant].kwargs, **recipe.structure}


def find_recipe(text: str) -> Pair:
    """The recipe pair a user means by its name, or by that of the network it trains.

    Raises PairError where there is none, or several.
    """
    pairs = all_pairs()
    recipes = [pair for pair in pairs.values() if pair.recipe is not None]
    if ":" not in text:
        named = [p for p in recipes if text in (p.name, p.name.partition(".")[2])]
        network = [p for p in recipes if p.kind == "recipes" and p.recipe is not None
                   and text in (p.recipe.network, p.recipe.network.partition(".")[2])]  # fmt: skip
        found = [p for p in named if p.kind == "recipes"] or named or network
        if len(found) == 1:
            return found[0]
        if found:
            raise PairError(f"{text} is trained by {', '.join(p.name for p in found)}: name one.")
    pair = find_pair(text)
    if pair.recipe is None:
        raise PairError(
            f"{pair.name} has no recipe; there are {', '.join(p.name for p in recipes)}, or name a "
            f"TOML file."
        )
    return pair


def find_pair(text: str) -> Pair:
    """The pair a user means by ``networks.resnet50``, ``resnet50`` or ``module:name``."""
    if ":" in text:
        found = pairs_at(text)
        if len(found) != 1:
            raise PairError(f"{text} refers to {len(found)} pairs; name one.")
        return found[0]
    pairs = all_pairs()
    if text in pairs:
        return pairs[text]
    named = [pair for name, pair in pairs.items() if name.partition(".")[2] == text]
    if len(named) == 1:
        return named[0]
    if named:
        raise PairError(f"{text!r} is ambiguous: {', '.join(pair.name for pair in named)}.")
    near = [name for name in pairs if text.lower() in name.lower()]
    hint = f" Did you mean {', '.join(near)}?" if near else " See 'python -m harness list'."
    raise PairError(f"There is no pair {text!r}.{hint}")
