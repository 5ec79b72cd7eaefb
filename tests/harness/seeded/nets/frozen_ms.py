"""The fine-tuned ResNet in MindSpore."""

from typing import Any

from mindspore import nn

from models.networks.resnet.ms import ResNet


class FineTuned(ResNet):
    """Keeps the first stage's BatchNorms in eval mode, whatever it is told."""

    def set_train(self, mode: bool = True) -> Any:
        super().set_train(mode)
        for _, cell in self.layer1.cells_and_names():
            if isinstance(cell, nn.BatchNorm2d):
                cell.set_train(False)
        return self
