"""ResNet-20 on CIFAR-10, or on what else is 32 pixels wide and high."""

from pathlib import Path

from harness import Pair, Variant
from harness.recipe import read_recipe

RESNET20_CIFAR10 = Pair(
    name="recipes.resnet20_cifar10",
    torch="harness.backends.torch_training:loop",
    mindspore="harness.backends.mindspore_training:loop",
    recipe=read_recipe(Path(__file__).with_name("recipe.toml")),
    variants={
        "default": Variant(slow=True),
        "shallow": Variant({"structure": {"blocks": 1}}),  # 8 layers: what the gate can afford
    },
)
