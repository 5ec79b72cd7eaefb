"""The text classifier in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn, ops

from models.layers.linear.ms import Embedding


class _OfLengths(nn.Cell):
    """nn.LSTM's kernel of one layer and direction on padded sequences (T, N, E).

    Given lengths, the stock one is composed of CPU kernels whose tanh is off by 1e-4.
    """

    def __init__(self, kernel: nn.Cell):
        super().__init__()
        self.kernel = kernel

    def construct(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor],
        lengths: Tensor,
        w_ih: Tensor,
        w_hh: Tensor,
        b_ih: Tensor | None,
        b_hh: Tensor | None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        output, (_, c) = self.kernel(x, state, None, w_ih, w_hh, b_ih, b_hh)
        step = ops.arange(x.shape[0]).reshape(-1, 1, 1)
        lengths = lengths.reshape(1, -1, 1)
        zeros = ops.zeros_like(output)
        h = ops.where(step == lengths - 1, output, zeros).sum(0)
        return ops.where(step < lengths, output, zeros), (h, c)


class PackedLSTM(nn.LSTM):
    """An LSTM on padded sequences (N, T, E) of lengths (N,): outputs and last states h.

    Its c is that of the last step, and not returned.
    """

    def __init__(self, *sizes: int, **settings: object):
        super().__init__(*sizes, **settings)
        self.rnn = _OfLengths(self.rnn)

    def construct(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        output, (h, _) = super().construct(x, None, lengths)
        return output, h


class LSTMClassifier(nn.Cell):
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
        self.embedding = Embedding(vocab_size, embedding_dim, padding_idx=padding_idx)
        self.lstm = (PackedLSTM if packed else nn.LSTM)(
            embedding_dim,
            hidden_size,
            num_layers=num_layers,
            batch_first=True,
            bidirectional=bidirectional,
        )
        self.dropout = nn.Dropout(p=dropout)
        self.fc = nn.Dense((2 if bidirectional else 1) * hidden_size, num_classes)

    def construct(self, ids: Tensor, lengths: Tensor | None = None) -> Tensor:
        x = self.dropout(self.embedding(ids))
        if self.packed:
            _, h = self.lstm(x, lengths)
        else:
            _, (h, _) = self.lstm(x)
        last = ops.cat((h[-2], h[-1]), 1) if self.bidirectional else h[-1]
        return self.fc(self.dropout(last))
