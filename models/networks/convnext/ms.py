"""ConvNeXt in MindSpore; attribute names and order follow ``torchvision.models.convnext``."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from mindspore import Parameter, Tensor, nn
from mindspore.common.initializer import TruncatedNormal

from models.layers.activation.ms import GELU
from models.layers.convolution.ms import Conv2d
from models.layers.normalization.ms import LayerNorm
from models.networks.torchvision_blocks.ms import (
    Conv2dNormActivation,
    StochasticDepth,
    initialise,
)

#: The rows of torchvision's convnext_tiny: channels, channels of the next stage, blocks.
TINY = ((96, 192, 3), (192, 384, 3), (384, 768, 9), (768, None, 3))


class LayerNorm2d(nn.LayerNorm):
    """A LayerNorm over the channels of (N, C, H, W)."""

    def __init__(self, channels: int, eps: float = 1e-6):
        super().__init__((channels,), epsilon=eps)

    def construct(self, x: Tensor) -> Tensor:
        return super().construct(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Permute(nn.Cell):
    """The axes in another order."""

    def __init__(self, dims: Sequence[int]):
        super().__init__()
        self.dims = tuple(dims)

    def construct(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


class CNBlock(nn.Cell):
    """A depthwise 7x7 convolution and a perceptron over the channels, scaled, and a shortcut."""

    def __init__(self, dim: int, layer_scale: float, stochastic_depth_prob: float):
        super().__init__()
        self.block = nn.SequentialCell(
            Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim),
            Permute([0, 2, 3, 1]),
            LayerNorm(dim, eps=1e-6),
            nn.Dense(dim, 4 * dim),
            GELU(),
            nn.Dense(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        scale = np.full((dim, 1, 1), layer_scale, "float32")
        self.layer_scale = Parameter(Tensor(scale), name="layer_scale")
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def construct(self, input: Tensor) -> Tensor:
        result = self.layer_scale * self.block(input)
        return self.stochastic_depth(result) + input


class ConvNeXt(nn.Cell):
    """Images (N, 3, H, W), 32 pixels at least, to logits (N, num_classes).

    block_setting: channels, channels of the next stage (None for the last), blocks of each stage.
    stochastic_depth_prob: of the last block; it grows from 0 along the network.
    """

    def __init__(
        self,
        block_setting: Sequence[Sequence[int | None]],
        stochastic_depth_prob: float = 0.0,
        layer_scale: float = 1e-6,
        num_classes: int = 1000,
    ):
        super().__init__()
        stem = partial(Conv2dNormActivation, norm_layer=LayerNorm2d, activation_layer=None)
        layers = [stem(3, block_setting[0][0], kernel_size=4, stride=4, padding=0, bias=True)]
        total_stage_blocks = sum(num_layers for _, _, num_layers in block_setting)
        stage_block_id = 0
        for channels, next_channels, num_layers in block_setting:
            stage = []
            for _ in range(num_layers):
                sd_prob = stochastic_depth_prob * stage_block_id / (total_stage_blocks - 1)
                stage.append(CNBlock(channels, layer_scale, sd_prob))
                stage_block_id += 1
            layers.append(nn.SequentialCell(*stage))
            if next_channels is not None:
                downsampling = Conv2d(channels, next_channels, kernel_size=2, stride=2)
                layers.append(nn.SequentialCell(LayerNorm2d(channels), downsampling))
                channels = next_channels
        self.features = nn.SequentialCell(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.SequentialCell(
            LayerNorm2d(channels), nn.Flatten(1), nn.Dense(channels, num_classes)
        )
        normal = TruncatedNormal(0.02)
        initialise(self, {nn.Conv2d: normal, nn.Dense: normal})

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        return self.classifier(x)


def convnext_tiny(
    stages: Sequence[Sequence[int | None]] = TINY,
    stochastic_depth_prob: float = 0.1,
    **kwargs: Any,
) -> ConvNeXt:
    """The published network, or one of other stages."""
    return ConvNeXt(stages, stochastic_depth_prob, **kwargs)
