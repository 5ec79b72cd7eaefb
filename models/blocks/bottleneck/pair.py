"""Bottleneck: with and without projection, stride 1 and 2, groups, width, dilation."""

from harness import Input, Pair, Variant

_SAME = {"inplanes": 32, "planes": 8}

PAIR = Pair(
    name="blocks.bottleneck",
    torch="models.blocks.bottleneck.pt:build",
    mindspore="models.blocks.bottleneck.ms:build",
    inputs=[Input((2, 32, 9, 8))],
    variants={
        "identity": Variant(_SAME),
        "projection": Variant({"inplanes": 32, "planes": 16}),
        "stride2": Variant({"inplanes": 32, "planes": 16, "stride": 2}),
        "groups": Variant({"inplanes": 32, "planes": 8, "groups": 4, "base_width": 32}),
        "width": Variant({"inplanes": 32, "planes": 8, "base_width": 128}),
        "dilation": Variant({**_SAME, "dilation": 2}),
        "zero_init_residual": Variant(_SAME, draw={"bn3.weight": "zeros"}),
        "batch1": Variant(_SAME, [Input((1, 32, 7, 7))]),
    },
)
