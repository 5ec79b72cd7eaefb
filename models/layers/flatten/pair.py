"""torch.flatten(x, 1) and nn.Flatten."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.flatten",
    torch="models.layers.flatten.pt:Flatten",
    mindspore="models.layers.flatten.ms:Flatten",
    has_parameters=False,
    has_state=False,
    exact=True,
    variants={
        "pooled": Variant(inputs=[Input((2, 8, 1, 1))]),
        "planes": Variant(inputs=[Input((2, 8, 3, 5))]),
    },
)
