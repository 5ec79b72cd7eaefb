"""GoogLeNet; its widths are fixed."""

from harness import Input, Pair, Preprocess, Variant

_SMALL = {"num_classes": 10}

PAIR = Pair(
    name="networks.googlenet",
    torch="models.networks.googlenet.pt:googlenet",
    mindspore="models.networks.googlenet.ms:GoogLeNet",
    variants={
        "default": Variant({**_SMALL, "aux_logits": False}, [Input((2, 3, 48, 32))], slow=True),
        "auxiliary": Variant(_SMALL, [Input((2, 3, 64, 48))], slow=True),
        "full": Variant({"num_classes": 1000}, [Input((2, 3, 95, 64))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
