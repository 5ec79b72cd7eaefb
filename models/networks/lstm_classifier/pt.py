"""A text classifier: embedding, (bidirectional) LSTM, a linear layer on its last states."""

import torch
from torch import Tensor, int64, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class PackedLSTM(nn.LSTM):
    """An LSTM on padded sequences (N, T, E) of lengths (N,): outputs and last states h."""

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        packed = pack_padded_sequence(x, lengths.to(int64), batch_first=True, enforce_sorted=False)
        output, (h, _) = super().forward(packed)
        return pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])[0], h


class LSTMClassifier(nn.Module):
    """Word ids (N, T), and lengths (N,) where packed, to logits (N, num_classes)."""

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        hidden_size: int,
        num_classes: int,
        num_layers: int = 1,
        bidirectional: bool = True,
        dropout: float = 0.5,
        padding_idx: int = 0,
        packed: bool = False,
    ):
        super().__init__()
        self.packed = packed
        self.bidirectional = bidirectional
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=padding_idx)
        self.lstm = (PackedLSTM if packed else nn.LSTM)(
            embedding_dim,
            hidden_size,
            num_layers=num_layers,
            batch_first=True,
            bidirectional=bidirectional,
        )
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear((2 if bidirectional else 1) * hidden_size, num_classes)

    def forward(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = self.dropout(self.embedding(ids))
        if self.packed:
            _, h = self.lstm(x, lengths)
        else:
            _, (h, _) = self.lstm(x)
        last = torch.cat((h[-2], h[-1]), 1) if self.bidirectional else h[-1]
        return self.fc(self.dropout(last))
