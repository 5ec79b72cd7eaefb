"""BERT, a bidirectional text encoder, with the key names of its published weights.

Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding" (2018).
"""

import math

import torch
from torch import Tensor, nn


class BertEmbeddings(nn.Module):
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
        self.word_embeddings = nn.Embedding(vocab_size, hidden_size, padding_idx=0)
        self.position_embeddings = nn.Embedding(max_position_embeddings, hidden_size)
        self.token_type_embeddings = nn.Embedding(type_vocab_size, hidden_size)
        self.LayerNorm = nn.LayerNorm(hidden_size, eps=eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor) -> Tensor:
        positions = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.word_embeddings(input_ids) + self.token_type_embeddings(token_type_ids)
        x = x + self.position_embeddings(positions)
        return self.dropout(self.LayerNorm(x))


class BertSelfAttention(nn.Module):
    """Self-attention of (N, T, hidden_size); ``mask`` is added to the scores."""

    def __init__(self, hidden_size: int, num_attention_heads: int, dropout: float):
        super().__init__()
        self.num_attention_heads = num_attention_heads
        self.query = nn.Linear(hidden_size, hidden_size)
        self.key = nn.Linear(hidden_size, hidden_size)
        self.value = nn.Linear(hidden_size, hidden_size)
        self.dropout = nn.Dropout(dropout)

    def _heads(self, x: Tensor) -> Tensor:
        n, t, width = x.shape
        heads = self.num_attention_heads
        return x.reshape(n, t, heads, width // heads).transpose(1, 2)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        query, key = self._heads(self.query(x)), self._heads(self.key(x))
        value = self._heads(self.value(x))
        scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1]) + mask
        weights = self.dropout(torch.softmax(scores, -1))
        return (weights @ value).transpose(1, 2).reshape(x.shape)


class BertOutput(nn.Module):
    """A linear layer back to the hidden size, added to what came before, normalised."""

    def __init__(self, in_features: int, hidden_size: int, dropout: float, eps: float):
        super().__init__()
        self.dense = nn.Linear(in_features, hidden_size)
        self.LayerNorm = nn.LayerNorm(hidden_size, eps=eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, before: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(x)) + before)


class BertAttention(nn.Module):
    """Self-attention and its output layer."""

    def __init__(self, hidden_size: int, num_attention_heads: int, dropout: float, eps: float):
        super().__init__()
        self.self = BertSelfAttention(hidden_size, num_attention_heads, dropout)
        self.output = BertOutput(hidden_size, hidden_size, dropout, eps)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.output(self.self(x, mask), x)


class BertIntermediate(nn.Module):
    """The wide linear layer and its GELU."""

    def __init__(self, hidden_size: int, intermediate_size: int):
        super().__init__()
        self.dense = nn.Linear(hidden_size, intermediate_size)
        self.intermediate_act_fn = nn.GELU()

    def forward(self, x: Tensor) -> Tensor:
        return self.intermediate_act_fn(self.dense(x))


class BertLayer(nn.Module):
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

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.attention(x, mask)
        return self.output(self.intermediate(x), x)


class BertEncoder(nn.Module):
    """The layers one after the other."""

    def __init__(self, num_hidden_layers: int, **settings: object):
        super().__init__()
        self.layer = nn.ModuleList(BertLayer(**settings) for _ in range(num_hidden_layers))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        for layer in self.layer:
            x = layer(x, mask)
        return x


class BertPooler(nn.Module):
    """The first token through a linear layer and tanh."""

    def __init__(self, hidden_size: int):
        super().__init__()
        self.dense = nn.Linear(hidden_size, hidden_size)
        self.activation = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.dense(x[:, 0]))


class Bert(nn.Module):
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
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
        with torch.no_grad():
            self.embeddings.word_embeddings.weight[0].zero_()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor
    ) -> tuple[Tensor, Tensor]:
        x = self.embeddings(input_ids, token_type_ids)
        mask = (1 - attention_mask[:, None, None, :].to(x.dtype)) * -10000.0
        x = self.encoder(x, mask)
        return x, self.pooler(x)
