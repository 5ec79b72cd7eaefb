"""Further forms in mindspore.ops and of Tensor."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

roll = cell(ops.roll)


@cell
def index_rows(x: Tensor, index: Tensor) -> Tensor:
    return x[index]


@cell
def slice_steps(x: Tensor) -> Tensor:
    return x[:, :, ::2, ::2]


@cell
def scatter(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return ops.scatter(x, dim, index, src)


@cell
def index_select(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return ops.index_select(x, dim, index)
