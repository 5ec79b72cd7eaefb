"""ConvNeXt-tiny: a narrow one of three stages, and the published one."""

from harness import Input, Pair, Preprocess, Variant

_SMALL = {
    "stages": [[8, 16, 1], [16, 24, 2], [24, None, 1]],
    "num_classes": 10,
    "stochastic_depth_prob": 0.2,
}

PAIR = Pair(
    name="networks.convnext_tiny",
    torch="models.networks.convnext.pt:convnext_tiny",
    mindspore="models.networks.convnext.ms:convnext_tiny",
    variants={
        "default": Variant(_SMALL, [Input((2, 3, 40, 32))]),
        "full": Variant(
            {"num_classes": 1000},
            [Input((2, 3, 64, 64))],
            slow=True,
        ),
    },
    has_state=False,
    preprocess=Preprocess(size=(224, 224)),
)
