"""torch.nn.Conv2d in MindSpore: pad_mode must be "pad", has_bias defaults to False there."""

from mindspore import nn


def Conv2d(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Conv2d:
    """A Conv2d with torch's arguments and torch's meaning of them."""
    if isinstance(padding, tuple):
        height, width = padding
        padding = (height, height, width, width)
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        pad_mode="pad",
        padding=padding,
        dilation=dilation,
        group=groups,
        has_bias=bias,
    )
