"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint

from models.functions.common.ms import cell

reshape = cell(mint.reshape)
permute = cell(mint.permute)
transpose = cell(mint.transpose)
squeeze = cell(mint.squeeze)
unsqueeze = cell(mint.unsqueeze)
flatten = cell(mint.flatten)
tile = cell(mint.tile)
repeat_interleave = cell(mint.repeat_interleave)


@cell
def swapaxes(x: Tensor, *, axis0: int, axis1: int) -> Tensor:
    return mint.swapaxes(x, axis0, axis1)


@cell
def broadcast_to(x: Tensor, *, size: tuple[int, ...]) -> Tensor:
    return mint.broadcast_to(x, size)


@cell
def cat(*tensors: Tensor, dim: int = 0) -> Tensor:
    return mint.cat(tensors, dim)


@cell
def stack(*tensors: Tensor, dim: int = 0) -> Tensor:
    return mint.stack(tensors, dim)


@cell
def hstack(*tensors: Tensor) -> Tensor:
    return mint.hstack(tensors)


@cell
def meshgrid(*tensors: Tensor, indexing: str) -> tuple[Tensor, ...]:
    return mint.meshgrid(*tensors, indexing=indexing)
