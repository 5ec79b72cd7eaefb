"""AlexNet in MindSpore; attribute names and order follow ``torchvision.models.alexnet``."""

from mindspore import Tensor, nn, ops

from models.layers.activation.ms import ReLU
from models.layers.convolution.ms import Conv2d
from models.layers.dropout.ms import Dropout
from models.layers.pooling.ms import MaxPool2d


class AlexNet(nn.Cell):
    """Images (N, 3, H, W), 63 pixels at least, to logits (N, num_classes)."""

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5):
        super().__init__()
        self.features = nn.SequentialCell(
            Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            ReLU(),
            MaxPool2d(kernel_size=3, stride=2),
            Conv2d(64, 192, kernel_size=5, padding=2),
            ReLU(),
            MaxPool2d(kernel_size=3, stride=2),
            Conv2d(192, 384, kernel_size=3, padding=1),
            ReLU(),
            Conv2d(384, 256, kernel_size=3, padding=1),
            ReLU(),
            Conv2d(256, 256, kernel_size=3, padding=1),
            ReLU(),
            MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.SequentialCell(
            Dropout(p=dropout),
            nn.Dense(256 * 6 * 6, 4096),
            ReLU(),
            Dropout(p=dropout),
            nn.Dense(4096, 4096),
            ReLU(),
            nn.Dense(4096, num_classes),
        )

    def construct(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = ops.flatten(x, start_dim=1)
        return self.classifier(x)
