"""A ResNet that is fine-tuned with the normalisation of its first stage frozen."""

from typing import Any

from torch import nn

from models.networks.resnet.pt import ResNet


class FineTuned(ResNet):
    """Keeps the first stage's BatchNorms in eval mode, whatever it is told."""

    def train(self, mode: bool = True) -> Any:
        super().train(mode)
        for module in self.layer1.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self
