"""Transposed convolutions: output_padding within and beyond padding, groups, dilation, no bias."""

from dataclasses import replace

from harness import Input, Pair, Variant

_FOLDER = "models.layers.conv_transpose"


def _conv(
    shape: tuple[int, ...], in_channels: int, out_channels: int, kernel_size: object, **more: object
) -> Variant:
    channels = {"in_channels": in_channels, "out_channels": out_channels}
    return Variant({**channels, "kernel_size": kernel_size, **more}, [Input(shape)])


CONV_TRANSPOSE1D = Pair(
    name="layers.conv_transpose1d",
    torch=f"{_FOLDER}.pt:ConvTranspose1d",
    mindspore=f"{_FOLDER}.ms:ConvTranspose1d",
    has_state=False,
    variants={
        "k4s2": _conv((2, 4, 7), 4, 3, 4, stride=2, padding=1),
        "plain_no_bias": _conv((2, 4, 7), 4, 3, 3, bias=False),
        "output_padding": _conv((2, 4, 7), 4, 3, 3, stride=2, padding=1, output_padding=1),
        "beyond_padding": _conv((2, 4, 7), 4, 3, 3, stride=3, output_padding=2),
        "groups": _conv((2, 4, 7), 4, 6, 3, stride=2, groups=2),
        "dilation2": _conv((2, 4, 8), 4, 3, (3,), stride=(2,), padding=(1,), dilation=(2,)),
    },
)
CONV_TRANSPOSE2D = Pair(
    name="layers.conv_transpose2d",
    torch=f"{_FOLDER}.pt:ConvTranspose2d",
    mindspore=f"{_FOLDER}.ms:ConvTranspose2d",
    has_state=False,
    variants={
        "k2s2": _conv((2, 6, 5, 7), 6, 3, 2, stride=2),
        "k4s2": _conv((2, 6, 5, 7), 6, 3, 4, stride=2, padding=1, bias=False),
        "output_padding": _conv((2, 4, 5, 6), 4, 3, 3, stride=2, padding=1, output_padding=1),
        "beyond_padding": _conv((2, 4, 5, 6), 4, 3, 2, stride=3, output_padding=(2, 1)),
        "groups": _conv((2, 4, 5, 6), 4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        "dilation": _conv((2, 4, 5, 6), 4, 3, 3, stride=2, padding=2, dilation=(2, 3)),
        "asymmetric": _conv(
            (2, 4, 5, 6), 4, 3, (3, 5), stride=(2, 1), padding=(0, 2), output_padding=(1, 0)
        ),
        "batch1_large": _conv((1, 4, 9, 16), 4, 3, 3, padding=1),
    },
)
CONV_TRANSPOSE3D = Pair(
    name="layers.conv_transpose3d",
    torch=f"{_FOLDER}.pt:ConvTranspose3d",
    mindspore=f"{_FOLDER}.ms:ConvTranspose3d",
    has_state=False,
    variants={
        "k2s2": _conv((2, 4, 3, 4, 5), 4, 3, 2, stride=2),
        "output_padding": _conv((2, 3, 3, 4, 5), 3, 2, 3, stride=2, padding=1, output_padding=1),
        "groups_no_bias": _conv((2, 4, 3, 4, 5), 4, 6, 3, padding=1, groups=2, bias=False),
        "asymmetric": _conv(
            (2, 3, 3, 4, 5), 3, 2, (1, 2, 3), stride=(1, 2, 3), padding=(0, 0, 1),
            output_padding=(0, 1, 2),
        ),
    },
)  # fmt: skip
_ONE = {"output_padding": CONV_TRANSPOSE2D.variants["output_padding"]}
NN = replace(
    CONV_TRANSPOSE2D,
    name="layers.conv_transpose2d.nn",
    mindspore=f"{_FOLDER}.ms:NNConvTranspose2d",
    variants=_ONE,
    checks=("forward_eval",),  # known to differ
)
MINT = replace(
    CONV_TRANSPOSE2D,
    name="layers.conv_transpose2d.mint",
    mindspore="mindspore.mint.nn:ConvTranspose2d",
    variants=_ONE,
)
