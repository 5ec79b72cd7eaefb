"""Forms in mindspore.ops that do not compute what torch computes on CPU."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


@cell
def nan_amax(x: Tensor, *, dim: int) -> Tensor:
    return ops.amax(ops.masked_fill(x, x > 0.5, float("nan")), dim)
