"""LeNet-5, on digits and on colour images."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="networks.lenet",
    torch="models.networks.lenet.pt:LeNet",
    mindspore="models.networks.lenet.ms:LeNet",
    inputs=[Input((4, 1, 32, 32))],
    variants={
        "default": Variant(),
        "colour": Variant({"in_channels": 3}, [Input((2, 3, 32, 32))], slow=True),
    },
    has_state=False,
)
