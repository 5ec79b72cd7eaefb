"""Forms in mindspore.ops that do not compute what torch computes."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


@cell
def cosine_similarity(x: Tensor, y: Tensor, *, dim: int = 1, eps: float = 1e-8) -> Tensor:
    return ops.cosine_similarity(x, y, dim, eps)


@cell
def normalize_zero_rows(x: Tensor, kept: Tensor) -> Tensor:
    x = x * kept
    return x / ops.maximum(ops.vector_norm(x, 2, 1, True), 1e-12)
