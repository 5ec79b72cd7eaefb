"""torch's reshaping layers in MindSpore.

nn.Unfold is another layer, which CPU has no kernel for; there is no nn.Fold.
"""

from mindspore import Tensor, int32, nn, ops

Sizes = int | tuple[int, int]

Flatten = nn.Flatten
Identity = nn.Identity


def Unflatten(dim: int, unflattened_size: tuple[int, ...]) -> nn.Unflatten:
    """An Unflatten with torch's arguments."""
    return nn.Unflatten(dim, unflattened_size)


class Unfold(nn.Cell):
    """By ops.unfold, with torch's arguments."""

    def __init__(
        self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ):
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def construct(self, x: Tensor) -> Tensor:
        return ops.unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(nn.Cell):
    """By ops.fold, which takes the output size as a tensor."""

    def __init__(
        self,
        output_size: Sizes,
        kernel_size: Sizes,
        dilation: Sizes = 1,
        padding: Sizes = 0,
        stride: Sizes = 1,
    ):
        super().__init__()
        self.output_size = (output_size,) * 2 if isinstance(output_size, int) else output_size
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def construct(self, x: Tensor) -> Tensor:
        size = Tensor(self.output_size, int32)
        return ops.fold(x, size, self.kernel_size, self.dilation, self.padding, self.stride)
