"""MobileNetV2 in MindSpore; attribute names and order follow ``torchvision.models.mobilenetv2``."""

from collections.abc import Sequence

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, Normal

from models.layers.activation.ms import ReLU6
from models.layers.convolution.ms import Conv2d
from models.layers.dropout.ms import Dropout
from models.layers.normalization.ms import BatchNorm2d
from models.networks.torchvision_blocks.ms import (
    Conv2dNormActivation,
    initialise,
    make_divisible,
)

#: Expansion, channels, blocks, stride of each stage, as published.
SETTING = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class InvertedResidual(nn.Cell):
    """A 1x1 convolution that widens, a depthwise 3x3, a linear 1x1; a shortcut where it fits."""

    def __init__(self, inp: int, oup: int, stride: int, expand_ratio: int):
        super().__init__()
        hidden_dim = round(inp * expand_ratio)
        self.use_res_connect = stride == 1 and inp == oup
        layers: list[nn.Cell] = []
        if expand_ratio != 1:
            layers.append(
                Conv2dNormActivation(inp, hidden_dim, kernel_size=1, activation_layer=ReLU6)
            )
        layers += [
            Conv2dNormActivation(
                hidden_dim, hidden_dim, stride=stride, groups=hidden_dim, activation_layer=ReLU6
            ),
            Conv2d(hidden_dim, oup, 1, 1, 0, bias=False),
            BatchNorm2d(oup),
        ]
        self.conv = nn.SequentialCell(*layers)

    def construct(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes)."""

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: Sequence[Sequence[int]] = SETTING,
        round_nearest: int = 8,
        dropout: float = 0.2,
    ):
        super().__init__()
        input_channel = make_divisible(32 * width_mult, round_nearest)
        last_channel = make_divisible(1280 * max(1.0, width_mult), round_nearest)
        features: list[nn.Cell] = [
            Conv2dNormActivation(3, input_channel, stride=2, activation_layer=ReLU6)
        ]
        for expand_ratio, channels, blocks, first_stride in inverted_residual_setting:
            output_channel = make_divisible(channels * width_mult, round_nearest)
            for i in range(blocks):
                stride = first_stride if i == 0 else 1
                features.append(
                    InvertedResidual(input_channel, output_channel, stride, expand_ratio)
                )
                input_channel = output_channel
        features.append(
            Conv2dNormActivation(input_channel, last_channel, kernel_size=1, activation_layer=ReLU6)
        )
        self.features = nn.SequentialCell(*features)
        self.classifier = nn.SequentialCell(Dropout(p=dropout), nn.Dense(last_channel, num_classes))
        initialise(self, {nn.Conv2d: HeNormal(mode="fan_out"), nn.Dense: Normal(0.01)})

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = ops.adaptive_avg_pool2d(x, (1, 1))
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)
