"""A small pre-norm transformer encoder."""

import torch
from torch import Tensor, nn

from seeded.nets.sizes import CLASSES, HEADS, TOKENS, WIDTH


class Attention(nn.Module):
    """Multi-head self-attention; (N, T, WIDTH) to the same."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.softmax = nn.Softmax(dim=-1)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        n, t, _ = x.shape
        q, k, v = (
            layer(x).reshape(n, t, HEADS, -1).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        weights = self.softmax(q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, WIDTH))


class Block(nn.Module):
    """Attention and a two-layer perceptron, each on a normalised copy of what it adds to."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.norm2 = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, 2 * WIDTH)
        self.gelu = nn.GELU()
        self.fc2 = nn.Linear(2 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.fc2(self.gelu(self.fc1(self.norm2(x)))))


class Encoder(nn.Module):
    """Tokens (N, TOKENS, WIDTH) to logits (N, CLASSES), read off the first token."""

    def __init__(self) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.empty(1, TOKENS, WIDTH).normal_(std=0.02))
        self.blocks = nn.Sequential(Block(), Block())
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(x + self.position)
        return self.head(self.norm(x)[:, 0])
