"""BatchNorm2d: eps and momentum, small variances, large offsets, batch of one, tiny planes."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.batchnorm2d",
    torch="models.layers.batchnorm2d.pt:BatchNorm2d",
    mindspore="models.layers.batchnorm2d.ms:BatchNorm2d",
    variants={
        "default": Variant({"num_features": 6}, [Input((4, 6, 5, 7))]),
        "eps": Variant({"num_features": 6, "eps": 1e-3}, [Input((4, 6, 5, 7))]),
        "momentum": Variant({"num_features": 6, "momentum": 0.03}, [Input((4, 6, 5, 7))]),
        "offset": Variant({"num_features": 4}, [Input((4, 4, 6, 6), offset=20.0)]),
        "small_values": Variant(
            {"num_features": 4}, [Input((4, 4, 6, 6), scale=3e-3)], {"running_var": "tiny_var"}
        ),
        "batch1": Variant({"num_features": 4}, [Input((1, 4, 5, 3))]),
        "plane1": Variant({"num_features": 4}, [Input((6, 4, 1, 1))]),
    },
)
