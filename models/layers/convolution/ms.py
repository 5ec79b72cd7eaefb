"""torch's convolutions in MindSpore.

nn pads by itself (pad_mode="same") and has no bias unless told otherwise: pad_mode must be "pad"
and has_bias given. It counts padding as (top, bottom, left, right), and has no padding_mode.
"""

from functools import partial

from mindspore import Tensor, nn, ops

from models.layers.padding import ms as pads

Sizes = int | tuple[int, ...]

#: For each mode the padding layers of one, two and three dimensions.
PADDING_LAYERS = {
    "reflect": (pads.ReflectionPad1d, pads.ReflectionPad2d, pads.ReflectionPad3d),
    "replicate": (pads.ReplicationPad1d, pads.ReplicationPad2d, pads.ReplicationPad3d),
    "circular": (pads.CircularPad1d, pads.CircularPad2d, pads.CircularPad3d),
}


def convolution(
    dimensions: int,
    in_channels: int,
    out_channels: int,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: str | Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> nn.Cell:
    """A convolution with torch's arguments and torch's meaning of them.

    The weight of nn.Conv1d is (out, in, 1, k) where torch's is (out, in, k).
    """
    settings = {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": sizes(kernel_size, dimensions),
        "stride": sizes(stride, dimensions),
        "dilation": sizes(dilation, dimensions),
        "group": groups,
        "has_bias": bias,
    }
    if padding_mode != "zeros":
        amounts = _amounts(padding, kernel_size, dilation, dimensions)
        pad = PADDING_LAYERS[padding_mode][dimensions - 1](amounts)
        return (PaddedConv1d, PaddedConv2d, PaddedConv3d)[dimensions - 1](pad, **settings)
    layer = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dimensions - 1]
    if isinstance(padding, str):  # "valid" or "same"; torch refuses "same" with a stride
        return layer(pad_mode=padding, **settings)
    if dimensions == 1:
        return layer(pad_mode="pad", padding=sizes(padding, 1), **settings)
    amounts = _amounts(padding, kernel_size, dilation, dimensions, reverse=False)
    return layer(pad_mode="pad", padding=amounts, **settings)


Conv1d = partial(convolution, 1)
Conv2d = partial(convolution, 2)
Conv3d = partial(convolution, 3)


def sizes(value: Sizes, dimensions: int) -> Sizes:
    """One number a dimension; nn.Conv1d takes a number only, where torch takes (3,), too."""
    each = (value,) * dimensions if isinstance(value, int) else tuple(value)
    return each[0] if dimensions == 1 else each


def _amounts(
    padding: str | Sizes,
    kernel_size: Sizes,
    dilation: Sizes,
    dimensions: int,
    reverse: bool = True,
) -> tuple[int, ...]:
    """(before, after) for each dimension, from the last on, as padding layers count."""
    pairs = []
    for axis in range(dimensions):
        if padding == "same":  # the odd one comes last
            whole = _at(axis, dilation) * (_at(axis, kernel_size) - 1)
            pairs.append((whole // 2, whole - whole // 2))
        else:
            each = 0 if padding == "valid" else _at(axis, padding)
            pairs.append((each, each))
    return tuple(amount for pair in (reversed(pairs) if reverse else pairs) for amount in pair)


def _at(axis: int, value: str | Sizes) -> int:
    return value if isinstance(value, int) else int(value[axis])


class PaddedConv1d(nn.Conv1d):
    """nn.Conv1d behind a padding layer."""

    def __init__(self, pad: nn.Cell, **settings: object):
        super().__init__(pad_mode="valid", **settings)
        self.pad = pad

    def construct(self, x: Tensor) -> Tensor:
        return super().construct(self.pad(x))


class PaddedConv2d(nn.Conv2d):
    """nn.Conv2d behind a padding layer."""

    def __init__(self, pad: nn.Cell, **settings: object):
        super().__init__(pad_mode="valid", **settings)
        self.pad = pad

    def construct(self, x: Tensor) -> Tensor:
        return super().construct(self.pad(x))


class PaddedConv3d(nn.Conv3d):
    """nn.Conv3d behind a padding layer."""

    def __init__(self, pad: nn.Cell, **settings: object):
        super().__init__(pad_mode="valid", **settings)
        self.pad = pad

    def construct(self, x: Tensor) -> Tensor:
        return super().construct(self.pad(x))


class OpsConv2d(nn.Conv2d):
    """ops.conv2d for torch.nn.functional.conv2d; padding is (top, bottom, left, right), too."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, padding: int):
        super().__init__(in_channels, out_channels, kernel_size, has_bias=True)
        self.amount = padding

    def construct(self, x: Tensor) -> Tensor:
        return ops.conv2d(x, self.weight, self.bias, pad_mode="pad", padding=self.amount)
