"""AdaptiveAvgPool2d and ReduceMean(keep_dims): the global pooling of ResNet, two ways."""

from dataclasses import replace

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.adaptive_avgpool2d",
    torch="models.layers.adaptive_avgpool2d.pt:AdaptiveAvgPool2d",
    mindspore="models.layers.adaptive_avgpool2d.ms:AdaptiveAvgPool2d",
    has_parameters=False,
    has_state=False,
    variants={
        "to1": Variant({"output_size": 1}, [Input((2, 8, 7, 7))]),
        "to1_odd": Variant({"output_size": 1}, [Input((2, 8, 5, 3))]),
        "to1_plane1": Variant({"output_size": 1}, [Input((2, 8, 1, 1))]),
        "to3x2": Variant({"output_size": (3, 2)}, [Input((2, 8, 7, 5))]),
    },
)
REDUCE_MEAN = replace(
    PAIR,
    name="layers.reduce_mean",
    mindspore="models.layers.adaptive_avgpool2d.ms:ReduceMean",
    variants={name: v for name, v in PAIR.variants.items() if name.startswith("to1")},
)
