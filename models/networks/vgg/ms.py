"""VGG in MindSpore; attribute names and order follow ``torchvision.models.vgg``."""

from collections.abc import Sequence
from typing import Any

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, Normal

from models.layers.activation.ms import ReLU
from models.layers.convolution.ms import Conv2d
from models.layers.dropout.ms import Dropout
from models.layers.normalization.ms import BatchNorm2d
from models.layers.pooling.ms import MaxPool2d
from models.networks.torchvision_blocks.ms import initialise

Layers = Sequence[int | str]

VGG16: Layers = (
    64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"
)  # fmt: skip


class VGG(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes)."""

    def __init__(self, features: nn.Cell, num_classes: int = 1000, dropout: float = 0.5):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.SequentialCell(
            nn.Dense(512 * 7 * 7, 4096),
            ReLU(),
            Dropout(p=dropout),
            nn.Dense(4096, 4096),
            ReLU(),
            Dropout(p=dropout),
            nn.Dense(4096, num_classes),
        )
        he = HeNormal(mode="fan_out", nonlinearity="relu")
        initialise(self, {nn.Conv2d: he, nn.Dense: Normal(0.01)})

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)


def make_layers(channels: Layers) -> nn.SequentialCell:
    """3x3 convolutions of so many channels, each normalized; "M" is a max pooling."""
    layers, in_channels = [], 3
    for out_channels in channels:
        if out_channels == "M":
            layers.append(MaxPool2d(kernel_size=2, stride=2))
        else:
            conv2d = Conv2d(in_channels, out_channels, kernel_size=3, padding=1)
            layers += [conv2d, BatchNorm2d(out_channels), ReLU()]
            in_channels = out_channels
    return nn.SequentialCell(*layers)


def vgg16_bn(layers: Layers = VGG16, **kwargs: Any) -> VGG:
    """The published network, or one of other layers."""
    return VGG(make_layers(layers), **kwargs)
