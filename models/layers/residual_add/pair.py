"""The residual add, with and without the ReLU behind it."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.residual_add",
    torch="models.layers.residual_add.pt:ResidualAdd",
    mindspore="models.layers.residual_add.ms:ResidualAdd",
    inputs=[Input((2, 8, 5, 7)), Input((2, 8, 5, 7))],
    has_parameters=False,
    has_state=False,
    variants={"default": Variant(), "plain": Variant({"relu": False})},
)
