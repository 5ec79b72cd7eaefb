"""Convolutions: every argument, even and odd sizes, every way to pad."""

from dataclasses import replace

from harness import Input, Pair, Variant


def _conv(
    shape: tuple[int, ...],
    in_channels: int,
    out_channels: int,
    kernel_size: object,
    **kwargs: object,
) -> Variant:
    channels = {"in_channels": in_channels, "out_channels": out_channels}
    return Variant({**channels, "kernel_size": kernel_size, **kwargs}, [Input(shape)])


CONV1D = Pair(
    name="layers.conv1d",
    torch="models.layers.convolution.pt:Conv1d",
    mindspore="models.layers.convolution.ms:Conv1d",
    has_state=False,
    variants={
        "k3": _conv((2, 4, 9), 4, 6, 3, padding=1),
        "k1_no_bias": _conv((2, 4, 9), 4, 6, 1, bias=False),
        "stride2_even": _conv((2, 4, 10), 4, 6, 3, stride=2, padding=1),
        "groups": _conv((2, 8, 9), 8, 12, 3, padding=1, groups=4),
        "causal": _conv((2, 4, 12), 4, 4, 2, padding=4, dilation=4),
        "tuples": _conv((2, 4, 9), 4, 6, (5,), stride=(2,), padding=(2,)),
        "same_k4": _conv((2, 4, 9), 4, 6, 4, padding="same"),
        "reflect": _conv((2, 4, 9), 4, 6, 3, padding=1, padding_mode="reflect"),
        "batch1": _conv((1, 4, 9), 4, 6, 3, padding="valid"),
    },
)
CONV2D = Pair(
    name="layers.conv2d",
    torch="models.layers.convolution.pt:Conv2d",
    mindspore="models.layers.convolution.ms:Conv2d",
    has_state=False,
    variants={
        "k1": _conv((2, 8, 7, 9), 8, 6, 1, bias=False),
        "k3": _conv((2, 8, 7, 9), 8, 6, 3, padding=1, bias=False),
        "k3_bias_valid": _conv((2, 3, 8, 8), 3, 5, 3),
        "stride2_even": _conv((2, 4, 8, 8), 4, 8, 3, stride=2, padding=1),
        "stride2_odd": _conv((2, 4, 9, 7), 4, 8, 3, stride=2, padding=1),
        "stem_k7": _conv((1, 3, 17, 22), 3, 8, 7, stride=2, padding=3),
        "groups": _conv((2, 8, 6, 5), 8, 12, 3, padding=1, groups=4),
        "depthwise": _conv((2, 8, 6, 5), 8, 8, 3, padding=1, groups=8),
        "dilation2": _conv((2, 4, 9, 11), 4, 4, 3, padding=2, dilation=2),
        "asymmetric": _conv((2, 4, 9, 11), 4, 4, (3, 5), stride=(2, 1), padding=(0, 2)),
        "batch1": _conv((1, 4, 5, 5), 4, 4, 3, padding=1),
        "same": _conv((2, 4, 9, 8), 4, 4, (4, 3), padding="same", dilation=(1, 2)),
        "valid": _conv((2, 4, 9, 8), 4, 4, 3, padding="valid", stride=2),
        "reflect": _conv((2, 4, 9, 8), 4, 6, 3, padding=(1, 2), padding_mode="reflect"),
        "replicate": _conv((2, 4, 9, 8), 4, 6, 3, padding=(1, 2), padding_mode="replicate"),
        "circular": _conv((2, 4, 9, 8), 4, 6, 3, padding=(1, 2), padding_mode="circular"),
        "same_reflect": _conv(
            (2, 4, 9, 8), 4, 6, (4, 3), padding="same", padding_mode="reflect", groups=2
        ),
    },
)
CONV3D = Pair(
    name="layers.conv3d",
    torch="models.layers.convolution.pt:Conv3d",
    mindspore="models.layers.convolution.ms:Conv3d",
    has_state=False,
    variants={
        "k3": _conv((2, 3, 5, 6, 4), 3, 4, 3, padding=1),
        "stride2_no_bias": _conv((2, 3, 6, 6, 8), 3, 4, 3, stride=2, padding=1, bias=False),
        "groups": _conv((2, 4, 5, 4, 6), 4, 6, 3, padding=1, groups=2),
        "dilation2": _conv((2, 2, 6, 7, 8), 2, 4, 3, padding=2, dilation=2),
        "asymmetric": _conv((2, 3, 5, 6, 7), 3, 4, (1, 3, 5), stride=(1, 2, 1), padding=(0, 1, 2)),
        "same": _conv((1, 3, 5, 4, 6), 3, 4, (3, 2, 4), padding="same"),
        "reflect": _conv((2, 2, 5, 4, 6), 2, 4, 3, padding=1, padding_mode="reflect"),
        "circular": _conv((2, 2, 5, 4, 6), 2, 4, 3, padding=1, padding_mode="circular"),
    },
)


def _mint(pair: Pair, *variants: str) -> Pair:
    return replace(
        pair,
        name=f"{pair.name}.mint",
        mindspore=f"mindspore.mint.nn:{pair.torch.rpartition(':')[2]}",
        variants={name: pair.variants[name] for name in variants},
    )


MINT = (
    _mint(CONV1D, "k3", "same_k4"),
    _mint(CONV2D, "k3", "same", "replicate"),
    _mint(CONV3D, "k3"),
)
OPS = replace(
    CONV2D,
    name="layers.conv2d.ops",
    mindspore="models.layers.convolution.ms:OpsConv2d",
    variants={"k3": _conv((2, 3, 8, 8), 3, 5, 3, padding=1)},
)
