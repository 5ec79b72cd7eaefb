"""The same functions of mindspore.mint.nn.functional, which has torch's names and arguments."""

from mindspore import Tensor, ops
from mindspore.mint.nn import functional as F

from models.functions.common.ms import cell

relu = cell(F.relu)
relu6 = cell(F.relu6)
leaky_relu = cell(F.leaky_relu)
elu = cell(F.elu)
selu = cell(F.selu)
gelu = cell(F.gelu)
silu = cell(F.silu)
mish = cell(F.mish)
hardswish = cell(F.hardswish)
hardsigmoid = cell(F.hardsigmoid)
softplus = cell(F.softplus)
logsigmoid = cell(F.logsigmoid)
glu = cell(F.glu)
threshold = cell(F.threshold)
softmax = cell(F.softmax)
log_softmax = cell(F.log_softmax)
dropout = cell(F.dropout)
max_pool2d = cell(F.max_pool2d)
avg_pool2d = cell(F.avg_pool2d)
adaptive_avg_pool2d = cell(F.adaptive_avg_pool2d)
adaptive_max_pool2d = cell(F.adaptive_max_pool2d)
embedding = cell(F.embedding)
cross_entropy = cell(F.cross_entropy)
mse_loss = cell(F.mse_loss)


@cell
def layer_norm(
    x: Tensor, *affine: Tensor, normalized_shape: tuple[int, ...], eps: float = 1e-5
) -> Tensor:
    return F.layer_norm(x, normalized_shape, *affine, eps=eps)


@cell
def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    training: bool = False,
    eps: float = 1e-5,
) -> Tensor:
    mean, var = ops.stop_gradient(running_mean), ops.stop_gradient(running_var)
    return F.batch_norm(x, mean, var, weight, bias, training, eps=eps)


@cell
def group_norm(x: Tensor, *affine: Tensor, num_groups: int, eps: float = 1e-5) -> Tensor:
    return F.group_norm(x, num_groups, *affine, eps=eps)
