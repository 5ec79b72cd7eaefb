"""A pair of a few large layers, for the tests of large checkpoints; its factories take a width."""

from typing import Any

from harness import Input, Pair, ParameterRules, Variant

LAYERS = 4


def in_torch(width: int) -> Any:
    """Linear layers and a norm, of which MindSpore names two parameters otherwise."""
    from torch import nn

    return nn.Sequential(*(nn.Linear(width, width) for _ in range(LAYERS)), nn.LayerNorm(width))


def state(width: int) -> dict[str, Any]:
    """The arrays of ``in_torch`` as it initialises itself."""
    return {name: value.numpy() for name, value in in_torch(width).state_dict().items()}


def in_mindspore(width: int) -> Any:
    """The same; the pair says that one Dense holds its weight transposed."""
    from mindspore import nn

    return nn.SequentialCell(
        *(nn.Dense(width, width) for _ in range(LAYERS)), nn.LayerNorm((width,), epsilon=1e-5)
    )


def in_torch_by_value(width: int) -> Any:
    """``in_torch`` as a factory that looks at its parameters' values."""
    network = in_torch(width)
    if float(network[0].weight.abs().max()) > 0:
        return network
    raise ValueError("a weight of zeros")


PAIR = Pair(
    name="networks.big",
    torch="big_pairs:in_torch",
    mindspore="big_pairs:in_mindspore",
    inputs=[Input((2, 8))],
    variants={"default": Variant({"width": 8})},
    parameters=ParameterRules(layouts={"2.weight": "transpose"}),
    has_state=False,
)
BY_VALUE = Pair(
    name="networks.big_by_value",
    torch="big_pairs:in_torch_by_value",
    mindspore="big_pairs:in_mindspore",
    inputs=PAIR.inputs,
    variants=PAIR.variants,
    parameters=PAIR.parameters,
    has_state=False,
)
