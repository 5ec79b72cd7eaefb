"""torch's functions that give a tensor another shape, in MindSpore."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

reshape = cell(ops.reshape)
unsqueeze = cell(ops.unsqueeze)
movedim = cell(ops.movedim)
tile = cell(ops.tile)


@cell
def view(x: Tensor, *, shape: tuple[int, ...]) -> Tensor:
    return x.view(shape)


@cell
def view_as(x: Tensor, other: Tensor) -> Tensor:
    return x.view_as(other)


@cell
def permute(x: Tensor, *, dims: tuple[int, ...]) -> Tensor:
    return ops.permute(x, dims)


@cell
def transpose(x: Tensor, *, dim0: int, dim1: int) -> Tensor:
    """ops.transpose and x.transpose take a whole permutation."""
    return ops.swapaxes(x, dim0, dim1)


@cell
def swapaxes(x: Tensor, *, axis0: int, axis1: int) -> Tensor:
    return ops.swapaxes(x, axis0, axis1)


@cell
def t(x: Tensor) -> Tensor:
    return ops.t(x)


@cell
def mT(x: Tensor) -> Tensor:
    return ops.swapaxes(x, -2, -1)


@cell
def squeeze(x: Tensor, *, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """torch leaves a dimension that is not 1 as it is; ops.squeeze raises."""
    if dim is None:
        return ops.squeeze(x)
    dims = (dim,) if isinstance(dim, int) else dim
    ones = tuple([d for d in dims if x.shape[d] == 1])
    return ops.squeeze(x, ones) if ones else x  # ops.squeeze(x, ()) takes all out


@cell
def flatten(x: Tensor, *, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """ops.flatten starts at 1 by default."""
    return ops.flatten(x, start_dim=start_dim, end_dim=end_dim)


@cell
def unflatten(x: Tensor, *, dim: int, sizes: tuple[int, ...]) -> Tensor:
    """There is no ops.unflatten."""
    dim = dim % x.ndim
    return x.reshape(x.shape[:dim] + sizes + x.shape[dim + 1 :])


@cell
def broadcast_to(x: Tensor, *, size: tuple[int, ...]) -> Tensor:
    return ops.broadcast_to(x, size)


@cell
def expand(x: Tensor, *, sizes: tuple[int, ...]) -> Tensor:
    return ops.broadcast_to(x, sizes)


@cell
def expand_as(x: Tensor, other: Tensor) -> Tensor:
    return x.expand_as(other)


@cell
def repeat(x: Tensor, *, repeats: tuple[int, ...]) -> Tensor:
    """Tensor.repeat of numpy repeats elements; tile is torch's repeat."""
    return ops.tile(x, repeats)


@cell
def repeat_interleave(x: Tensor, *, repeats: int, dim: int | None = None) -> Tensor:
    return ops.repeat_interleave(x, repeats, dim)


@cell
def cat(*tensors: Tensor, dim: int = 0) -> Tensor:
    return ops.cat(tensors, dim)


@cell
def stack(*tensors: Tensor, dim: int = 0) -> Tensor:
    return ops.stack(tensors, dim)


@cell
def hstack(*tensors: Tensor) -> Tensor:
    return ops.hstack(tensors)


@cell
def vstack(*tensors: Tensor) -> Tensor:
    return ops.vstack(tensors)


@cell
def meshgrid(*tensors: Tensor, indexing: str) -> tuple[Tensor, ...]:
    """ops.meshgrid defaults to "xy", torch to "ij"."""
    return ops.meshgrid(*tensors, indexing=indexing)
