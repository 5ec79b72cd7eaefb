"""GPT-2 in MindSpore; attribute names and order follow ``pt.py``."""

import math

from mindspore import Parameter, Tensor, dtype, nn, ops
from mindspore.common.initializer import Normal, initializer


class Conv1D(nn.Cell):
    """A linear layer whose weight is (in, out), as GPT-2's file has it."""

    def __init__(self, n_out: int, n_in: int):
        super().__init__()
        self.weight = Parameter(initializer("zeros", (n_in, n_out)), name="weight")
        self.bias = Parameter(initializer("zeros", (n_out,)), name="bias")

    def construct(self, x: Tensor) -> Tensor:
        return ops.matmul(x, self.weight) + self.bias


class Attention(nn.Cell):
    """Causal self-attention of (N, T, n_embd)."""

    def __init__(self, n_embd: int, n_head: int, n_positions: int, dropout: float):
        super().__init__()
        self.n_head = n_head
        self.lowest = -3.4028234663852886e38
        self.c_attn = Conv1D(3 * n_embd, n_embd)
        self.c_proj = Conv1D(n_embd, n_embd)
        self.attn_dropout = nn.Dropout(p=dropout)
        self.resid_dropout = nn.Dropout(p=dropout)

    def _heads(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        return x.reshape(n, t, self.n_head, width // self.n_head).swapaxes(1, 2)

    def construct(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        query, key, value = self.c_attn(x).split(width, 2)
        query, key, value = self._heads(query), self._heads(key), self._heads(value)
        scores = ops.matmul(query, key.swapaxes(2, 3)) / math.sqrt(width // self.n_head)
        hidden = ops.ones((t, t), dtype.float32).triu(1) > 0
        scores = scores.masked_fill(hidden, self.lowest)
        weights = self.attn_dropout(ops.softmax(scores, -1))
        merged = ops.matmul(weights, value).swapaxes(1, 2).reshape(n, t, width)
        return self.resid_dropout(self.c_proj(merged))


class MLP(nn.Cell):
    """Two linear layers, with GELU in its tanh form between them."""

    def __init__(self, n_embd: int, dropout: float):
        super().__init__()
        self.c_fc = Conv1D(4 * n_embd, n_embd)
        self.c_proj = Conv1D(n_embd, 4 * n_embd)
        self.act = nn.GELU(approximate=True)
        self.dropout = nn.Dropout(p=dropout)

    def construct(self, x: Tensor) -> Tensor:
        return self.dropout(self.c_proj(self.act(self.c_fc(x))))


class Block(nn.Cell):
    """Attention and MLP, each behind its LayerNorm and beside a shortcut."""

    def __init__(self, n_embd: int, n_head: int, n_positions: int, dropout: float, eps: float):
        super().__init__()
        self.ln_1 = nn.LayerNorm((n_embd,), epsilon=eps)
        self.attn = Attention(n_embd, n_head, n_positions, dropout)
        self.ln_2 = nn.LayerNorm((n_embd,), epsilon=eps)
        self.mlp = MLP(n_embd, dropout)

    def construct(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT2(nn.Cell):
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
        self.drop = nn.Dropout(p=dropout)
        self.h = nn.CellList(
            [
                Block(n_embd, n_head, n_positions, dropout, layer_norm_epsilon)
                for _ in range(n_layer)
            ]
        )
        self.ln_f = nn.LayerNorm((n_embd,), epsilon=layer_norm_epsilon)
        self.lm_head = nn.Dense(n_embd, vocab_size, has_bias=False)
        self.lm_head.weight = self.wte.embedding_table
        self._initialise(n_layer)

    def _initialise(self, n_layer: int) -> None:
        """What is added to the residual stream starts smaller the deeper the network is."""
        for name, parameter in self.parameters_and_names():
            if name.endswith("c_proj.weight"):
                drawn = Normal(0.02 / math.sqrt(2 * n_layer))
                parameter.set_data(initializer(drawn, parameter.shape, parameter.dtype))
            elif parameter.ndim == 2:
                parameter.set_data(initializer(Normal(0.02), parameter.shape, parameter.dtype))

    def construct(self, ids: Tensor) -> Tensor:
        x = self.drop(self.wte(ids) + self.wpe(ops.arange(ids.shape[1])))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))
