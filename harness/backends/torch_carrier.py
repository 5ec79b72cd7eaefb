"""The network that optimizers are stepped on: every kind of parameter that one may treat apart."""

import torch
from torch import nn


class Carrier(nn.Module):
    """A weight without bias, two normalisations, biases, a layer called beta_head, and a branch
    that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.linear = nn.Linear(4, 4)
        self.layer_norm = nn.LayerNorm(4)
        self.beta_head = nn.Linear(4, 4)
        self.unused = nn.Linear(4, 4)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """images: (N, 3, H, W). Returns (N, 4)."""
        features = torch.relu(self.norm(self.conv(images))).mean((2, 3))
        return self.beta_head(self.layer_norm(self.linear(features)))
