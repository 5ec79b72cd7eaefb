"""A sequence classifier: embedding, sinusoidal positions, torch.nn.TransformerEncoder.

Source: Vaswani et al., "Attention Is All You Need" (2017), as used in PyTorch's tutorials.
"""

import math

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    """Sines and cosines of the position, added to (N, T, d_model)."""

    def __init__(self, d_model: int, dropout: float, max_len: int):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        position = torch.arange(max_len, dtype=torch.float64)[:, None]
        even = torch.arange(0, d_model, 2, dtype=torch.float64)
        angle = position * torch.exp(even * (-math.log(10000.0) / d_model))
        pe = torch.stack([angle.sin(), angle.cos()], -1).reshape(1, max_len, d_model)
        self.register_buffer("pe", pe.float())

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(x + self.pe[:, : x.shape[1]])


class TransformerModel(nn.Module):
    """Word ids (N, T) to logits (N, T, num_classes); no position looks at padding.

    dropout: of the positions only; torch draws that within its attention itself.
    """

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
        self.embedding = nn.Embedding(ntoken, d_model)
        self.pos_encoder = PositionalEncoding(d_model, dropout, max_len)
        layer = nn.TransformerEncoderLayer(
            d_model,
            nhead,
            d_hid,
            dropout=0.0,
            activation=activation,
            batch_first=True,
            norm_first=norm_first,
        )
        norm = nn.LayerNorm(d_model) if norm_first else None
        # Nested tensors would zero padded positions, in eval mode only.
        self.transformer_encoder = nn.TransformerEncoder(
            layer, nlayers, norm, enable_nested_tensor=False
        )
        self.linear = nn.Linear(d_model, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        nn.init.uniform_(self.linear.weight, -0.1, 0.1)
        nn.init.zeros_(self.linear.bias)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.pos_encoder(self.embedding(ids) * math.sqrt(self.d_model))
        x = self.transformer_encoder(x, src_key_padding_mask=ids == self.padding_idx)
        return self.linear(x)
