"""A narrow ResNet-50 on small images, trained as the reference case is: with Adam."""

from pathlib import Path

from harness import Pair, Variant
from harness.recipe import read_recipe

RESNET50_NARROW = Pair(
    name="recipes.resnet50_narrow",
    torch="harness.backends.torch_training:loop",
    mindspore="harness.backends.mindspore_training:loop",
    recipe=read_recipe(Path(__file__).with_name("recipe.toml")),
    variants={"default": Variant({"steps": 4, "images": 32}, slow=True)},
)
