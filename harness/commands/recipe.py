"""``recipe``: the training checklist of a pair, and what two recipes say differently."""

import argparse
from pathlib import Path

from harness import registry
from harness.recipe import Recipe, overridden, read_recipe
from harness.report import training


def run(arguments: argparse.Namespace) -> int:
    """Print the checklist; with a second recipe print the differences, and exit with 1 for some."""
    recipe = recipe_at(arguments.pair, arguments.set)
    if arguments.other is None:
        print(training.checklist(recipe, arguments.lang))
        return 0
    other = recipe_at(arguments.other, [])
    names = arguments.pair, arguments.other
    print(training.recipe_differences(recipe, other, names, arguments.lang))
    return 0 if recipe == other else 1


def recipe_at(text: str, overrides: list[str]) -> Recipe:
    """The recipe that a TOML file, a recipe pair, or a recipe of a network pair is.

    Raises PairError where the pair has no recipe, or several.
    """
    if text.endswith(".toml"):
        return read_recipe(Path(text), overrides)
    pair = registry.find_recipe(text)
    assert pair.recipe is not None
    return overridden(pair.recipe, overrides)
