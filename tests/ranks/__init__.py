"""A pair that trains over several processes, without running statistics, and wrong loops."""

from harness import Input, Pair
from harness.recipe import recipe_of

PLAIN = Pair(
    name="networks.plain",
    torch="ranks.plain_pt:Plain",
    mindspore="ranks.plain_ms:Plain",
    inputs=[Input((4, 3, 32, 32))],
)
TRAINED = Pair(
    name="recipes.plain",
    torch="harness.backends.torch_training:loop",
    mindspore="harness.backends.mindspore_training:loop",
    recipe=recipe_of({
        "network": "ranks:PLAIN",
        "batch_size": 8,
        "augmentation": [{"name": "to_tensor"}],
        "evaluation": [{"name": "to_tensor"}],
        "loss": "cross_entropy",
        "optimizer": {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-2},
        "schedule": {"name": "constant"},
    }),
)  # fmt: skip
