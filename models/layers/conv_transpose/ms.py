"""torch's transposed convolutions in MindSpore.

nn pads by itself (pad_mode="same") and has no bias unless told otherwise. nn.Conv1dTranspose knows
no output_padding, and nn.Conv2dTranspose appends zeros for it where torch goes on computing: here
the primitive is asked for the larger output, which it computes as torch does. nn.Conv3dTranspose
has the right output_padding but no dilation.
"""

from mindspore import Tensor, nn, ops

Sizes = int | tuple[int, ...]


def _each(value: Sizes, dimensions: int) -> tuple[int, ...]:
    return (value,) * dimensions if isinstance(value, int) else tuple(value)


def _twice(value: Sizes, dimensions: int) -> tuple[int, ...]:
    """(before, after) for each dimension, from the first on, as nn counts padding."""
    return tuple(amount for amount in _each(value, dimensions) for _ in range(2))


def _size(
    size: int, kernel_size: int, stride: int, padding: int, output_padding: int, dilation: int
) -> int:
    """How long an output torch makes of an input of ``size``."""
    return (size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1


class ConvTranspose1d(nn.Conv1dTranspose):
    """With torch's arguments; its weight is (in, out, 1, k) where torch's is (in, out, k)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
    ):
        super().__init__(
            in_channels,
            out_channels,
            *_each(kernel_size, 1),
            *_each(stride, 1),
            pad_mode="pad",
            padding=_each(padding, 1)[0],
            dilation=_each(dilation, 1)[0],
            group=groups,
            has_bias=bias,
        )
        self.output_padding = _each(output_padding, 1)

    def construct(self, x: Tensor) -> Tensor:
        n, _, w = x.shape
        width = _size(
            w,
            self.kernel_size[1],
            self.stride[1],
            self.padding[2],
            self.output_padding[0],
            self.dilation[1],
        )
        shape = (n, self.out_channels, 1, width)
        output = self.conv2d_transpose(ops.expand_dims(x, 2), self.weight, shape)
        if self.has_bias:
            output = self.bias_add(output, self.bias)
        return output.squeeze(2)


class ConvTranspose2d(nn.Conv2dTranspose):
    """With torch's arguments and torch's meaning of them."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
    ):
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            pad_mode="pad",
            padding=_twice(padding, 2),
            output_padding=_each(output_padding, 2),
            dilation=dilation,
            group=groups,
            has_bias=bias,
        )

    def construct(self, x: Tensor) -> Tensor:
        n, _, h, w = x.shape
        height = _size(
            h,
            self.kernel_size[0],
            self.stride[0],
            self.padding[0],
            self.output_padding[0],
            self.dilation[0],
        )
        width = _size(
            w,
            self.kernel_size[1],
            self.stride[1],
            self.padding[2],
            self.output_padding[1],
            self.dilation[1],
        )
        output = self.conv2d_transpose(x, self.weight, (n, self.out_channels, height, width))
        if self.has_bias:
            output = self.bias_add(output, self.bias)
        return output


def ConvTranspose3d(
    in_channels: int,
    out_channels: int,
    kernel_size: Sizes,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    bias: bool = True,
    dilation: Sizes = 1,
) -> nn.Conv3dTranspose:
    """With torch's arguments and torch's meaning of them; a dilation other than 1 raises."""
    return nn.Conv3dTranspose(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        pad_mode="pad",
        padding=_twice(padding, 3),
        output_padding=output_padding,
        dilation=dilation,
        group=groups,
        has_bias=bias,
    )


def NNConvTranspose2d(
    in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int,
    output_padding: int,
) -> nn.Conv2dTranspose:  # fmt: skip
    """The stock layer: its last row and column are zeros."""
    return nn.Conv2dTranspose(
        in_channels,
        out_channels,
        kernel_size,
        stride,
        pad_mode="pad",
        padding=padding,
        output_padding=output_padding,
        has_bias=True,
    )
