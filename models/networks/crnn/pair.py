"""CRNN: a narrow one of the same code, and the published size."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="networks.crnn",
    torch="models.networks.crnn.pt:CRNN",
    mindspore="models.networks.crnn.ms:CRNN",
    variants={
        "default": Variant(
            {"channels": 1, "num_classes": 11, "hidden": 6, "width": 4}, [Input((2, 1, 32, 24))]
        ),
        "full": Variant({"channels": 1, "num_classes": 37}, [Input((2, 1, 32, 100))], slow=True),
    },
)
