"""What several of torchvision's networks are made of, in MindSpore.

Attribute names and their order follow ``torchvision.ops.misc``; layers take torch's arguments.
"""

from collections.abc import Callable, Mapping

import mindspore as ms
from mindspore import Parameter, Tensor, nn, ops
from mindspore.common.initializer import Initializer, Zero, initializer

from models.layers.activation.ms import ReLU, Sigmoid
from models.layers.convolution.ms import Conv2d, Sizes
from models.layers.normalization.ms import BatchNorm2d

Layer = Callable[..., nn.Cell]


def make_divisible(value: float, divisor: int = 8) -> int:
    """The nearest multiple of ``divisor``, not more than a tenth below ``value``."""
    nearest = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * value else nearest


class Conv2dNormActivation(nn.SequentialCell):
    """A convolution that keeps the size at stride 1, a normalization, an activation."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        padding: Sizes | None = None,
        groups: int = 1,
        norm_layer: Layer = BatchNorm2d,
        activation_layer: Layer | None = ReLU,
        dilation: int = 1,
        bias: bool = False,
    ):
        if padding is None:
            padding = (kernel_size - 1) // 2 * dilation
        layers = [
            Conv2d(
                in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
            ),
            norm_layer(out_channels),
        ]  # fmt: skip
        if activation_layer is not None:
            layers.append(activation_layer())
        super().__init__(*layers)


class BasicConv2d(nn.Cell):
    """The convolution, normalization and ReLU of GoogLeNet and Inception."""

    def __init__(self, in_channels: int, out_channels: int, **settings: Sizes):
        super().__init__()
        self.conv = Conv2d(in_channels, out_channels, bias=False, **settings)
        self.bn = BatchNorm2d(out_channels, eps=0.001)

    def construct(self, x: Tensor) -> Tensor:
        return ops.relu(self.bn(self.conv(x)))


class SqueezeExcitation(nn.Cell):
    """Scales each channel by what two 1x1 convolutions make of all channels' means."""

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: Layer = ReLU,
        scale_activation: Layer = Sigmoid,
    ):
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = Conv2d(input_channels, squeeze_channels, 1)
        self.fc2 = Conv2d(squeeze_channels, input_channels, 1)
        self.activation = activation()
        self.scale_activation = scale_activation()

    def construct(self, input: Tensor) -> Tensor:
        scale = self.activation(self.fc1(self.avgpool(input)))
        return self.scale_activation(self.fc2(scale)) * input


class StochasticDepth(nn.Cell):
    """Zeroes whole samples ("row") or the whole batch ("batch") with probability p in training."""

    def __init__(self, p: float, mode: str):
        super().__init__()
        self.p = p
        self.mode = mode

    def construct(self, input: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return input
        rows = input.shape[0] if self.mode == "row" else 1
        kept = ops.rand((rows,) + (1,) * (input.ndim - 1)) >= self.p
        return input * kept.astype(ms.float32) / (1 - self.p)


def initialise(
    network: nn.Cell, weights: Mapping[type[nn.Cell], Initializer], zero_bias: bool = True
) -> None:
    """Draw the weights of each type of layers anew, and zero the biases of those layers."""
    for _, cell in network.cells_and_names():
        if type(cell) in weights:
            fill(cell.weight, weights[type(cell)])
            if zero_bias and cell.bias is not None:
                fill(cell.bias, Zero())


def fill(parameter: Parameter, values: Initializer) -> None:
    """Overwrite a parameter by what an initializer draws."""
    parameter.set_data(initializer(values, parameter.shape, parameter.dtype))
