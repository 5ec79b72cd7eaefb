"""torch's norms, distances and similarities in MindSpore."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


def _norm(x: Tensor, p: float, dim: int) -> Tensor:
    """The norm along dim, kept; of zeros it has the gradient 0, not NaN."""
    zero = (x == 0).all(dim, True)
    return ops.where(zero, 0.0, ops.vector_norm(ops.where(zero, 1.0, x), p, dim, True))


def _normalized(x: Tensor, p: float, dim: int, eps: float) -> Tensor:
    return x / ops.maximum(_norm(x, p, dim), eps)


@cell
def cosine_similarity(x: Tensor, y: Tensor, *, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """eps bounds each norm; ops.cosine_similarity bounds their product."""
    return (_normalized(x, 2.0, dim, eps) * _normalized(y, 2.0, dim, eps)).sum(dim)


@cell
def pairwise_distance(
    x: Tensor, y: Tensor, *, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """There is no ops.pairwise_distance; eps is added to every difference, as in torch."""
    return ops.vector_norm(x - y + eps, p, -1, keepdim)


@cell
def cdist(x: Tensor, y: Tensor, *, p: float = 2.0) -> Tensor:
    return ops.cdist(x, y, p)


@cell
def norm(
    x: Tensor,
    *,
    p: float | str = 2,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
) -> Tensor:
    """torch.norm is of vectors, also over two dimensions."""
    return ops.vector_norm(x, p, dim, keepdim)


@cell
def vector_norm(
    x: Tensor,
    *,
    ord: float = 2,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
) -> Tensor:
    return ops.vector_norm(x, ord, dim, keepdim)


@cell
def linalg_norm(
    x: Tensor,
    *,
    ord: float | str | None = None,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
) -> Tensor:
    return ops.norm(x, ord, dim, keepdim)


@cell
def normalize(x: Tensor, *, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """nn.L2Normalize and ops.L2Normalize go along dimension 0 by default."""
    return _normalized(x, p, dim, eps)


@cell
def normalize_zero_rows(x: Tensor, kept: Tensor) -> Tensor:
    return _normalized(x * kept, 2.0, 1, 1e-12)


@cell
def cosine_similarity_zero_rows(x: Tensor, y: Tensor, kept: Tensor) -> Tensor:
    return (_normalized(x * kept, 2.0, 1, 1e-8) * _normalized(y, 2.0, 1, 1e-8)).sum(1)
