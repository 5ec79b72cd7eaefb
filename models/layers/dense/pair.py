"""Linear and Dense."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.dense",
    torch="models.layers.dense.pt:Linear",
    mindspore="models.layers.dense.ms:Dense",
    has_state=False,
    variants={
        "default": Variant({"in_features": 32, "out_features": 10}, [Input((4, 32))]),
        "no_bias": Variant(
            {"in_features": 32, "out_features": 10, "bias": False}, [Input((4, 32))]
        ),
        "square": Variant({"in_features": 16, "out_features": 16}, [Input((3, 16))]),
        "batch1": Variant({"in_features": 64, "out_features": 10}, [Input((1, 64))]),
    },
)
