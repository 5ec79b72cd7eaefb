"""Whole stages of both block types."""

from harness import Input, Pair, Variant

_BASIC = {"block": "basicblock", "inplanes": 8, "planes": 16, "blocks": 2, "stride": 2}
_BOTTLE = {"block": "bottleneck", "inplanes": 16, "planes": 8, "blocks": 3}

PAIR = Pair(
    name="blocks.stage",
    torch="models.blocks.stage.pt:build",
    mindspore="models.blocks.stage.ms:build",
    variants={
        "basicblock": Variant(_BASIC, [Input((2, 8, 12, 10))]),
        "bottleneck": Variant({**_BOTTLE, "stride": 2}, [Input((2, 16, 12, 10))]),
        "dilated": Variant(
            {**_BOTTLE, "dilation": 2, "first_dilation": 1}, [Input((2, 16, 12, 10))]
        ),
    },
)
