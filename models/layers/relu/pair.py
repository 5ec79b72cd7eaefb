"""ReLU: exact, values beyond 6 included."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.relu",
    torch="models.layers.relu.pt:ReLU",
    mindspore="models.layers.relu.ms:ReLU",
    has_parameters=False,
    has_state=False,
    exact=True,
    variants={
        "default": Variant(inputs=[Input((4, 6, 5, 7))]),
        "inplace": Variant({"inplace": True}, [Input((4, 6, 5, 7))]),
        "large": Variant(inputs=[Input((4, 32), scale=20.0)]),
    },
)
