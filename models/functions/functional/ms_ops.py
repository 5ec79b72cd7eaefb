"""Forms in mindspore.ops that a port cannot use on CPU: no kernel, or a wrong gradient."""

from mindspore import Tensor, ops

from models.functions.common.ms import cell

selu = cell(ops.selu)
embedding = cell(ops.embedding)


@cell
def layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    normalized_shape: tuple[int, ...],
    eps: float = 1e-5,
) -> Tensor:
    return ops.layer_norm(x, normalized_shape, weight, bias, eps)
