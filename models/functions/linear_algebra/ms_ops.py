"""Further forms in mindspore.ops."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell


@cell
def einsum(*tensors: Tensor, equation: str) -> Tensor:
    return ops.einsum(equation, *tensors)
