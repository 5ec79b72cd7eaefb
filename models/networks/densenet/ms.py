"""DenseNet in MindSpore; attribute names and order follow ``torchvision.models.densenet``."""

from collections import OrderedDict
from collections.abc import Sequence

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import HeNormal, Zero

from models.layers.activation.ms import ReLU
from models.layers.convolution.ms import Conv2d
from models.layers.normalization.ms import BatchNorm2d
from models.layers.pooling.ms import AvgPool2d, MaxPool2d
from models.networks.torchvision_blocks.ms import fill, initialise


class DenseLayer(nn.Cell):
    """A 1x1 and a 3x3 convolution over everything so far; makes growth_rate new channels."""

    def __init__(self, num_input_features: int, growth_rate: int, bn_size: int, drop_rate: float):
        super().__init__()
        self.norm1 = BatchNorm2d(num_input_features)
        self.relu1 = ReLU()
        self.conv1 = Conv2d(num_input_features, bn_size * growth_rate, kernel_size=1, bias=False)
        self.norm2 = BatchNorm2d(bn_size * growth_rate)
        self.relu2 = ReLU()
        self.conv2 = Conv2d(
            bn_size * growth_rate, growth_rate, kernel_size=3, padding=1, bias=False
        )
        self.drop_rate = drop_rate

    def construct(self, prev_features: Sequence[Tensor]) -> Tensor:
        x = self.conv1(self.relu1(self.norm1(ops.cat(prev_features, 1))))
        x = self.conv2(self.relu2(self.norm2(x)))
        return ops.dropout(x, self.drop_rate, self.training) if self.drop_rate > 0 else x


class DenseBlock(nn.SequentialCell):
    """Layers each of which sees the outputs of all before it."""

    def construct(self, init_features: Tensor) -> Tensor:
        features = (init_features,)
        for layer in self.cell_list:
            features = (*features, layer(features))
        return ops.cat(features, 1)


def transition(num_input_features: int, num_output_features: int) -> nn.SequentialCell:
    """Between two blocks: fewer channels, half the size."""
    return nn.SequentialCell(
        OrderedDict(
            norm=BatchNorm2d(num_input_features),
            relu=ReLU(),
            conv=Conv2d(num_input_features, num_output_features, kernel_size=1, bias=False),
            pool=AvgPool2d(kernel_size=2, stride=2),
        )
    )


class DenseNet(nn.Cell):
    """Images (N, 3, H, W), 29 pixels at least, to logits (N, num_classes)."""

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
    ):
        super().__init__()
        features = OrderedDict(
            conv0=Conv2d(3, num_init_features, kernel_size=7, stride=2, padding=3, bias=False),
            norm0=BatchNorm2d(num_init_features),
            relu0=ReLU(),
            pool0=MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        channels = num_init_features
        for number, num_layers in enumerate(block_config, start=1):
            layers: OrderedDict[str, nn.Cell] = OrderedDict()
            for i in range(num_layers):
                layer = DenseLayer(channels, growth_rate, bn_size, drop_rate)
                layers[f"denselayer{i + 1}"] = layer
                channels += growth_rate
            features[f"denseblock{number}"] = DenseBlock(layers)
            if number < len(block_config):
                features[f"transition{number}"] = transition(channels, channels // 2)
                channels //= 2
        features["norm5"] = BatchNorm2d(channels)
        self.features = nn.SequentialCell(features)
        self.classifier = nn.Dense(channels, num_classes)
        initialise(self, {nn.Conv2d: HeNormal()})
        fill(self.classifier.bias, Zero())

    def construct(self, x: Tensor) -> Tensor:
        x = ops.relu(self.features(x))
        x = ops.adaptive_avg_pool2d(x, (1, 1))
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)
