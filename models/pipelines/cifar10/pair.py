"""CIFAR-10 enlarged to 224, for training and for testing, as the reference case feeds ResNet-50."""

from pathlib import Path

from harness import Pair, Variant
from harness.recipe import read_recipe

CIFAR10 = Pair(
    name="pipelines.cifar10",
    torch="harness.backends.torch_pipelines:pipeline",
    mindspore="harness.backends.mindspore_pipelines:pipeline",
    recipe=read_recipe(Path(__file__).with_name("recipe.toml")),
    variants={"train": Variant({"train": True}), "evaluation": Variant({"train": False})},
)
