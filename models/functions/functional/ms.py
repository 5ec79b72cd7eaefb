"""torch.nn.functional in MindSpore: activations, normalisations, pools and what goes with them."""

import math

from mindspore import Tensor, ops

from models.functions.common.ms import cell

relu = cell(ops.relu)
relu6 = cell(ops.relu6)
celu = cell(ops.celu)
gelu = cell(ops.gelu)
silu = cell(ops.silu)
mish = cell(ops.mish)
hardswish = cell(ops.hardswish)
hardsigmoid = cell(ops.hardsigmoid)
softplus = cell(ops.softplus)
softsign = cell(ops.softsign)
logsigmoid = cell(ops.logsigmoid)
adaptive_avg_pool2d = cell(ops.adaptive_avg_pool2d)
adaptive_max_pool2d = cell(ops.adaptive_max_pool2d)
max_pool2d = cell(ops.max_pool2d)
cross_entropy = cell(ops.cross_entropy)
mse_loss = cell(ops.mse_loss)


@cell
def leaky_relu(x: Tensor, *, negative_slope: float = 0.01) -> Tensor:
    """ops.leaky_relu has a slope of 0.2 by default."""
    return ops.leaky_relu(x, negative_slope)


@cell
def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    """ops.elu takes no other alpha than 1 on CPU."""
    return ops.where(x > 0, x, alpha * ops.elu(x))


@cell
def selu(x: Tensor) -> Tensor:
    """The gradient of ops.selu is wrong below 0 on CPU."""
    return 1.0507009873554805 * ops.where(x > 0, x, 1.6732632423543772 * ops.elu(x))


@cell
def hardtanh(x: Tensor, *, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    return ops.hardtanh(x, min_val, max_val)


@cell
def glu(x: Tensor, *, dim: int = -1) -> Tensor:
    return ops.glu(x, dim)


@cell
def threshold(x: Tensor, *, threshold: float, value: float) -> Tensor:
    return ops.threshold(x, threshold, value)


@cell
def softmax(x: Tensor, *, dim: int) -> Tensor:
    return ops.softmax(x, dim)


@cell
def log_softmax(x: Tensor, *, dim: int) -> Tensor:
    return ops.log_softmax(x, dim)


@cell
def softmin(x: Tensor, *, dim: int) -> Tensor:
    return ops.softmin(x, dim)


@cell
def layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    normalized_shape: tuple[int, ...],
    eps: float = 1e-5,
) -> Tensor:
    """ops.layer_norm has no kernel on CPU; the primitive has one, and wants weight and bias."""
    axis = x.ndim - len(normalized_shape)
    weight = ops.ones(normalized_shape, x.dtype) if weight is None else weight
    bias = ops.zeros(normalized_shape, x.dtype) if bias is None else bias
    return ops.LayerNorm(axis, axis, eps)(x, weight, bias)[0]


@cell
def rms_norm(
    x: Tensor, weight: Tensor, *, normalized_shape: tuple[int, ...], eps: float = 1e-6
) -> Tensor:
    """ops.rms_norm has no kernel on CPU and wants a weight."""
    dims = tuple([-i - 1 for i in range(len(normalized_shape))])
    return x * ops.rsqrt((x * x).mean(dims, True) + eps) * weight


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
    """The running statistics are no tensors to differentiate by."""
    mean, var = ops.stop_gradient(running_mean), ops.stop_gradient(running_var)
    return ops.batch_norm(x, mean, var, weight, bias, training, eps=eps)


@cell
def group_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    num_groups: int,
    eps: float = 1e-5,
) -> Tensor:
    return ops.group_norm(x, num_groups, weight, bias, eps)


@cell
def instance_norm(
    x: Tensor, weight: Tensor | None = None, bias: Tensor | None = None, *, eps: float = 1e-5
) -> Tensor:
    """There is no ops.instance_norm: each channel is a group of its own."""
    return ops.group_norm(x, x.shape[1], weight, bias, eps)


@cell
def dropout(x: Tensor, *, p: float = 0.5, training: bool = True) -> Tensor:
    return ops.dropout(x, p, training)


@cell
def avg_pool2d(
    x: Tensor,
    *,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The stride is 1 by default in ops."""
    stride = kernel_size if stride is None else stride
    return ops.avg_pool2d(x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@cell
def embedding(indices: Tensor, weight: Tensor, *, padding_idx: int | None = None) -> Tensor:
    """ops.embedding has no kernel on CPU; no gradient reaches the row of padding_idx."""
    rows = ops.gather(weight, indices, 0)
    if padding_idx is None:
        return rows
    return ops.where((indices == padding_idx).unsqueeze(-1), ops.stop_gradient(rows), rows)


@cell
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """Written out; there is no ops.scaled_dot_product_attention."""
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = ops.matmul(query * scale, ops.swapaxes(key, -1, -2))
    if is_causal:
        later = ops.triu(ops.ones(scores.shape[-2:], scores.dtype), 1) > 0
        scores = ops.masked_fill(scores, later, float("-inf"))
    if mask is not None:
        scores = scores + mask
    return ops.matmul(ops.softmax(scores, -1), value)
