"""DenseNet121: a narrow one of few layers, and the published one."""

from harness import Input, Pair, Preprocess, Variant

_SMALL = {
    "growth_rate": 4, "block_config": [2, 2, 2, 1], "num_init_features": 8, "num_classes": 10
}  # fmt: skip

PAIR = Pair(
    name="networks.densenet121",
    torch="models.networks.densenet.pt:DenseNet",
    mindspore="models.networks.densenet.ms:DenseNet",
    variants={
        "default": Variant(_SMALL, [Input((4, 3, 48, 32))]),
        "full": Variant({"num_classes": 1000}, [Input((4, 3, 64, 64))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
