"""ResNet's stem on even, odd and oblong images."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="blocks.stem",
    torch="models.blocks.stem.pt:Stem",
    mindspore="models.blocks.stem.ms:Stem",
    variants={
        "even": Variant({"planes": 8}, [Input((2, 3, 32, 32))]),
        "odd": Variant({"planes": 8}, [Input((2, 3, 33, 45))]),
    },
)
