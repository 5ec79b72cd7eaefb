"""A perceptron that calls functions where others have modules."""

from torch import Tensor, nn
from torch.nn import functional as F

from seeded.nets.sizes import CLASSES, WIDTH


class Perceptron(nn.Module):
    """(N, WIDTH) to logits (N, CLASSES)."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(WIDTH, 64)
        self.fc2 = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(x))
        return self.fc2(F.dropout(x, 0.5, self.training))
