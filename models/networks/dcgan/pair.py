"""The DCGAN generator: a narrow one of the same code, and the published size."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="networks.dcgan_generator",
    torch="models.networks.dcgan.pt:Generator",
    mindspore="models.networks.dcgan.ms:Generator",
    variants={
        "default": Variant({"nz": 8, "ngf": 4}, [Input((3, 8, 1, 1))]),
        "full": Variant({}, [Input((4, 100, 1, 1))], slow=True),
    },
)
