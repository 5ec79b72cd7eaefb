"""The network that optimizers are stepped on: every kind of parameter that one may treat apart."""

from harness.backends import runtime

runtime.quieten()
from mindspore import Tensor, nn, ops  # noqa: E402  after its chatter is turned down


class Carrier(nn.Cell):
    """A weight without bias, two normalisations, biases, a layer called beta_head, and a branch
    that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, pad_mode="valid")
        self.norm = nn.BatchNorm2d(4)
        self.linear = nn.Dense(4, 4)
        self.layer_norm = nn.LayerNorm((4,), epsilon=1e-5)
        self.beta_head = nn.Dense(4, 4)
        self.unused = nn.Dense(4, 4)

    def construct(self, images: Tensor) -> Tensor:
        """images: (N, 3, H, W). Returns (N, 4)."""
        features = ops.relu(self.norm(self.conv(images))).mean((2, 3))
        return self.beta_head(self.layer_norm(self.linear(features)))
