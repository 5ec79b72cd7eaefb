"""torch's recurrent layers: as they are, called with initial states, and on padded sequences."""

from torch import Tensor, int64, nn
from torch.nn import GRU, LSTM, RNN, GRUCell, RNNCell
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "RNNCell"]


class LSTMCell(nn.Module):
    """The states as two inputs."""

    def __init__(self, **settings: int | bool):
        super().__init__()
        self.cell = nn.LSTMCell(**settings)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return self.cell(x, (h, c))


class StatefulLSTM(nn.Module):
    """The initial states as two inputs."""

    def __init__(self, **settings: int | bool):
        super().__init__()
        self.rnn = nn.LSTM(**settings)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        return self.rnn(x, (h, c))


class _OfLengths:
    """Packs by length, runs the layer, pads again to the length that the input had."""

    batch_first: bool

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        steps = x.shape[1 if self.batch_first else 0]
        first, unsorted = {"batch_first": self.batch_first}, {"enforce_sorted": False}
        packed = pack_padded_sequence(x, lengths.to(int64), **first, **unsorted)
        output, state = super().forward(packed)
        return pad_packed_sequence(output, **first, total_length=steps)[0], state


class LengthsRNN(_OfLengths, nn.RNN):
    """An RNN on padded sequences."""


class LengthsLSTM(_OfLengths, nn.LSTM):
    """An LSTM on padded sequences."""


class LengthsGRU(_OfLengths, nn.GRU):
    """A GRU on padded sequences."""
