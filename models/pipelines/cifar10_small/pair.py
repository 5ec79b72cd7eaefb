"""CIFAR-10 at its own size, for training and for testing; the last batch is dropped."""

from pathlib import Path

from harness import Pair, Variant
from harness.recipe import read_recipe

CIFAR10_SMALL = Pair(
    name="pipelines.cifar10_small",
    torch="harness.backends.torch_pipelines:pipeline",
    mindspore="harness.backends.mindspore_pipelines:pipeline",
    recipe=read_recipe(Path(__file__).with_name("recipe.toml")),
    variants={"train": Variant({"train": True}), "evaluation": Variant({"train": False})},
)
