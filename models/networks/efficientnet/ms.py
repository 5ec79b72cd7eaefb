"""EfficientNet in MindSpore; names and order follow ``torchvision.models.efficientnet``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, Uniform

from models.layers.activation.ms import SiLU
from models.layers.dropout.ms import Dropout
from models.networks.torchvision_blocks.ms import (
    Conv2dNormActivation,
    SqueezeExcitation,
    StochasticDepth,
    initialise,
    make_divisible,
)

#: The rows of torchvision's efficientnet_b0, in the order of MBConvConfig's fields.
B0 = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)


@dataclass(frozen=True)
class MBConvConfig:
    """One stage of blocks; the first of them has the stride."""

    expand_ratio: float
    kernel: int
    stride: int
    input_channels: int
    out_channels: int
    num_layers: int


class MBConv(nn.Cell):
    """Expansion, depthwise convolution, squeeze and excitation, projection; maybe a shortcut."""

    def __init__(self, cnf: MBConvConfig, stochastic_depth_prob: float):
        super().__init__()
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        expanded_channels = make_divisible(cnf.input_channels * cnf.expand_ratio)
        layers: list[nn.Cell] = []
        if expanded_channels != cnf.input_channels:
            layers.append(
                Conv2dNormActivation(
                    cnf.input_channels, expanded_channels, kernel_size=1, activation_layer=SiLU
                )
            )
        layers += [
            Conv2dNormActivation(
                expanded_channels,
                expanded_channels,
                kernel_size=cnf.kernel,
                stride=cnf.stride,
                groups=expanded_channels,
                activation_layer=SiLU,
            ),
            SqueezeExcitation(expanded_channels, max(1, cnf.input_channels // 4), activation=SiLU),
            Conv2dNormActivation(
                expanded_channels, cnf.out_channels, kernel_size=1, activation_layer=None
            ),
        ]
        self.block = nn.SequentialCell(*layers)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def construct(self, input: Tensor) -> Tensor:
        result = self.block(input)
        return self.stochastic_depth(result) + input if self.use_res_connect else result


class EfficientNet(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes).

    stochastic_depth_prob: of the last block; it grows from 0 along the network.
    """

    def __init__(
        self,
        inverted_residual_setting: Sequence[MBConvConfig],
        dropout: float,
        stochastic_depth_prob: float = 0.2,
        num_classes: int = 1000,
    ):
        super().__init__()
        first = inverted_residual_setting[0].input_channels
        last = inverted_residual_setting[-1].out_channels
        layers = [Conv2dNormActivation(3, first, kernel_size=3, stride=2, activation_layer=SiLU)]
        total_stage_blocks = sum(cnf.num_layers for cnf in inverted_residual_setting)
        stage_block_id = 0
        for cnf in inverted_residual_setting:
            stage = []
            for _ in range(cnf.num_layers):
                sd_prob = stochastic_depth_prob * stage_block_id / total_stage_blocks
                stage.append(MBConv(cnf, sd_prob))
                cnf = replace(cnf, input_channels=cnf.out_channels, stride=1)
                stage_block_id += 1
            layers.append(nn.SequentialCell(*stage))
        layers.append(Conv2dNormActivation(last, 4 * last, kernel_size=1, activation_layer=SiLU))
        self.features = nn.SequentialCell(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.SequentialCell(Dropout(p=dropout), nn.Dense(4 * last, num_classes))
        uniform = Uniform(num_classes**-0.5)
        initialise(self, {nn.Conv2d: HeNormal(mode="fan_out"), nn.Dense: uniform})

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)


def efficientnet_b0(
    stages: Sequence[Sequence[int]] = B0, dropout: float = 0.2, **kwargs: Any
) -> EfficientNet:
    """The published network, or one of other stages."""
    return EfficientNet([MBConvConfig(*row) for row in stages], dropout, **kwargs)
