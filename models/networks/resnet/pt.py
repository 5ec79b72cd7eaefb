"""ResNet, ResNeXt and Wide ResNet with torchvision's attribute and key names.

Source: He et al., "Deep Residual Learning for Image Recognition" (2015); "v1.5" strides.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.blocks.stage.pt import BLOCKS
from models.blocks.stage.pt import build as stage


class ResNet(nn.Module):
    """Images (N, 3, H, W) to logits (N, num_classes).

    replace_stride_with_dilation: for stages 2 to 4, dilate instead of striding.
    width: channels of the stem and the first stage; 64 is the published network.
    zero_init_residual: start each block as the identity, by zeroing its last BatchNorm's weight.
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
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
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
        self.fc = nn.Linear(8 * width * expansion, num_classes)
        self._initialise(zero_init_residual)

    def _initialise(self, zero_init_residual: bool) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)
        if zero_init_residual:
            for module in self.modules():
                if isinstance(module, tuple(BLOCKS.values())):
                    last = module.bn3 if hasattr(module, "bn3") else module.bn2
                    nn.init.constant_(last.weight, 0)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.fc(x)
