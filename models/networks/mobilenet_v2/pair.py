"""MobileNetV2: a narrow one of four stages, and the published one."""

from harness import Input, Pair, Preprocess, Variant

_SETTING = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 1, 2], [6, 32, 1, 1]]
_SMALL = {"width_mult": 0.35, "inverted_residual_setting": _SETTING, "num_classes": 10}

PAIR = Pair(
    name="networks.mobilenet_v2",
    torch="models.networks.mobilenet_v2.pt:MobileNetV2",
    mindspore="models.networks.mobilenet_v2.ms:MobileNetV2",
    variants={
        "default": Variant(_SMALL, [Input((2, 3, 32, 32))]),
        "full": Variant({"num_classes": 1000}, [Input((4, 3, 64, 96))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
