"""ShuffleNetV2 in MindSpore; names and order follow ``torchvision.models.shufflenetv2``."""

from collections.abc import Sequence

from mindspore import Tensor, nn, ops

from models.layers.activation.ms import ReLU
from models.layers.convolution.ms import Conv2d
from models.layers.normalization.ms import BatchNorm2d
from models.layers.pooling.ms import MaxPool2d


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """The first channel of every group, then the second of every group, and so on."""
    batchsize, num_channels, height, width = x.shape
    x = x.reshape(batchsize, groups, num_channels // groups, height, width)
    return x.swapaxes(1, 2).reshape(batchsize, num_channels, height, width)


class InvertedResidual(nn.Cell):
    """Half of the channels pass (stride 1) or take a short branch, the others take a long one."""

    def __init__(self, inp: int, oup: int, stride: int):
        super().__init__()
        self.stride = stride
        branch_features = oup // 2
        if stride > 1:
            self.branch1 = nn.SequentialCell(
                self.depthwise_conv(inp, stride),
                BatchNorm2d(inp),
                Conv2d(inp, branch_features, kernel_size=1, bias=False),
                BatchNorm2d(branch_features),
                ReLU(),
            )
        else:
            self.branch1 = nn.SequentialCell()
        self.branch2 = nn.SequentialCell(
            Conv2d(inp if stride > 1 else branch_features, branch_features, 1, bias=False),
            BatchNorm2d(branch_features),
            ReLU(),
            self.depthwise_conv(branch_features, stride),
            BatchNorm2d(branch_features),
            Conv2d(branch_features, branch_features, kernel_size=1, bias=False),
            BatchNorm2d(branch_features),
            ReLU(),
        )

    @staticmethod
    def depthwise_conv(channels: int, stride: int) -> nn.Cell:
        """3x3, a filter a channel."""
        return Conv2d(channels, channels, 3, stride, padding=1, groups=channels, bias=False)

    def construct(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            x1, x2 = x.chunk(2, 1)
            out = ops.cat((x1, self.branch2(x2)), 1)
        else:
            out = ops.cat((self.branch1(x), self.branch2(x)), 1)
        return channel_shuffle(out, 2)


class ShuffleNetV2(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes)."""

    def __init__(
        self,
        stages_repeats: Sequence[int],
        stages_out_channels: Sequence[int],
        num_classes: int = 1000,
    ):
        super().__init__()
        input_channels, *stage_channels, last_channels = stages_out_channels
        self.conv1 = nn.SequentialCell(
            Conv2d(3, input_channels, 3, 2, 1, bias=False), BatchNorm2d(input_channels), ReLU()
        )
        self.maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)
        for stage, repeats, channels in zip((2, 3, 4), stages_repeats, stage_channels):
            blocks = [InvertedResidual(input_channels, channels, 2)]
            blocks += [InvertedResidual(channels, channels, 1) for _ in range(repeats - 1)]
            setattr(self, f"stage{stage}", nn.SequentialCell(*blocks))
            input_channels = channels
        self.conv5 = nn.SequentialCell(
            Conv2d(input_channels, last_channels, 1, bias=False), BatchNorm2d(last_channels), ReLU()
        )
        self.fc = nn.Dense(last_channels, num_classes)

    def construct(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        x = self.maxpool(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.stage4(x)
        x = self.conv5(x)
        x = x.mean((2, 3))
        return self.fc(x)
