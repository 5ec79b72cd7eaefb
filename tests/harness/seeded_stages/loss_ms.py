"""Losses with one mistake each, in MindSpore."""

import mindspore as ms
from mindspore import Tensor, nn, ops


class SoftmaxTwice(nn.Cell):
    """A network that ends in softmax under a loss that takes it too."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return ops.cross_entropy(ops.softmax(logits, 1), labels.astype(ms.int32))


class NLLOnProbabilities(nn.Cell):
    """Probabilities where their logarithms belong."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        return ops.nll_loss(ops.softmax(logits, 1), labels.astype(ms.int32))


class SigmoidTwice(nn.Cell):
    """Probabilities where logits belong."""

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        chances = ops.sigmoid(logits)
        return ops.binary_cross_entropy_with_logits(
            chances, labels.astype(ms.float32), ops.ones_like(chances), ops.ones_like(chances)
        )


class OneHotExpected(nn.SoftmaxCrossEntropyWithLogits):
    """Its default: labels as one-hot rows."""

    def __init__(self) -> None:
        super().__init__(reduction="mean")
