"""Forms in mindspore.ops that do not compute what torch computes on CPU."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


@cell
def interpolate_bicubic(x: Tensor, *, size: tuple[int, int], align_corners: bool = False) -> Tensor:
    return ops.interpolate(x, size, None, "bicubic", align_corners)
