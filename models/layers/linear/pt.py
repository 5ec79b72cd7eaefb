"""torch's linear layers and embeddings, as they are, and EmbeddingBag with bags of its own."""

import torch
from torch import Tensor, nn
from torch.nn import Bilinear, Embedding, EmbeddingBag, Linear

__all__ = ["Bilinear", "Embedding", "EmbeddingBag", "EmbeddingBagOf", "Linear"]


class EmbeddingBagOf(nn.Module):
    """An EmbeddingBag over one row of ids, cut into bags at ``offsets``."""

    def __init__(self, offsets: tuple[int, ...], **settings: object):
        super().__init__()
        self.bag = EmbeddingBag(**settings)
        self.offsets = torch.tensor(offsets)

    def forward(self, ids: Tensor, per_sample_weights: Tensor | None = None) -> Tensor:
        return self.bag(ids, self.offsets, per_sample_weights)
