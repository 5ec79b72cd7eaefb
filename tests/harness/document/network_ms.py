"""The document's network: its own initialisation over a ResNet of the right shape."""

import math

from mindspore import nn
from mindspore.common.initializer import HeNormal, HeUniform, initializer

from models.blocks.bottleneck.ms import Bottleneck
from models.networks.resnet.ms import ResNet


class DocumentResNet(ResNet):
    """As the document initialises it: Dense's bias is zero, zero_init_residual names a text."""

    def _initialise(self, zero_init_residual):
        for _, cell in self.cells_and_names():
            if isinstance(cell, nn.Conv2d):
                cell.weight.set_data(
                    initializer(
                        HeNormal(negative_slope=0, mode="fan_out", nonlinearity="relu"),
                        cell.weight.shape,
                        cell.weight.dtype,
                    )
                )
            elif isinstance(cell, nn.BatchNorm2d):
                cell.gamma.set_data(initializer("ones", cell.gamma.shape, cell.gamma.dtype))
                cell.beta.set_data(initializer("zeros", cell.beta.shape, cell.beta.dtype))
            elif isinstance(cell, nn.Dense):
                cell.weight.set_data(
                    initializer(
                        HeUniform(negative_slope=math.sqrt(5)), cell.weight.shape, cell.weight.dtype
                    )
                )
                cell.bias.set_data(initializer("zeros", cell.bias.shape, cell.bias.dtype))
        if zero_init_residual:
            for _, cell in self.cells_and_names():
                if isinstance(cell, Bottleneck):
                    cell.bn3.gamma.set_data("zeros", cell.bn3.gamma.shape, cell.bn3.gamma.dtype)
