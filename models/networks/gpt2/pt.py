"""GPT-2, a decoder-only language model, with the key names of its published weights.

Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (2019).
"""

import math

import torch
from torch import Tensor, nn


class Conv1D(nn.Module):
    """A linear layer whose weight is (in, out), as GPT-2's file has it."""

    def __init__(self, n_out: int, n_in: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class Attention(nn.Module):
    """Causal self-attention of (N, T, n_embd); ``bias`` is the mask, computed, not stored."""

    def __init__(self, n_embd: int, n_head: int, n_positions: int, dropout: float):
        super().__init__()
        self.n_head = n_head
        mask = torch.ones(1, 1, n_positions, n_positions, dtype=torch.bool).tril()
        self.register_buffer("bias", mask, persistent=False)
        self.c_attn = Conv1D(3 * n_embd, n_embd)
        self.c_proj = Conv1D(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(dropout)
        self.resid_dropout = nn.Dropout(dropout)

    def _heads(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        return x.reshape(n, t, self.n_head, width // self.n_head).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        query, key, value = map(self._heads, self.c_attn(x).split(width, 2))
        scores = query @ key.transpose(2, 3) / math.sqrt(width // self.n_head)
        lowest = torch.finfo(scores.dtype).min
        scores = scores.masked_fill(~self.bias[:, :, :t, :t], lowest)
        weights = self.attn_dropout(torch.softmax(scores, -1))
        merged = (weights @ value).transpose(1, 2).reshape(n, t, width)
        return self.resid_dropout(self.c_proj(merged))


class MLP(nn.Module):
    """Two linear layers, with GELU in its tanh form between them."""

    def __init__(self, n_embd: int, dropout: float):
        super().__init__()
        self.c_fc = Conv1D(4 * n_embd, n_embd)
        self.c_proj = Conv1D(n_embd, 4 * n_embd)
        self.act = nn.GELU(approximate="tanh")
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.c_proj(self.act(self.c_fc(x))))


class Block(nn.Module):
    """Attention and MLP, each behind its LayerNorm and beside a shortcut."""

    def __init__(self, n_embd: int, n_head: int, n_positions: int, dropout: float, eps: float):
        super().__init__()
        self.ln_1 = nn.LayerNorm(n_embd, eps=eps)
        self.attn = Attention(n_embd, n_head, n_positions, dropout)
        self.ln_2 = nn.LayerNorm(n_embd, eps=eps)
        self.mlp = MLP(n_embd, dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Module):
    """Token ids (N, T) to logits (N, T, vocab_size); the last layer is tied to the embedding."""

    def __init__(
        self,
        vocab_size: int = 50257,
        n_positions: int = 1024,
        n_embd: int = 768,
        n_layer: int = 12,
        n_head: int = 12,
        dropout: float = 0.1,
        layer_norm_epsilon: float = 1e-5,
    ):
        super().__init__()
        self.wte = nn.Embedding(vocab_size, n_embd)
        self.wpe = nn.Embedding(n_positions, n_embd)
        self.drop = nn.Dropout(dropout)
        self.h = nn.ModuleList(
            Block(n_embd, n_head, n_positions, dropout, layer_norm_epsilon) for _ in range(n_layer)
        )
        self.ln_f = nn.LayerNorm(n_embd, eps=layer_norm_epsilon)
        self.lm_head = nn.Linear(n_embd, vocab_size, bias=False)
        self.lm_head.weight = self.wte.weight
        self._initialise(n_layer)

    def _initialise(self, n_layer: int) -> None:
        """What is added to the residual stream starts smaller the deeper the network is."""
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * n_layer))
            elif parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.drop(self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device)))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))
