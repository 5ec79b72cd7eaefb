"""A small language model: Embedding, LSTM, an output layer tied to the embedding."""

from torch import Tensor, nn

from seeded.nets.sizes import EMBEDDED, HIDDEN, WORDS


class Text(nn.Module):
    """Word ids (N, T) to word logits (N, WORDS) and a confidence (N, 1) that trains alone."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, EMBEDDED, padding_idx=0)
        self.lstm = nn.LSTM(EMBEDDED, HIDDEN, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.project = nn.Linear(HIDDEN, EMBEDDED)
        self.decoder = nn.Linear(EMBEDDED, WORDS)
        self.decoder.weight = self.embedding.weight
        self.confidence = nn.Linear(HIDDEN, 1)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        out, _ = self.lstm(self.embedding(ids))
        last = self.dropout(out[:, -1])
        return self.decoder(self.project(last)), self.confidence(last.detach())
