"""GoogLeNet in MindSpore; attribute names and order follow ``torchvision.models.googlenet``."""

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import TruncatedNormal

from models.layers.dropout.ms import Dropout
from models.layers.pooling.ms import MaxPool2d
from models.networks.torchvision_blocks.ms import BasicConv2d, initialise


class Inception(nn.Cell):
    """Four branches side by side over one input."""

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
    ):
        super().__init__()
        self.branch1 = BasicConv2d(in_channels, ch1x1, kernel_size=1)
        self.branch2 = nn.SequentialCell(
            BasicConv2d(in_channels, ch3x3red, kernel_size=1),
            BasicConv2d(ch3x3red, ch3x3, kernel_size=3, padding=1),
        )
        # torchvision's published weights have 3x3 filters in the branch called 5x5.
        self.branch3 = nn.SequentialCell(
            BasicConv2d(in_channels, ch5x5red, kernel_size=1),
            BasicConv2d(ch5x5red, ch5x5, kernel_size=3, padding=1),
        )
        self.branch4 = nn.SequentialCell(
            MaxPool2d(kernel_size=3, stride=1, padding=1, ceil_mode=True),
            BasicConv2d(in_channels, pool_proj, kernel_size=1),
        )

    def construct(self, x: Tensor) -> Tensor:
        branches = (self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x))
        return ops.cat(branches, 1)


class InceptionAux(nn.Cell):
    """A classifier halfway, in training only."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7):
        super().__init__()
        self.conv = BasicConv2d(in_channels, 128, kernel_size=1)
        self.fc1 = nn.Dense(2048, 1024)
        self.fc2 = nn.Dense(1024, num_classes)
        self.dropout = Dropout(p=dropout)

    def construct(self, x: Tensor) -> Tensor:
        x = ops.adaptive_avg_pool2d(x, (4, 4))
        x = self.conv(x)
        x = ops.flatten(x, start_dim=1)
        x = ops.relu(self.fc1(x))
        x = self.dropout(x)
        return self.fc2(x)


class GoogLeNet(nn.Cell):
    """Images (N, 3, H, W), 15 pixels at least, to logits (N, num_classes).

    In training with ``aux_logits``: (logits, aux_logits2, aux_logits1). A plain tuple, because
    MindSpore 2.10 does not compile the gradient of a cell that returns a named one.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = True,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
    ):
        super().__init__()
        self.aux_logits = aux_logits
        self.conv1 = BasicConv2d(3, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = MaxPool2d(3, stride=2, ceil_mode=True)
        self.conv2 = BasicConv2d(64, 64, kernel_size=1)
        self.conv3 = BasicConv2d(64, 192, kernel_size=3, padding=1)
        self.maxpool2 = MaxPool2d(3, stride=2, ceil_mode=True)

        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = MaxPool2d(3, stride=2, ceil_mode=True)

        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = MaxPool2d(2, stride=2, ceil_mode=True)

        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)

        if aux_logits:
            self.aux1 = InceptionAux(512, num_classes, dropout=dropout_aux)
            self.aux2 = InceptionAux(528, num_classes, dropout=dropout_aux)

        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.dropout = Dropout(p=dropout)
        self.fc = nn.Dense(1024, num_classes)
        normal = TruncatedNormal(0.01)
        initialise(self, {nn.Conv2d: normal, nn.Dense: normal}, zero_bias=False)

    def construct(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.maxpool1(self.conv1(x))
        x = self.maxpool2(self.conv3(self.conv2(x)))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        fourth_a = self.inception4a(x)
        fourth_d = self.inception4d(self.inception4c(self.inception4b(fourth_a)))
        x = self.maxpool4(self.inception4e(fourth_d))
        x = self.inception5b(self.inception5a(x))
        x = self.avgpool(x)
        x = ops.flatten(x, start_dim=1)
        x = self.dropout(x)
        x = self.fc(x)
        if self.training and self.aux_logits:
            return x, self.aux2(fourth_d), self.aux1(fourth_a)
        return x
