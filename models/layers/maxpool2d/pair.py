"""MaxPool2d: padded windows over negative inputs, odd and even sizes, ceil_mode."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.maxpool2d",
    torch="models.layers.maxpool2d.pt:MaxPool2d",
    mindspore="models.layers.maxpool2d.ms:MaxPool2d",
    has_parameters=False,
    has_state=False,
    exact=True,
    variants={
        "stem": Variant({"kernel_size": 3, "stride": 2, "padding": 1}, [Input((2, 4, 8, 8))]),
        "stem_odd": Variant({"kernel_size": 3, "stride": 2, "padding": 1}, [Input((2, 4, 9, 7))]),
        "stem_negative": Variant(
            {"kernel_size": 3, "stride": 2, "padding": 1}, [Input((2, 4, 8, 8), offset=-5.0)]
        ),
        "default_stride": Variant({"kernel_size": 2}, [Input((2, 4, 8, 6))]),
        "ceil": Variant({"kernel_size": 3, "stride": 2, "ceil_mode": True}, [Input((2, 4, 8, 8))]),
    },
)
