"""SqueezeNet in MindSpore; attribute names and order follow ``torchvision.models.squeezenet``."""

from functools import partial

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeUniform, Normal

from models.layers.activation.ms import ReLU
from models.layers.convolution.ms import Conv2d
from models.layers.dropout.ms import Dropout
from models.layers.pooling.ms import MaxPool2d
from models.networks.torchvision_blocks.ms import fill, initialise

_HalvingPool = partial(MaxPool2d, kernel_size=3, stride=2, ceil_mode=True)


class Fire(nn.Cell):
    """A 1x1 convolution, then a 1x1 and a 3x3 one side by side."""

    def __init__(
        self, inplanes: int, squeeze_planes: int, expand1x1_planes: int, expand3x3_planes: int
    ):
        super().__init__()
        self.squeeze = Conv2d(inplanes, squeeze_planes, kernel_size=1)
        self.squeeze_activation = ReLU()
        self.expand1x1 = Conv2d(squeeze_planes, expand1x1_planes, kernel_size=1)
        self.expand1x1_activation = ReLU()
        self.expand3x3 = Conv2d(squeeze_planes, expand3x3_planes, kernel_size=3, padding=1)
        self.expand3x3_activation = ReLU()

    def construct(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        return ops.cat(
            [
                self.expand1x1_activation(self.expand1x1(x)),
                self.expand3x3_activation(self.expand3x3(x)),
            ],
            1,
        )


class SqueezeNet(nn.Cell):
    """Images (N, 3, H, W), 17 pixels at least, to logits (N, num_classes)."""

    def __init__(self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5):
        super().__init__()
        if version == "1_0":
            self.features = nn.SequentialCell(
                Conv2d(3, 96, kernel_size=7, stride=2),
                ReLU(),
                _HalvingPool(),
                Fire(96, 16, 64, 64),
                Fire(128, 16, 64, 64),
                Fire(128, 32, 128, 128),
                _HalvingPool(),
                Fire(256, 32, 128, 128),
                Fire(256, 48, 192, 192),
                Fire(384, 48, 192, 192),
                Fire(384, 64, 256, 256),
                _HalvingPool(),
                Fire(512, 64, 256, 256),
            )
        else:
            self.features = nn.SequentialCell(
                Conv2d(3, 64, kernel_size=3, stride=2),
                ReLU(),
                _HalvingPool(),
                Fire(64, 16, 64, 64),
                Fire(128, 16, 64, 64),
                _HalvingPool(),
                Fire(128, 32, 128, 128),
                Fire(256, 32, 128, 128),
                _HalvingPool(),
                Fire(256, 48, 192, 192),
                Fire(384, 48, 192, 192),
                Fire(384, 64, 256, 256),
                Fire(512, 64, 256, 256),
            )
        final_conv = Conv2d(512, num_classes, kernel_size=1)
        self.classifier = nn.SequentialCell(
            Dropout(p=dropout), final_conv, ReLU(), nn.AdaptiveAvgPool2d((1, 1))
        )
        initialise(self, {nn.Conv2d: HeUniform()})
        fill(final_conv.weight, Normal(0.01))

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.classifier(x)
        return ops.flatten(x, start_dim=1)
