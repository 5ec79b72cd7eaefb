"""The pair that the loops of seeded bugs train, and recipes for it."""

from typing import Any

from harness import Input, Pair
from harness.recipe import Recipe, recipe_of

TINY = Pair(
    name="networks.tiny",
    torch="seeded_stages.tiny_pt:Tiny",
    mindspore="seeded_stages.tiny_ms:Tiny",
    inputs=[Input((4, 3, 32, 32))],
)

_IMAGE = [
    {"name": "to_tensor"},
    {"name": "normalize", "mean": [0.5, 0.4, 0.3], "std": [0.3, 0.25, 0.2]},
]


def recipe(**changes: Any) -> Recipe:
    """SGD with everything in it: momentum, decay, a schedule that moves every epoch."""
    said = {
        "network": "seeded_stages.tiny:TINY",
        "batch_size": 16,
        "augmentation": _IMAGE,
        "evaluation": _IMAGE,
        "loss": "cross_entropy",
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-2},
        "schedule": {"name": "exponential", "gamma": 0.5},
    }
    return recipe_of({**said, **changes})


def trained(name: str, **changes: Any) -> Pair:
    """A recipe pair whose two sides are right; the MindSpore side is written by hand."""
    return Pair(
        name=f"recipes.{name}",
        torch="harness.backends.torch_training:loop",
        mindspore="seeded_stages.loop_ms:loop",
        recipe=recipe(**changes),
    )
