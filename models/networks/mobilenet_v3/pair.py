"""MobileNetV3-large: a narrow one with each kind of block, and the published one."""

from harness import Input, Pair, Preprocess, Variant

_BLOCKS = [
    [8, 3, 8, 8, False, "RE", 1, 1],
    [8, 5, 24, 16, True, "RE", 2, 1],
    [16, 3, 40, 16, True, "HS", 1, 1],
    [16, 3, 40, 24, False, "HS", 2, 2],
]
_SMALL = {"blocks": _BLOCKS, "last_channel": 32, "num_classes": 10}

PAIR = Pair(
    name="networks.mobilenet_v3_large",
    torch="models.networks.mobilenet_v3.pt:mobilenet_v3_large",
    mindspore="models.networks.mobilenet_v3.ms:mobilenet_v3_large",
    variants={
        "default": Variant(_SMALL, [Input((2, 3, 32, 24))]),
        "full": Variant({"num_classes": 1000}, [Input((4, 3, 64, 96))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
