"""ResNet-50 on CIFAR-10 as the reference case trains it: 224 pixels, so it runs on request."""

from pathlib import Path

from harness import Pair
from harness.recipe import read_recipe

RESNET50_CIFAR10 = Pair(
    name="recipes.resnet50_cifar10",
    torch="harness.backends.torch_training:loop",
    mindspore="harness.backends.mindspore_training:loop",
    recipe=read_recipe(Path(__file__).with_name("recipe.toml")),
    slow=True,
)
