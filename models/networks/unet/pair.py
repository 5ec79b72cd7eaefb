"""U-Net, upsampling by transposed convolutions and by bilinear interpolation."""

from harness import Input, Pair, Variant

_SMALL = {"n_channels": 3, "n_classes": 2, "width": 4}
_FULL = {"n_channels": 3, "n_classes": 2}
#: 36 columns are 18, 9, 4, 2: one skip connection is wider than what comes up to it.
_ODD = [Input((2, 3, 32, 36))]

PAIR = Pair(
    name="networks.unet",
    torch="models.networks.unet.pt:UNet",
    mindspore="models.networks.unet.ms:UNet",
    variants={
        "default": Variant(_SMALL, _ODD),
        "bilinear": Variant({**_SMALL, "bilinear": True}, _ODD, slow=True),
        "full": Variant(_FULL, [Input((1, 3, 64, 96))], slow=True),
        "full_bilinear": Variant({**_FULL, "bilinear": True}, [Input((1, 3, 64, 96))], slow=True),
    },
)
