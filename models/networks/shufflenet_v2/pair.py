"""ShuffleNetV2: a narrow one with two blocks a stage, and the published x1.0."""

from harness import Input, Pair, Preprocess, Variant

_SMALL = {"stages_repeats": [2, 1, 1], "stages_out_channels": [8, 16, 24, 32, 64]}
_X1_0 = {"stages_repeats": [4, 8, 4], "stages_out_channels": [24, 116, 232, 464, 1024]}

PAIR = Pair(
    name="networks.shufflenet_v2_x1_0",
    torch="models.networks.shufflenet_v2.pt:ShuffleNetV2",
    mindspore="models.networks.shufflenet_v2.ms:ShuffleNetV2",
    variants={
        "default": Variant({**_SMALL, "num_classes": 10}, [Input((2, 3, 40, 32))]),
        "full": Variant({**_X1_0, "num_classes": 1000}, [Input((4, 3, 64, 96))], slow=True),
    },
    preprocess=Preprocess(size=(224, 224)),
)
