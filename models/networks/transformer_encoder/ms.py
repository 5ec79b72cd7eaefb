"""The Transformer encoder in MindSpore; attribute names and order follow ``pt.py``.

nn.TransformerEncoderLayer calls linear1 and linear2 dense1 and dense2.
"""

import math

import numpy as np
from mindspore import Parameter, Tensor, nn
from mindspore.common.initializer import Uniform

from models.layers.attention.ms import TransformerEncoder


class PositionalEncoding(nn.Cell):
    """Sines and cosines of the position, added to (N, T, d_model)."""

    def __init__(self, d_model: int, dropout: float, max_len: int):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = np.arange(max_len, dtype="float64")[:, None]
        even = np.arange(0, d_model, 2, dtype="float64")
        angle = position * np.exp(even * (-math.log(10000.0) / d_model))
        pe = np.stack([np.sin(angle), np.cos(angle)], -1).reshape(1, max_len, d_model)
        self.pe = Parameter(Tensor(pe.astype("float32")), name="pe", requires_grad=False)

    def construct(self, x: Tensor) -> Tensor:
        return self.dropout(x + self.pe[:, : x.shape[1]])


class TransformerModel(nn.Cell):
    """Word ids (N, T) to logits (N, T, num_classes); no position looks at padding."""

    def __init__(
        self,
        ntoken: int,
        d_model: int,
        nhead: int,
        d_hid: int,
        nlayers: int,
        num_classes: int,
        max_len: int = 5000,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
        padding_idx: int = 0,
    ):
        super().__init__()
        self.d_model = d_model
        self.padding_idx = padding_idx
        self.embedding = nn.Embedding(ntoken, d_model, embedding_table=Uniform(0.1))
        self.pos_encoder = PositionalEncoding(d_model, dropout, max_len)
        self.transformer_encoder = TransformerEncoder(
            nlayers,
            final_norm=norm_first,
            d_model=d_model,
            nhead=nhead,
            dim_feedforward=d_hid,
            dropout=0.0,
            activation=activation,
            batch_first=True,
            norm_first=norm_first,
        )
        self.linear = nn.Dense(d_model, num_classes, weight_init=Uniform(0.1), bias_init="zeros")

    def construct(self, ids: Tensor) -> Tensor:
        x = self.pos_encoder(self.embedding(ids) * math.sqrt(self.d_model))
        x = self.transformer_encoder(x, src_key_padding_mask=ids == self.padding_idx)
        return self.linear(x)
