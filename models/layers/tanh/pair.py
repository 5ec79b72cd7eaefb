"""Tanh: on CPU MindSpore 2.10's kernel is an approximation, which the device profile knows."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="layers.tanh",
    torch="models.layers.tanh.pt:Tanh",
    mindspore="models.layers.tanh.ms:Tanh",
    has_parameters=False,
    has_state=False,
    variants={
        "default": Variant(inputs=[Input((4, 6, 5, 7))]),
        "small": Variant(inputs=[Input((4, 32), scale=0.05)]),
        "saturated": Variant(inputs=[Input((4, 32), scale=8.0)]),
    },
)
