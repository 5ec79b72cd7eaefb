"""torch's recurrent layers in MindSpore: gate order, parameter names and two biases are torch's.

There is no proj_size, no unbatched input, and cells must be given their states. Padded sequences
need no packing: the layer takes their lengths.
"""

from mindspore import Tensor, nn


def _arguments(
    input_size: int,
    hidden_size: int,
    num_layers: int = 1,
    bias: bool = True,
    batch_first: bool = False,
    dropout: float = 0.0,
    bidirectional: bool = False,
    **more: str,
) -> dict[str, object]:
    """torch's arguments in MindSpore's terms: has_bias for bias; dropout must be a float."""
    return {
        "input_size": input_size,
        "hidden_size": hidden_size,
        "num_layers": num_layers,
        "has_bias": bias,
        "batch_first": batch_first,
        "dropout": float(dropout),
        "bidirectional": bidirectional,
        **more,
    }


def RNN(**settings: object) -> nn.RNN:
    """``nonlinearity`` is taken by keyword only there."""
    return nn.RNN(**_arguments(**settings))


def LSTM(**settings: object) -> nn.LSTM:
    """The same."""
    return nn.LSTM(**_arguments(**settings))


def GRU(**settings: object) -> nn.GRU:
    """The same."""
    return nn.GRU(**_arguments(**settings))


def RNNCell(
    input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh"
) -> nn.RNNCell:
    """The state must be given."""
    return nn.RNNCell(input_size, hidden_size, has_bias=bias, nonlinearity=nonlinearity)


def GRUCell(input_size: int, hidden_size: int, bias: bool = True) -> nn.GRUCell:
    """The state must be given."""
    return nn.GRUCell(input_size, hidden_size, has_bias=bias)


class LSTMCell(nn.Cell):
    """The states, which must be given, as two inputs."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__()
        self.cell = nn.LSTMCell(input_size, hidden_size, has_bias=bias)

    def construct(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        return self.cell(x, (h, c))


class StatefulLSTM(nn.Cell):
    """The initial states as two inputs."""

    def __init__(self, **settings: object):
        super().__init__()
        self.rnn = LSTM(**settings)

    def construct(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        return self.rnn(x, (h, c))


class LengthsRNN(nn.RNN):
    """An RNN on padded sequences."""

    def __init__(self, **settings: object):
        super().__init__(**_arguments(**settings))

    def construct(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        return super().construct(x, None, lengths)


class LengthsLSTM(nn.LSTM):
    """An LSTM on padded sequences."""

    def __init__(self, **settings: object):
        super().__init__(**_arguments(**settings))

    def construct(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        return super().construct(x, None, lengths)


class LengthsGRU(nn.GRU):
    """A GRU on padded sequences."""

    def __init__(self, **settings: object):
        super().__init__(**_arguments(**settings))

    def construct(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        return super().construct(x, None, lengths)
