"""BERT in MindSpore; attribute names and order follow ``pt.py``."""

import math

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import Normal, initializer

from models.layers.linear.ms import Embedding


class BertEmbeddings(nn.Cell):
    """Words, positions and segments, added and normalised."""

    def __init__(
        self,
        vocab_size: int,
        hidden_size: int,
        max_position_embeddings: int,
        type_vocab_size: int,
        dropout: float,
        eps: float,
    ):
        super().__init__()
        self.word_embeddings = Embedding(vocab_size, hidden_size, padding_idx=0)
        self.position_embeddings = Embedding(max_position_embeddings, hidden_size)
        self.token_type_embeddings = Embedding(type_vocab_size, hidden_size)
        self.LayerNorm = nn.LayerNorm((hidden_size,), epsilon=eps)
        self.dropout = nn.Dropout(p=dropout)

    def construct(self, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
        positions = ops.arange(input_ids.shape[1])
        x = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        x = x + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class BertSelfAttention(nn.Cell):
    """Self-attention of (N, T, hidden_size); ``mask`` is added to the scores."""

    def __init__(self, hidden_size: int, num_attention_heads: int, dropout: float):
        super().__init__()
        self.num_attention_heads = num_attention_heads
        self.query = nn.Dense(hidden_size, hidden_size)
        self.key = nn.Dense(hidden_size, hidden_size)
        self.value = nn.Dense(hidden_size, hidden_size)
        self.dropout = nn.Dropout(p=dropout)

    def _heads(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        heads = self.num_attention_heads
        return x.reshape(n, t, heads, width // heads).swapaxes(1, 2)

    def construct(self, x: Tensor, mask: Tensor) -> Tensor:
        query, key = self._heads(self.query(x)), self._heads(self.key(x))
        value = self._heads(self.value(x))
        scores = ops.matmul(query, key.swapaxes(2, 3)) / math.sqrt(query.shape[-1]) + mask
        weights = self.dropout(ops.softmax(scores, -1))
        return ops.matmul(weights, value).swapaxes(1, 2).reshape(x.shape)


class BertOutput(nn.Cell):
    """A linear layer back to the hidden size, added to what came before, normalised."""

    def __init__(self, in_features: int, hidden_size: int, dropout: float, eps: float):
        super().__init__()
        self.dense = nn.Dense(in_features, hidden_size)
        self.LayerNorm = nn.LayerNorm((hidden_size,), epsilon=eps)
        self.dropout = nn.Dropout(p=dropout)

    def construct(self, x: Tensor, before: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + before)


class BertAttention(nn.Cell):
    """Self-attention and its output layer."""

    def __init__(self, hidden_size: int, num_attention_heads: int, dropout: float, eps: float):
        super().__init__()
        self.self = BertSelfAttention(hidden_size, num_attention_heads, dropout)
        self.output = BertOutput(hidden_size, hidden_size, dropout, eps)

    def construct(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.output(self.self(x, mask), x)


class BertIntermediate(nn.Cell):
    """The wide linear layer and its GELU."""

    def __init__(self, hidden_size: int, intermediate_size: int):
        super().__init__()
        self.dense = nn.Dense(hidden_size, intermediate_size)
        self.intermediate_act_fn = nn.GELU(approximate=False)

    def construct(self, x: Tensor) -> Tensor:
        return self.intermediate_act_fn(self.dense(x))


class BertLayer(nn.Cell):
    """Attention, then two linear layers."""

    def __init__(
        self,
        hidden_size: int,
        num_attention_heads: int,
        intermediate_size: int,
        dropout: float,
        eps: float,
    ):
        super().__init__()
        self.attention = BertAttention(hidden_size, num_attention_heads, dropout, eps)
        self.intermediate = BertIntermediate(hidden_size, intermediate_size)
        self.output = BertOutput(intermediate_size, hidden_size, dropout, eps)

    def construct(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention(x, mask)
        return self.output(self.intermediate(x), x)


class BertEncoder(nn.Cell):
    """The layers one after the other."""

    def __init__(self, num_hidden_layers: int, **settings: object):
        super().__init__()
        self.layer = nn.CellList([BertLayer(**settings) for _ in range(num_hidden_layers)])

    def construct(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layer:
            x = layer(x, mask)
        return x


class BertPooler(nn.Cell):
    """The first token through a linear layer and tanh."""

    def __init__(self, hidden_size: int):
        super().__init__()
        self.dense = nn.Dense(hidden_size, hidden_size)
        self.activation = nn.Tanh()

    def construct(self, x: Tensor) -> Tensor:
        return self.activation(self.dense(x[:, 0]))


class Bert(nn.Cell):
    """Ids (N, T), a mask of zeros and ones (N, T), segments (N, T) to the last hidden states
    (N, T, hidden_size) and the pooled first one (N, hidden_size)."""

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 768,
        num_hidden_layers: int = 12,
        num_attention_heads: int = 12,
        intermediate_size: int = 3072,
        max_position_embeddings: int = 512,
        type_vocab_size: int = 2,
        dropout: float = 0.1,
        layer_norm_eps: float = 1e-12,
    ):
        super().__init__()
        self.embeddings = BertEmbeddings(
            vocab_size,
            hidden_size,
            max_position_embeddings,
            type_vocab_size,
            dropout,
            layer_norm_eps,
        )
        self.encoder = BertEncoder(
            num_hidden_layers,
            hidden_size=hidden_size,
            num_attention_heads=num_attention_heads,
            intermediate_size=intermediate_size,
            dropout=dropout,
            eps=layer_norm_eps,
        )
        self.pooler = BertPooler(hidden_size)
        self._initialise()

    def _initialise(self) -> None:
        for _, cell in self.cells_and_names():
            if isinstance(cell, nn.Dense):
                cell.weight.set_data(initializer(Normal(0.02), cell.weight.shape))
                cell.bias.set_data(initializer("zeros", cell.bias.shape))
            elif isinstance(cell, nn.Embedding):
                table = cell.embedding_table
                table.set_data(initializer(Normal(0.02), table.shape))
        self.embeddings.word_embeddings.embedding_table[0] = 0

    def construct(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        x = self.embeddings(input_ids, token_type_ids)
        hidden = 1 - attention_mask.expand_dims(1).expand_dims(1).astype(x.dtype)
        x = self.encoder(x, hidden * -10000.0)
        return x, self.pooler(x)
