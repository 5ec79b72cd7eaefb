"""g2p_en's and g2pM's networks in MindSpore; attribute names and order follow ``pt.py``."""

from mindspore import Tensor, nn, ops

from models.layers.linear.ms import Embedding
from models.layers.recurrent.ms import GRU, LSTM


class G2p(nn.Cell):
    """Letters (N, T) of given lengths and the phonemes so far (N, S) to logits (N, S, phonemes)."""

    def __init__(self, graphemes: int, phonemes: int, features: int, hidden: int):
        super().__init__()
        sizes = {"input_size": features, "hidden_size": hidden, "batch_first": True}
        self.enc_emb = Embedding(graphemes, features)
        self.enc = GRU(**sizes)
        self.dec_emb = Embedding(phonemes, features)
        self.dec = GRU(**sizes)
        self.fc = nn.Dense(hidden, phonemes)

    def construct(self, graphemes: Tensor, lengths: Tensor, phonemes: Tensor) -> Tensor:
        encoded, _ = self.enc(self.enc_emb(graphemes))
        state = encoded[ops.arange(encoded.shape[0]), lengths - 1].expand_dims(0)
        outputs, _ = self.dec(self.dec_emb(phonemes), state)
        return self.fc(outputs)


class G2pM(nn.Cell):
    """Sentences (N, T) of Chinese characters to logits (N, T, readings)."""

    def __init__(self, characters: int, readings: int, features: int, hidden: int):
        super().__init__()
        self.embedding = Embedding(characters, features)
        self.lstm = LSTM(
            input_size=features, hidden_size=hidden, batch_first=True, bidirectional=True
        )
        self.logit_layer = nn.SequentialCell(
            nn.Dense(2 * hidden, hidden), nn.ReLU(), nn.Dense(hidden, readings)
        )

    def construct(self, characters: Tensor) -> Tensor:
        outputs, _ = self.lstm(self.embedding(characters))
        return self.logit_layer(outputs)
