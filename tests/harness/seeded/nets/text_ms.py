"""The small language model in MindSpore; attribute names and order follow ``text_pt.py``."""

from mindspore import Tensor, nn, ops
from mindspore.common.initializer import Normal

from seeded.nets.sizes import EMBEDDED, HIDDEN, WORDS


class PaddedEmbedding(nn.Embedding):
    """An Embedding whose word 0 gets no gradient, as torch's ``padding_idx``."""

    def construct(self, ids: Tensor) -> Tensor:
        found = super().construct(ids)
        return ops.where((ids != 0).expand_dims(-1), found, ops.stop_gradient(found))


class Text(nn.Cell):
    """Word ids (N, T) to word logits (N, WORDS) and a confidence (N, 1) that trains alone."""

    def __init__(self):
        super().__init__()
        self.embedding = PaddedEmbedding(
            WORDS, EMBEDDED, embedding_table=Normal(1.0), padding_idx=0
        )
        self.lstm = nn.LSTM(EMBEDDED, HIDDEN, batch_first=True)
        self.dropout = nn.Dropout(p=0.2)
        self.project = nn.Dense(HIDDEN, EMBEDDED)
        self.decoder = nn.Dense(EMBEDDED, WORDS)
        self.decoder.weight = self.embedding.embedding_table
        self.confidence = nn.Dense(HIDDEN, 1)

    def construct(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        out, _ = self.lstm(self.embedding(ids))
        last = self.dropout(out[:, -1])
        return self.decoder(self.project(last)), self.confidence(ops.stop_gradient(last))
