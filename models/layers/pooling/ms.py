"""torch's pooling layers in MindSpore.

nn's stride is 1 by default, torch's the kernel's size; padding and ceil_mode need pad_mode="pad",
which pads maxima with minus infinity and counts padding for means, as torch does.
"""

from collections.abc import Callable
from functools import partial

from mindspore import Tensor, int64, nn, ops

Sizes = int | tuple[int, ...]


def max_pool(
    layer: Callable[..., nn.Cell],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    return_indices: bool = False,
    ceil_mode: bool = False,
) -> nn.Cell:
    """A MaxPool of nn with torch's arguments and torch's meaning of them."""
    return layer(
        kernel_size,
        stride=kernel_size if stride is None else stride,
        pad_mode="pad",
        padding=padding,
        dilation=dilation,
        return_indices=return_indices,
        ceil_mode=ceil_mode,
    )


MaxPool1d = partial(max_pool, nn.MaxPool1d)
MaxPool2d = partial(max_pool, nn.MaxPool2d)
MaxPool3d = partial(max_pool, nn.MaxPool3d)


def avg_pool(
    layer: Callable[..., nn.Cell],
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> nn.Cell:
    """An AvgPool of nn with torch's arguments and torch's meaning of them."""
    divisor = {} if divisor_override is None else {"divisor_override": divisor_override}
    return layer(
        kernel_size,
        stride=kernel_size if stride is None else stride,
        pad_mode="pad",
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
        **divisor,
    )


AvgPool1d = partial(avg_pool, nn.AvgPool1d)
AvgPool2d = partial(avg_pool, nn.AvgPool2d)
AvgPool3d = partial(avg_pool, nn.AvgPool3d)

AdaptiveAvgPool2d = nn.AdaptiveAvgPool2d
AdaptiveAvgPool3d = nn.AdaptiveAvgPool3d
AdaptiveMaxPool2d = nn.AdaptiveMaxPool2d
LPPool1d = nn.LPPool1d
LPPool2d = nn.LPPool2d
MaxUnpool1d = nn.MaxUnpool1d
MaxUnpool2d = nn.MaxUnpool2d
MaxUnpool3d = nn.MaxUnpool3d


class AdaptiveAvgPool1d(nn.Cell):
    """By the 2-D layer: nn.AdaptiveAvgPool1d takes only multiples of its output size."""

    def __init__(self, output_size: int):
        super().__init__()
        self.output_size = output_size
        self.pool = nn.AdaptiveAvgPool2d((1, output_size))

    def construct(self, x: Tensor) -> Tensor:
        return self.pool(ops.expand_dims(x, 2)).squeeze(2)


class AdaptiveMaxPool1d(nn.Cell):
    """By the 2-D layer: nn.AdaptiveMaxPool1d takes only multiples of its output size, and has no
    return_indices."""

    def __init__(self, output_size: int, return_indices: bool = False):
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices
        self.pool = nn.AdaptiveMaxPool2d((1, output_size), return_indices)

    def construct(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        if self.return_indices:
            output, indices = self.pool(ops.expand_dims(x, 2))
            return output.squeeze(2), indices.squeeze(2)
        return self.pool(ops.expand_dims(x, 2)).squeeze(2)


class AdaptiveMaxPool3d(nn.AdaptiveMaxPool3d):
    """nn's indices are int32, torch's int64."""

    def construct(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        if self.return_indices:
            output, indices = super().construct(x)
            return output, indices.astype(int64)
        return super().construct(x)


class ReduceMean(nn.Cell):
    """The mean over height and width with kept dimensions: adaptive pooling to 1 x 1."""

    def __init__(self, output_size: int = 1):
        super().__init__()
        if output_size != 1:
            raise ValueError(f"ReduceMean pools to 1 x 1 only, not {output_size}")
        self.mean = ops.ReduceMean(keep_dims=True)

    def construct(self, x: Tensor) -> Tensor:
        return self.mean(x, (2, 3))


class OpsMaxPool2d(nn.Cell):
    """ops.max_pool2d, in torch's words."""

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0):
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def construct(self, x: Tensor) -> Tensor:
        return ops.max_pool2d(x, self.kernel_size, self.stride, self.padding)


class OpsAvgPool2d(nn.Cell):
    """ops.avg_pool2d, whose stride is 1 by default."""

    def __init__(self, kernel_size: int, stride: int, padding: int):
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def construct(self, x: Tensor) -> Tensor:
        return ops.avg_pool2d(x, self.kernel_size, self.stride, self.padding)


class OpsAdaptiveAvgPool2d(nn.Cell):
    """ops.adaptive_avg_pool2d, in torch's words."""

    def __init__(self, output_size: Sizes):
        super().__init__()
        self.output_size = output_size

    def construct(self, x: Tensor) -> Tensor:
        return ops.adaptive_avg_pool2d(x, self.output_size)
