"""LeNet-5 in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn, ops


class LeNet(nn.Cell):
    """Images (N, in_channels, 32, 32) to logits (N, num_classes)."""

    def __init__(self, num_classes: int = 10, in_channels: int = 1):
        super().__init__()
        self.features = nn.SequentialCell(
            nn.Conv2d(in_channels, 6, kernel_size=5, pad_mode="valid", has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
            nn.Conv2d(6, 16, kernel_size=5, pad_mode="valid", has_bias=True),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
        )
        self.classifier = nn.SequentialCell(
            nn.Dense(16 * 5 * 5, 120),
            nn.ReLU(),
            nn.Dense(120, 84),
            nn.ReLU(),
            nn.Dense(84, num_classes),
        )

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)
