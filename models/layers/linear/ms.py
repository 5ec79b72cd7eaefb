"""torch's linear layers and embeddings in MindSpore.

An id beyond the table gives zeros on CPU, where torch raises.
"""

from mindspore import Parameter, Tensor, nn, ops
from mindspore.common.initializer import Normal, initializer


def Dense(in_features: int, out_features: int, bias: bool = True) -> nn.Dense:
    """A Dense with torch's arguments; its weight is (out, in) as in torch."""
    return nn.Dense(in_features, out_features, has_bias=bias)


def Bilinear(
    in1_features: int, in2_features: int, out_features: int, bias: bool = True
) -> nn.BiDense:
    """A BiDense with torch's arguments."""
    return nn.BiDense(in1_features, in2_features, out_features, has_bias=bias)


class PaddedEmbedding(nn.Embedding):
    """nn.Embedding whose padding row gets no gradient: the stock layer trains it."""

    def construct(self, ids: Tensor) -> Tensor:
        rows = super().construct(ids)
        padding = ops.expand_dims(ids == self.padding_idx, -1)
        return ops.where(padding, ops.stop_gradient(rows), rows)


def Embedding(
    num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
) -> nn.Embedding:
    """An Embedding with torch's arguments and initial values: nn's standard deviation is 0.01.

    max_norm and scale_grad_by_freq are mint's only.
    """
    normal = Normal(1.0)
    if padding_idx is None:
        return nn.Embedding(num_embeddings, embedding_dim, embedding_table=normal)
    return PaddedEmbedding(
        num_embeddings,
        embedding_dim,
        embedding_table=normal,
        padding_idx=padding_idx % num_embeddings,
    )


def NNEmbedding(num_embeddings: int, embedding_dim: int, padding_idx: int) -> nn.Embedding:
    """The stock layer, which trains the padding row."""
    return nn.Embedding(
        num_embeddings, embedding_dim, embedding_table=Normal(1.0), padding_idx=padding_idx
    )


class EmbeddingBag(nn.Cell):
    """torch's, which MindSpore has not: rows are gathered, then reduced bag by bag.

    A bag that is empty, or holds padding only, gives zeros.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        mode: str = "mean",
        padding_idx: int | None = None,
    ):
        super().__init__()
        self.weight = Parameter(
            initializer(Normal(1.0), (num_embeddings, embedding_dim)), name="weight"
        )
        self.mode = mode
        self.padding_idx = -1 if padding_idx is None else padding_idx % num_embeddings
        if padding_idx is not None:
            self.weight[self.padding_idx] = 0

    def construct(
        self, ids: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """ids: (bags, ids) or, with the first position of each bag in offsets, (ids,)."""
        if offsets is None:
            bags = ids.shape[0]
            bag = ops.repeat_interleave(ops.arange(bags), ids.shape[1])
            ids = ids.reshape(-1)
        else:
            bags = offsets.shape[0]
            position = ops.arange(ids.shape[0])
            bag = (position.expand_dims(1) >= offsets.expand_dims(0)).astype(ids.dtype).sum(1) - 1
        counts = (ids != self.padding_idx).astype(self.weight.dtype).expand_dims(1)
        rows = ops.gather(self.weight, ids, 0)
        if self.mode == "max":
            lowest = ops.full_like(rows, -3.4e38)
            highest = ops.unsorted_segment_max(ops.where(counts > 0, rows, lowest), bag, bags)
            filled = ops.unsorted_segment_sum(counts, bag, bags) > 0
            return ops.where(filled, highest, ops.zeros_like(highest))
        if per_sample_weights is not None:  # in mode "sum" only
            rows = rows * per_sample_weights.reshape(-1, 1)
        total = ops.unsorted_segment_sum(rows * counts, bag, bags)
        if self.mode == "sum":
            return total
        return total / ops.unsorted_segment_sum(counts, bag, bags).clamp(min=1)


class EmbeddingBagOf(nn.Cell):
    """An EmbeddingBag over one row of ids, cut into bags at ``offsets``."""

    def __init__(self, offsets: tuple[int, ...], **settings: object):
        super().__init__()
        self.bag = EmbeddingBag(**settings)
        self.offsets = Tensor(offsets)

    def construct(self, ids: Tensor, per_sample_weights: Tensor | None = None) -> Tensor:
        return self.bag(ids, self.offsets, per_sample_weights)
