"""The same functions of mindspore.mint, which has torch's names and arguments."""

from mindspore import Tensor, mint
from mindspore.mint.nn import functional as F

from models.functions.common.ms import cell

matmul = cell(mint.matmul)
mm = cell(mint.mm)
bmm = cell(mint.bmm)
mv = cell(mint.mv)
dot = cell(mint.dot)
outer = cell(mint.outer)
addmm = cell(mint.addmm)
baddbmm = cell(mint.baddbmm)
addbmm = cell(mint.addbmm)
addmv = cell(mint.addmv)
trace = cell(mint.trace)
linear = cell(F.linear)
conv1d = cell(F.conv1d)
conv2d = cell(F.conv2d)
conv3d = cell(F.conv3d)


@cell
def cross(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    return mint.cross(x, y, dim)


@cell
def einsum(*tensors: Tensor, equation: str) -> Tensor:
    return mint.einsum(equation, *tensors)
