"""The MindSpore side."""

from dataclasses import dataclass

import mindspore as ms
from mindspore import nn, ops


@dataclass
class Answer:
    """An output class, as model libraries have them."""

    logits: ms.Tensor
    hidden: tuple[ms.Tensor, ...]
    extra: None = None


def _dense(inputs: int, outputs: int) -> nn.Dense:
    """A Dense that is initialized as torch's Linear is."""
    bound = inputs**-0.5
    return nn.Dense(
        inputs,
        outputs,
        weight_init=ms.common.initializer.HeUniform(5**0.5),
        bias_init=ms.common.initializer.Uniform(bound),
    )


class Reader(nn.Cell):
    """Word ids by position; a mask, a bias in a tuple and a flag by keyword; an output class."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 6, embedding_table=ms.common.initializer.Normal(1.0))
        self.mix = _dense(6, 6)
        self.head = _dense(6, 3)

    def construct(self, ids, mask=None, biases=(), scale=1.0, tell=False):
        x = self.words(ids)
        if mask is not None:
            x = x * mask.expand_dims(-1).astype(x.dtype)
        hidden = self.mix(x)
        for bias in biases:
            hidden = hidden + bias
        logits = self.head(ops.relu(hidden)).mean(1) * scale
        return Answer(logits, (x, hidden)) if tell else {"logits": logits, "nothing": None}


class Several(nn.Cell):
    """Two inputs of one dict, two losses; a graph returns no named tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = _dense(5, 4)
        self.decode = _dense(4, 5)

    def construct(self, batch):
        code = ops.sigmoid(self.encode(batch["x"]))
        error = (self.decode(code) - batch["wanted"]) ** 2
        return error.mean(), code.abs().mean()
