"""Inception-v3; its widths are fixed. The classifier halfway needs the full 299 pixels a side."""

from harness import Input, Pair, Preprocess, Variant

_SMALL = {"num_classes": 10}

PAIR = Pair(
    name="networks.inception_v3",
    torch="models.networks.inception.pt:inception_v3",
    mindspore="models.networks.inception.ms:Inception3",
    variants={
        "default": Variant({**_SMALL, "aux_logits": False}, [Input((2, 3, 107, 91))], slow=True),
        "full": Variant({"num_classes": 1000}, [Input((3, 3, 299, 299))], slow=True),
    },
    preprocess=Preprocess(size=(299, 299)),
)
