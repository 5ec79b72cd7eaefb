"""ResNet, ResNeXt and Wide ResNet in MindSpore; attribute names and order follow ``pt.py``."""

from collections.abc import Sequence

from mindspore import Tensor, nn
from mindspore.common.initializer import Constant, HeNormal, initializer

from models.blocks.stage.ms import BLOCKS
from models.blocks.stage.ms import build as stage


class ResNet(nn.Cell):
    """Images (N, 3, H, W) to logits (N, num_classes).

    replace_stride_with_dilation: for stages 2 to 4, dilate instead of striding.
    width: channels of the stem and the first stage; 64 is the published network.
    zero_init_residual: start each block as the identity, by zeroing its last BatchNorm's gamma.
    """

    def __init__(
        self,
        block: str,
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] = (False, False, False),
        width: int = 64,
    ):
        super().__init__()
        expansion = BLOCKS[block].expansion
        self.conv1 = nn.Conv2d(
            3, width, kernel_size=7, stride=2, pad_mode="pad", padding=3, has_bias=False
        )
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, pad_mode="pad", padding=1)
        inplanes, dilation = width, 1
        for number, blocks in enumerate(layers, start=1):
            planes = width * 2 ** (number - 1)
            stride, first_dilation = (1 if number == 1 else 2), dilation
            if number > 1 and replace_stride_with_dilation[number - 2]:
                dilation, stride = dilation * stride, 1
            layer = stage(
                block, inplanes, planes, blocks, stride, groups, width_per_group, dilation,
                first_dilation,
            )  # fmt: skip
            setattr(self, f"layer{number}", layer)
            inplanes = planes * expansion
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.flatten = nn.Flatten()
        # Dense draws its weight and bias as torch's Linear does.
        self.fc = nn.Dense(8 * width * expansion, num_classes)
        self._initialise(zero_init_residual)

    def _initialise(self, zero_init_residual: bool) -> None:
        he = HeNormal(mode="fan_out", nonlinearity="relu")
        for _, cell in self.cells_and_names():
            if isinstance(cell, nn.Conv2d):
                cell.weight.set_data(initializer(he, cell.weight.shape, cell.weight.dtype))
            elif isinstance(cell, nn.BatchNorm2d):
                cell.gamma.set_data(initializer(Constant(1), cell.gamma.shape, cell.gamma.dtype))
                cell.beta.set_data(initializer(Constant(0), cell.beta.shape, cell.beta.dtype))
        if zero_init_residual:
            for _, cell in self.cells_and_names():
                if isinstance(cell, tuple(BLOCKS.values())):
                    gamma = cell.bn3.gamma if hasattr(cell, "bn3") else cell.bn2.gamma
                    gamma.set_data(initializer(Constant(0), gamma.shape, gamma.dtype))

    def construct(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = self.avgpool(x)
        x = self.flatten(x)
        return self.fc(x)
