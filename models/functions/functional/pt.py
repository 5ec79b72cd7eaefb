"""torch.nn.functional: activations, normalisations, pools and what goes with them, as they are."""

from torch import Tensor
from torch.nn import functional as F

from models.functions.common.pt import module

relu = module(F.relu)
relu6 = module(F.relu6)
leaky_relu = module(F.leaky_relu)
elu = module(F.elu)
selu = module(F.selu)
celu = module(F.celu)
gelu = module(F.gelu)
silu = module(F.silu)
mish = module(F.mish)
hardswish = module(F.hardswish)
hardsigmoid = module(F.hardsigmoid)
hardtanh = module(F.hardtanh)
softplus = module(F.softplus)
softsign = module(F.softsign)
logsigmoid = module(F.logsigmoid)
glu = module(F.glu)
threshold = module(F.threshold)
softmax = module(F.softmax)
log_softmax = module(F.log_softmax)
softmin = module(F.softmin)

dropout = module(F.dropout)

max_pool2d = module(F.max_pool2d)
avg_pool2d = module(F.avg_pool2d)
adaptive_avg_pool2d = module(F.adaptive_avg_pool2d)
adaptive_max_pool2d = module(F.adaptive_max_pool2d)

embedding = module(F.embedding)
scaled_dot_product_attention = module(F.scaled_dot_product_attention)
cross_entropy = module(F.cross_entropy)
mse_loss = module(F.mse_loss)


@module
def layer_norm(
    x: Tensor, *affine: Tensor, normalized_shape: tuple[int, ...], eps: float = 1e-5
) -> Tensor:
    return F.layer_norm(x, normalized_shape, *affine, eps=eps)


@module
def rms_norm(
    x: Tensor, *weight: Tensor, normalized_shape: tuple[int, ...], eps: float = 1e-6
) -> Tensor:
    return F.rms_norm(x, normalized_shape, *weight, eps=eps)


@module
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
    mean, var = running_mean.detach(), running_var.detach()
    return F.batch_norm(x, mean, var, weight, bias, training, eps=eps)


@module
def group_norm(x: Tensor, *affine: Tensor, num_groups: int, eps: float = 1e-5) -> Tensor:
    return F.group_norm(x, num_groups, *affine, eps=eps)


@module
def instance_norm(x: Tensor, *affine: Tensor, eps: float = 1e-5) -> Tensor:
    return F.instance_norm(x, None, None, *affine, eps=eps)
