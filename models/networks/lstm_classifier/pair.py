"""An LSTM text classifier: whole sequences, and padded ones with their lengths."""

from harness import Input, Pair, Variant

_HERE = "models.networks.lstm_classifier"
_SMALL = {"vocab_size": 20, "embedding_dim": 8, "hidden_size": 6, "num_classes": 3}
_FULL = {"vocab_size": 25_000, "embedding_dim": 300, "hidden_size": 256, "num_classes": 2}


def _ids(*shape: int, words: int = 20) -> Input:
    return Input(shape, "int64", "integers", low=0, high=words)


def _lengths(batch: int, longest: int) -> Input:
    return Input((batch,), "int32", "integers", low=1, high=longest + 1)


#: Dropout between the LSTM's layers is drawn inside torch's kernel: it stays 0.
PAIR = Pair(
    name="networks.lstm_classifier",
    torch=f"{_HERE}.pt:LSTMClassifier",
    mindspore=f"{_HERE}.ms:LSTMClassifier",
    variants={
        "default": Variant(_SMALL, [_ids(4, 7)]),
        "one_way": Variant({**_SMALL, "bidirectional": False}, [_ids(4, 7)], slow=True),
        "packed": Variant(
            {**_SMALL, "num_layers": 2, "packed": True}, [_ids(4, 7), _lengths(4, 7)], slow=True
        ),
        "full": Variant(
            {**_FULL, "num_layers": 2, "packed": True},
            [_ids(8, 40, words=25_000), _lengths(8, 40)],
            slow=True,
        ),
    },
    has_state=False,
)
