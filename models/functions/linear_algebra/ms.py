"""torch's products of matrices and vectors, and the functions that convolve, in MindSpore."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

matmul = cell(ops.matmul)
mm = cell(ops.mm)
bmm = cell(ops.bmm)
mv = cell(ops.mv)
outer = cell(ops.outer)
inner = cell(ops.inner)
addmm = cell(ops.addmm)
baddbmm = cell(ops.baddbmm)
addbmm = cell(ops.addbmm)
addmv = cell(ops.addmv)
kron = cell(ops.kron)
trace = cell(ops.trace)
linear = cell(ops.dense)


@cell
def dot(x: Tensor, y: Tensor) -> Tensor:
    """ops.dot is numpy's, of tensors of two dimensions or more."""
    return (x * y).sum()


@cell
def tensordot(x: Tensor, y: Tensor, *, dims: int | tuple[tuple[int, ...], ...]) -> Tensor:
    """torch.tensordot is ops.tensor_dot."""
    return ops.tensor_dot(x, y, dims)


@cell
def cross(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    return ops.cross(x, y, dim)


@cell
def conv1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """padding counts with pad_mode "pad" only."""
    return ops.conv1d(x, weight, bias, stride, "pad", padding, dilation, groups)


@cell
def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    groups: int = 1,
) -> Tensor:
    """padding counts with pad_mode "pad" only."""
    return ops.conv2d(x, weight, bias, stride, "pad", padding, dilation, groups)


@cell
def conv3d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """padding counts with pad_mode "pad" only."""
    return ops.conv3d(x, weight, bias, stride, "pad", padding, dilation, groups)


@cell
def einsum(*tensors: Tensor, equation: str) -> Tensor:
    """CPU has no kernel of einsum: each equation is what it stands for."""
    if equation == "bij,bjk->bik":
        return ops.bmm(tensors[0], tensors[1])
    if equation == "bhqd,bhkd->bhqk":
        return ops.matmul(tensors[0], ops.swapaxes(tensors[1], -1, -2))
    if equation == "bqhd,bkhd->bhqk":
        return ops.matmul(tensors[0].permute(0, 2, 1, 3), tensors[1].permute(0, 2, 3, 1))
    if equation == "nchw,cd->ndhw":
        return ops.matmul(tensors[0].permute(0, 2, 3, 1), tensors[1]).permute(0, 3, 1, 2)
    if equation == "i,j->ij":
        return ops.outer(tensors[0], tensors[1])
    if equation == "bi,bi->b":
        return (tensors[0] * tensors[1]).sum(-1)
    if equation == "bchw->bc":
        return tensors[0].sum((2, 3))
    return ops.swapaxes(tensors[0], -1, -2)  # "bij->bji"
