"""MobileNetV3 in MindSpore; names and order follow ``torchvision.models.mobilenetv3``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, Normal

from models.layers.activation.ms import Hardsigmoid, Hardswish, ReLU
from models.layers.dropout.ms import Dropout
from models.layers.normalization.ms import BatchNorm2d
from models.networks.torchvision_blocks.ms import (
    Conv2dNormActivation,
    SqueezeExcitation,
    initialise,
    make_divisible,
)

#: The rows of torchvision's mobilenet_v3_large, in the order of InvertedResidualConfig's fields.
LARGE = (
    (16, 3, 16, 16, False, "RE", 1, 1),
    (16, 3, 64, 24, False, "RE", 2, 1),
    (24, 3, 72, 24, False, "RE", 1, 1),
    (24, 5, 72, 40, True, "RE", 2, 1),
    (40, 5, 120, 40, True, "RE", 1, 1),
    (40, 5, 120, 40, True, "RE", 1, 1),
    (40, 3, 240, 80, False, "HS", 2, 1),
    (80, 3, 200, 80, False, "HS", 1, 1),
    (80, 3, 184, 80, False, "HS", 1, 1),
    (80, 3, 184, 80, False, "HS", 1, 1),
    (80, 3, 480, 112, True, "HS", 1, 1),
    (112, 3, 672, 112, True, "HS", 1, 1),
    (112, 5, 672, 160, True, "HS", 2, 1),
    (160, 5, 960, 160, True, "HS", 1, 1),
    (160, 5, 960, 160, True, "HS", 1, 1),
)

_norm_layer = partial(BatchNorm2d, eps=0.001, momentum=0.01)
_ConvNormActivation = partial(Conv2dNormActivation, norm_layer=_norm_layer)


@dataclass(frozen=True)
class InvertedResidualConfig:
    """One block; activation is "HS" (Hardswish) or "RE" (ReLU)."""

    input_channels: int
    kernel: int
    expanded_channels: int
    out_channels: int
    use_se: bool
    activation: str
    stride: int
    dilation: int


class InvertedResidual(nn.Cell):
    """Expansion, depthwise convolution, squeeze and excitation, projection; maybe a shortcut."""

    def __init__(self, cnf: InvertedResidualConfig):
        super().__init__()
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        activation_layer = Hardswish if cnf.activation == "HS" else ReLU
        expanded = cnf.expanded_channels
        layers: list[nn.Cell] = []
        if expanded != cnf.input_channels:
            layers.append(
                _ConvNormActivation(
                    cnf.input_channels, expanded, kernel_size=1, activation_layer=activation_layer
                )
            )
        layers.append(
            _ConvNormActivation(
                expanded,
                expanded,
                kernel_size=cnf.kernel,
                stride=1 if cnf.dilation > 1 else cnf.stride,
                dilation=cnf.dilation,
                groups=expanded,
                activation_layer=activation_layer,
            )
        )
        if cnf.use_se:
            squeeze_channels = make_divisible(expanded // 4)
            layers.append(
                SqueezeExcitation(expanded, squeeze_channels, scale_activation=Hardsigmoid)
            )
        layers.append(
            _ConvNormActivation(expanded, cnf.out_channels, kernel_size=1, activation_layer=None)
        )
        self.block = nn.SequentialCell(*layers)

    def construct(self, input: Tensor) -> Tensor:
        result = self.block(input)
        return result + input if self.use_res_connect else result


class MobileNetV3(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes)."""

    def __init__(
        self,
        inverted_residual_setting: Sequence[InvertedResidualConfig],
        last_channel: int,
        num_classes: int = 1000,
        dropout: float = 0.2,
    ):
        super().__init__()
        first = inverted_residual_setting[0].input_channels
        last = inverted_residual_setting[-1].out_channels
        self.features = nn.SequentialCell(
            _ConvNormActivation(3, first, kernel_size=3, stride=2, activation_layer=Hardswish),
            *(InvertedResidual(cnf) for cnf in inverted_residual_setting),
            _ConvNormActivation(last, 6 * last, kernel_size=1, activation_layer=Hardswish),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.SequentialCell(
            nn.Dense(6 * last, last_channel),
            Hardswish(),
            Dropout(p=dropout),
            nn.Dense(last_channel, num_classes),
        )
        initialise(self, {nn.Conv2d: HeNormal(mode="fan_out"), nn.Dense: Normal(0.01)})

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)


def mobilenet_v3_large(
    blocks: Sequence[Sequence[Any]] = LARGE, last_channel: int = 1280, **kwargs: Any
) -> MobileNetV3:
    """The published network, or one of other blocks."""
    return MobileNetV3([InvertedResidualConfig(*row) for row in blocks], last_channel, **kwargs)
