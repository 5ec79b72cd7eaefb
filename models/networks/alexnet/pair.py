"""AlexNet; its width is fixed, most of its 57 million parameters lie in two Dense layers."""

from harness import Input, Pair, Preprocess, Variant

PAIR = Pair(
    name="networks.alexnet",
    torch="models.networks.alexnet.pt:AlexNet",
    mindspore="models.networks.alexnet.ms:AlexNet",
    variants={
        "default": Variant({"num_classes": 10}, [Input((2, 3, 63, 63))], slow=True),
        "full": Variant({"num_classes": 1000}, [Input((2, 3, 127, 95))], slow=True),
    },
    has_state=False,
    preprocess=Preprocess(size=(224, 224)),
)
