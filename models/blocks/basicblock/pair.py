"""BasicBlock: with and without projection, stride 1 and 2, zeroed last scale."""

from harness import Input, Pair, Variant

_SAME = {"inplanes": 8, "planes": 8}
_INPUTS = [Input((2, 8, 9, 11))]

PAIR = Pair(
    name="blocks.basicblock",
    torch="models.blocks.basicblock.pt:build",
    mindspore="models.blocks.basicblock.ms:build",
    inputs=_INPUTS,
    variants={
        "identity": Variant(_SAME),
        "projection": Variant({"inplanes": 8, "planes": 16}),
        "stride2": Variant({"inplanes": 8, "planes": 16, "stride": 2}),
        "zero_init_residual": Variant(_SAME, draw={"bn2.weight": "zeros"}),
    },
)
