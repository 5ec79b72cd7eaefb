"""ccexam's classifiers of digits in MindSpore; attribute names and order are the package's."""

from mindspore import Tensor, nn, ops


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    """A 3x3 convolution that keeps the size, with a bias."""
    return nn.Conv2d(in_channels, out_channels, 3, pad_mode="pad", padding=1, has_bias=True)


def _head(in_features: int, hidden: int, num_classes: int, dropout: float) -> nn.SequentialCell:
    return nn.SequentialCell(
        nn.Dropout(p=dropout),
        nn.Dense(in_features, hidden),
        nn.ReLU(),
        nn.Dropout(p=dropout),
        nn.Dense(hidden, num_classes),
    )


class USPSNet(nn.Cell):
    """Grey images (N, 1, size, size) to logits (N, 10)."""

    def __init__(self, input_size: int):
        super().__init__()
        layers: list[nn.Cell] = []
        for in_channels, out_channels in ((1, 32), (32, 64)):
            layers += [
                _conv(in_channels, out_channels),
                nn.BatchNorm2d(out_channels),
                nn.ReLU(),
                nn.MaxPool2d(2, stride=2),
            ]
        self.features = nn.SequentialCell(layers)
        self.classifier = _head(64 * (input_size // 4) ** 2, 128, 10, 0.3)

    def construct(self, x: Tensor) -> Tensor:
        return self.classifier(ops.flatten(self.features(x)))


class SVHNNet(nn.Cell):
    """Colour images (N, 3, size, size) to logits (N, num_classes)."""

    def __init__(self, input_size: int, num_classes: int = 10, dropout: float = 0.3):
        super().__init__()
        self.features = nn.SequentialCell(
            self._block(3, 32), self._block(32, 64), self._block(64, 128)
        )
        self.classifier = _head(128 * (input_size // 8) ** 2, 256, num_classes, dropout)

    @staticmethod
    def _block(in_channels: int, out_channels: int) -> nn.SequentialCell:
        return nn.SequentialCell(
            _conv(in_channels, out_channels),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            _conv(out_channels, out_channels),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.MaxPool2d(2, stride=2),
        )

    def construct(self, x: Tensor) -> Tensor:
        return self.classifier(ops.flatten(self.features(x)))
