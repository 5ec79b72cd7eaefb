"""transformers' ALBERT in MindSpore; attribute names and order, and what modules return, are its.

Modules take the arguments that transformers passes on and that have one value here, unnamed.
"""

from mindspore import Parameter, Tensor, dtype, nn, ops
from mindspore.common.initializer import Normal, initializer

from models.layers.linear.ms import PaddedEmbedding

LOWEST = -3.4028234663852886e38  # the smallest float32


def _dense(in_features: int, out_features: int) -> nn.Dense:
    """Weights start as in ALBERT, biases at zero."""
    return nn.Dense(in_features, out_features, weight_init=Normal(0.02), bias_init="zeros")


def _embedding(rows: int, features: int) -> nn.Embedding:
    return nn.Embedding(rows, features, embedding_table=Normal(0.02))


def _norm(features: int) -> nn.LayerNorm:
    return nn.LayerNorm((features,), epsilon=1e-12)


class AlbertEmbeddings(nn.Cell):
    """Words, positions and the kind of sentence, which is 0 here."""

    def __init__(self, vocab_size: int, features: int, positions: int, kinds: int, dropout: float):
        super().__init__()
        self.word_embeddings = PaddedEmbedding(
            vocab_size, features, embedding_table=Normal(0.02), padding_idx=0
        )
        self.position_embeddings = _embedding(positions, features)
        self.token_type_embeddings = _embedding(kinds, features)
        self.LayerNorm = _norm(features)
        self.dropout = nn.Dropout(p=dropout)

    def construct(self, input_ids: Tensor, token_type_ids: Tensor, **_: None) -> Tensor:
        positions = ops.arange(input_ids.shape[1]).expand_dims(0)
        words = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        return self.dropout(self.LayerNorm(words + self.position_embeddings(positions)))


class AlbertAttention(nn.Cell):
    """Attention of several heads, a residual and its norm; returns the weights, too."""

    def __init__(self, hidden: int, heads: int, attention_dropout: float, dropout: float):
        super().__init__()
        self.heads = heads
        self.query = _dense(hidden, hidden)
        self.key = _dense(hidden, hidden)
        self.value = _dense(hidden, hidden)
        self.attention_dropout = nn.Dropout(p=attention_dropout)
        self.output_dropout = nn.Dropout(p=dropout)
        self.dense = _dense(hidden, hidden)
        self.LayerNorm = _norm(hidden)

    def _split(self, x: Tensor) -> Tensor:
        """(N, T, hidden) to (N, heads, T, hidden / heads)."""
        n, steps, hidden = x.shape
        return x.reshape(n, steps, self.heads, hidden // self.heads).swapaxes(1, 2)

    def construct(self, x: Tensor, mask: Tensor, *_: object) -> tuple[Tensor, Tensor]:
        query, key = self._split(self.query(x)), self._split(self.key(x))
        value = self._split(self.value(x))
        scores = ops.matmul(query, key.swapaxes(-1, -2)) / query.shape[-1] ** 0.5
        weights = self.attention_dropout(ops.softmax(scores + mask, -1))
        context = ops.matmul(weights, value).swapaxes(1, 2).reshape(x.shape)
        return self.LayerNorm(x + self.output_dropout(self.dense(context))), weights


class AlbertLayer(nn.Cell):
    """Attention and a feed-forward network, each with its residual."""

    def __init__(
        self, hidden: int, heads: int, intermediate: int, attention_dropout: float, dropout: float
    ):
        super().__init__()
        self.full_layer_layer_norm = _norm(hidden)
        self.attention = AlbertAttention(hidden, heads, attention_dropout, dropout)
        self.ffn = _dense(hidden, intermediate)
        self.ffn_output = _dense(intermediate, hidden)
        self.activation = nn.GELU(approximate=False)
        self.dropout = nn.Dropout(p=dropout)

    def construct(self, x: Tensor, mask: Tensor, *_: object) -> tuple[Tensor, Tensor]:
        attended, weights = self.attention(x, mask)
        forward = self.ffn_output(self.activation(self.ffn(attended)))
        return self.full_layer_layer_norm(forward + attended), weights


class AlbertLayerGroup(nn.Cell):
    """A group of one layer."""

    def __init__(self, *layer: int | float):
        super().__init__()
        self.albert_layers = nn.CellList([AlbertLayer(*layer)])

    def construct(self, x: Tensor, mask: Tensor, *_: object) -> tuple[Tensor, tuple[Tensor]]:
        x, weights = self.albert_layers[0](x, mask)
        return x, (weights,)


class AlbertTransformer(nn.Cell):
    """One group of layers, run again and again."""

    def __init__(self, features: int, hidden: int, times: int, *layer: int | float):
        super().__init__()
        self.times = times
        self.embedding_hidden_mapping_in = _dense(features, hidden)
        self.albert_layer_groups = nn.CellList([AlbertLayerGroup(hidden, *layer)])

    def construct(self, x: Tensor, mask: Tensor, **_: object) -> tuple[Tensor, tuple[Tensor, ...]]:
        x = self.embedding_hidden_mapping_in(x)
        attentions = ()
        for _ in range(self.times):
            x, weights = self.albert_layer_groups[0](x, mask)
            attentions += weights
        return x, attentions


class AlbertModel(nn.Cell):
    """Without a pooler, in whose place None is returned."""

    def __init__(
        self,
        vocab_size: int,
        embedding_size: int,
        hidden_size: int,
        num_hidden_layers: int,
        num_attention_heads: int,
        intermediate_size: int,
        max_position_embeddings: int,
        type_vocab_size: int,
        attention_probs_dropout_prob: float,
        hidden_dropout_prob: float,
    ):
        super().__init__()
        self.embeddings = AlbertEmbeddings(
            vocab_size,
            embedding_size,
            max_position_embeddings,
            type_vocab_size,
            hidden_dropout_prob,
        )
        self.encoder = AlbertTransformer(
            embedding_size,
            hidden_size,
            num_hidden_layers,
            num_attention_heads,
            intermediate_size,
            attention_probs_dropout_prob,
            hidden_dropout_prob,
        )

    def construct(
        self, input_ids: Tensor, attention_mask: Tensor, **_: object
    ) -> tuple[Tensor, None, tuple[Tensor, ...]]:
        x = self.embeddings(input_ids, token_type_ids=ops.zeros_like(input_ids))
        mask = (1.0 - attention_mask[:, None, None, :].astype(dtype.float32)) * LOWEST
        x, attentions = self.encoder(x, mask)
        return x, None, attentions


class AlbertMLMHead(nn.Cell):
    """Hidden states to logits over the vocabulary, by the table of the words' embeddings."""

    def __init__(self, hidden: int, features: int, vocab_size: int, table: Parameter):
        super().__init__()
        self.LayerNorm = _norm(features)
        self.bias = Parameter(initializer("zeros", (vocab_size,)), name="bias")
        self.dense = _dense(hidden, features)
        self.decoder = _dense(features, vocab_size)
        self.decoder.weight = table
        self.decoder.bias = self.bias
        self.activation = nn.GELU(approximate=False)

    def construct(self, x: Tensor) -> Tensor:
        return self.decoder(self.LayerNorm(self.activation(self.dense(x))))


class AlbertForMaskedLM(nn.Cell):
    """Token ids and a mask of ones and zeros (N, T) to logits and a tuple of attentions."""

    def __init__(self, **settings: int | float):
        super().__init__()
        self.albert = AlbertModel(**settings)
        self.predictions = AlbertMLMHead(
            settings["hidden_size"],
            settings["embedding_size"],
            settings["vocab_size"],
            self.albert.embeddings.word_embeddings.embedding_table,
        )

    def construct(
        self, input_ids: Tensor, attention_mask: Tensor
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        x, _, attentions = self.albert(input_ids, attention_mask)
        return self.predictions(x), attentions
