"""A convolutional autoencoder: a narrow one of the same code, and the usual width."""

from harness import Input, Pair, Variant

PAIR = Pair(
    name="networks.autoencoder",
    torch="models.networks.autoencoder.pt:Autoencoder",
    mindspore="models.networks.autoencoder.ms:Autoencoder",
    variants={
        "default": Variant({"width": 4}, [Input((4, 1, 28, 28))]),
        "full": Variant({}, [Input((16, 1, 28, 28))], slow=True),
    },
    has_state=False,
)
