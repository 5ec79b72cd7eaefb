"""EfficientNet-B0: a narrow one of three stages, and the published one."""

from harness import Input, Pair, Preprocess, Variant

_STAGES = [[1, 3, 1, 8, 8, 1], [6, 3, 2, 8, 16, 2], [6, 5, 2, 16, 24, 1]]
_SMALL = {"stages": _STAGES, "num_classes": 10}

PAIR = Pair(
    name="networks.efficientnet_b0",
    torch="models.networks.efficientnet.pt:efficientnet_b0",
    mindspore="models.networks.efficientnet.ms:efficientnet_b0",
    variants={
        "default": Variant(_SMALL, [Input((2, 3, 32, 24))]),
        "full": Variant(
            {"num_classes": 1000},
            [Input((4, 3, 64, 96))],
            slow=True,
        ),
    },
    preprocess=Preprocess(size=(224, 224)),
)
