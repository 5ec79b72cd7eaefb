"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint
from mindspore.mint.nn import functional as F

from models.functions.common.ms import cell

norm = cell(mint.norm)
cdist = cell(mint.cdist)
normalize = cell(F.normalize)


@cell
def linalg_norm(
    x: Tensor,
    *,
    ord: float | str | None = None,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
) -> Tensor:
    return mint.linalg.norm(x, ord, dim, keepdim)


@cell
def vector_norm(
    x: Tensor,
    *,
    ord: float = 2,
    dim: int | tuple[int, ...] | None = None,
    keepdim: bool = False,
) -> Tensor:
    return mint.linalg.vector_norm(x, ord, dim, keepdim)
