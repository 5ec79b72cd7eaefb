"""The MindSpore side."""

import math
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


class Dropping(nn.Cell):
    """Stochastic depth, dropout, and a reparameterization; kept says how a port may decide."""

    def __init__(self, rate: float, kept: str = "below") -> None:
        super().__init__()
        self.rate, self.kept = rate, kept
        self.first = _dense(6, 6)
        self.dropout = nn.Dropout(p=rate)
        self.second = _dense(6, 6)

    def construct(self, x):
        branch = self.dropout(ops.relu(self.first(x)))
        if self.training:
            keep = 1 - self.rate
            branch = branch * self.mask((branch.shape[0], 1), keep) / keep
        return self.second(x + branch) + 0.1 * ops.randn(x.shape)

    def mask(self, shape: tuple[int, int], keep: float) -> ms.Tensor:
        if self.kept == "below":
            return (ops.rand(shape) < keep).astype(ms.float32)
        if self.kept == "floor":
            return ops.floor(ops.rand(shape) + keep)
        if self.kept == "undivided":
            return (ops.rand(shape) < keep).astype(ms.float32) * keep
        if self.kept == "half":
            return (ops.rand(shape) < keep / 2).astype(ms.float32)
        if self.kept == "bernoulli":
            return ops.bernoulli(ops.ones(shape), keep)
        return ops.Dropout(keep_prob=keep)(ops.ones(shape))[0] * keep


class Timestep(nn.Cell):
    """A sinusoidal embedding of time steps."""

    def __init__(self, base: float = 10000.0) -> None:
        super().__init__()
        self.base = base
        self.proj = _dense(8, 6)

    def construct(self, t):
        places = ops.arange(4).astype(ms.float32)
        angles = t.expand_dims(1) * ops.exp(-math.log(self.base) * places / 4)
        return ops.tanh(self.proj(ops.cat([angles.sin(), angles.cos()], -1)))


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
