"""Two networks that read text aloud, which their packages publish as arrays and run in NumPy."""

import torch
from torch import Tensor, nn


class G2p(nn.Module):
    """g2p_en's: letters (N, T) of given lengths and the phonemes so far (N, S) to logits.

    Logits (N, S, phonemes) are of the phoneme that follows each. Beyond its length a word is
    padded; the decoder starts from the encoder's output at the word's end.
    """

    def __init__(self, graphemes: int, phonemes: int, features: int, hidden: int):
        super().__init__()
        self.enc_emb = nn.Embedding(graphemes, features)
        self.enc = nn.GRU(features, hidden, batch_first=True)
        self.dec_emb = nn.Embedding(phonemes, features)
        self.dec = nn.GRU(features, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, phonemes)

    def forward(self, graphemes: Tensor, lengths: Tensor, phonemes: Tensor) -> Tensor:
        encoded, _ = self.enc(self.enc_emb(graphemes))
        state = encoded[torch.arange(len(encoded)), lengths - 1].unsqueeze(0)
        outputs, _ = self.dec(self.dec_emb(phonemes), state)
        return self.fc(outputs)


class G2pM(nn.Module):
    """g2pM's: sentences (N, T) of Chinese characters to logits (N, T, readings)."""

    def __init__(self, characters: int, readings: int, features: int, hidden: int):
        super().__init__()
        self.embedding = nn.Embedding(characters, features)
        self.lstm = nn.LSTM(features, hidden, batch_first=True, bidirectional=True)
        self.logit_layer = nn.Sequential(
            nn.Linear(2 * hidden, hidden), nn.ReLU(), nn.Linear(hidden, readings)
        )

    def forward(self, characters: Tensor) -> Tensor:
        outputs, _ = self.lstm(self.embedding(characters))
        return self.logit_layer(outputs)
