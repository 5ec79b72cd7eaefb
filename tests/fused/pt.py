"""The torch side."""

import torch
from torch import nn

from harness.loop import Loop


class Apart(nn.Module):
    """Attention with q, k and v of their own."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        parts = (part(x).unflatten(-1, (self.heads, -1)) for part in (self.q, self.k, self.v))
        q, k, v = (part.transpose(1, 2) for part in parts)
        share = torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, -1)
        return self.out((share @ v).transpose(1, 2).flatten(2))


class Together(nn.MultiheadAttention):
    """torch's own attention, whose in_proj_weight is q, k and v."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads, batch_first=True)

    def forward(self, x):
        return super().forward(x, x, x, need_weights=False)[0]


class Layer(nn.Module):
    """A residual layer around attention."""

    def __init__(self, attention, width: int, heads: int) -> None:
        super().__init__()
        self.attn = attention(width, heads)
        self.norm = nn.LayerNorm(width)

    def forward(self, x):
        return self.norm(x + self.attn(x))


class Encoder(nn.Module):
    """Layers one after the other."""

    def __init__(self, attention, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(attention, width, heads) for _ in range(layers)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def apart(width=8, heads=2, layers=2, wrong=""):
    """An encoder with q, k and v apart; what the port does wrong is no matter of torch."""
    return Encoder(Apart, width, heads, layers)


def together(width=8, heads=2, layers=2, wrong=""):
    """An encoder with torch's own attention."""
    return Encoder(Together, width, heads, layers)


def gate(x: torch.Tensor) -> torch.Tensor:
    """Between 0 and 1, and computed to the last digits everywhere, which no sigmoid is."""
    return 0.5 + 0.5 * squash(x)


def squash(x: torch.Tensor) -> torch.Tensor:
    """Between -1 and 1."""
    return x / (1 + x.abs())


class Gated(nn.Module):
    """An LSTM's step over time, its weights those of the four gates stacked as in torch's own."""

    def __init__(self, inputs: int = 5, width: int = 6) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * width, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * width, width))
        self.bias = nn.Parameter(torch.empty(4 * width))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(width**-0.5), width**-0.5)

    def forward(self, x):
        hidden = cell = x.new_zeros(x.shape[0], self.weight_hh.shape[1])
        outputs = []
        for now in x.unbind(1):
            stacked = now @ self.weight_ih.T + hidden @ self.weight_hh.T + self.bias
            let_in, keep, fresh, out = stacked.chunk(4, -1)
            cell = gate(keep) * cell + gate(let_in) * squash(fresh)
            hidden = gate(out) * squash(cell)
            outputs.append(hidden)
        return torch.stack(outputs, 1)


def large_values(width=8, heads=2, layers=2, wrong=""):
    """The encoder with q, k and v apart, where v starts larger."""
    encoder = apart(width, heads, layers)
    for layer in encoder.layers:
        nn.init.uniform_(layer.attn.v.weight, -1.0, 1.0)
    return encoder


def loop(factory) -> Loop:
    """A training of an encoder, its outputs' first values against the labels."""
    network, criterion = factory(), nn.MSELoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

    def step(data, target):
        optimizer.zero_grad()
        loss = criterion(network(data)[:, 0, 0], target)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return Loop(network, step, criterion, optimizer, network.train)
