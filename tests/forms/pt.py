"""The torch side."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import nn


@dataclass
class Answer:
    """An output class, as model libraries have them."""

    logits: torch.Tensor
    hidden: tuple[torch.Tensor, ...]
    extra: None = None


class Losses(NamedTuple):
    """Several losses of one forward."""

    reconstruction: torch.Tensor
    penalty: torch.Tensor


class Reader(nn.Module):
    """Word ids by position; a mask, a bias in a tuple and a flag by keyword; an output class."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(11, 6)
        self.mix = nn.Linear(6, 6)
        self.head = nn.Linear(6, 3)

    def forward(self, ids, *, mask=None, biases=(), scale=1.0, tell=False):
        x = self.words(ids)
        if mask is not None:
            x = x * mask[..., None].to(x.dtype)
        hidden = self.mix(x)
        for bias in biases:
            hidden = hidden + bias
        logits = self.head(torch.relu(hidden)).mean(1) * scale
        return Answer(logits, (x, hidden)) if tell else {"logits": logits, "nothing": None}


class Dropping(nn.Module):
    """Stochastic depth as model libraries write it, dropout, and a reparameterization."""

    def __init__(self, rate: float, kept: str = "below") -> None:
        super().__init__()
        self.rate = rate
        self.first = nn.Linear(6, 6)
        self.dropout = nn.Dropout(rate)
        self.second = nn.Linear(6, 6)

    def forward(self, x):
        branch = self.dropout(torch.relu(self.first(x)))
        if self.training:
            keep = 1 - self.rate
            mask = branch.new_empty((branch.shape[0], 1)).bernoulli_(keep)
            branch = branch * mask.div_(keep)
        return self.second(x + branch) + 0.1 * torch.randn_like(x)


class Timestep(nn.Module):
    """A sinusoidal embedding of time steps: what exp is off by is enlarged a thousandfold."""

    def __init__(self, base: float = 10000.0) -> None:
        super().__init__()
        self.base = base
        self.proj = nn.Linear(8, 6)

    def forward(self, t):
        places = torch.arange(4, dtype=self.proj.weight.dtype)
        angles = t[:, None] * torch.exp(-math.log(self.base) * places / 4)
        return torch.tanh(self.proj(torch.cat([angles.sin(), angles.cos()], -1)))


class Several(nn.Module):
    """Two inputs of one dict, two losses."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Linear(5, 4)
        self.decode = nn.Linear(4, 5)

    def forward(self, batch):
        code = torch.sigmoid(self.encode(batch["x"]))
        error = (self.decode(code) - batch["wanted"]) ** 2
        return Losses(error.mean(), code.abs().mean())
