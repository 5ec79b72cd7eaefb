"""torch's normalization layers in MindSpore.

nn's layers call weight and bias gamma and beta, and keep them, frozen, where torch has none
(affine=False, bias=False). mint's take torch's arguments and names as they are.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from mindspore import Parameter, Tensor, int64, nn, ops

Shape = int | tuple[int, ...]


def batch_norm(
    layer: Callable[..., nn.Cell],
    num_features: int,
    eps: float = 1e-5,
    momentum: float = 0.1,
    affine: bool = True,
    track_running_stats: bool = True,
) -> nn.Cell:
    """A BatchNorm of nn with torch's arguments: momentum there is the share of the old statistics.

    Without tracking, batches are normalized by their own statistics in eval mode, too.
    """
    statistics = None if track_running_stats else True
    return layer(
        num_features,
        eps=eps,
        momentum=1 - momentum,
        affine=affine,
        use_batch_statistics=statistics,
    )


BatchNorm1d = partial(batch_norm, nn.BatchNorm1d)
BatchNorm2d = partial(batch_norm, nn.BatchNorm2d)
BatchNorm3d = partial(batch_norm, nn.BatchNorm3d)
#: Statistics over all processes of a job, in a job of one a BatchNorm; 2-D and 4-D inputs only.
SyncBatchNorm = partial(batch_norm, nn.SyncBatchNorm)


class CumulativeBatchNorm2d(nn.BatchNorm2d):
    """torch's momentum=None: running statistics are the average over all batches so far."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: None = None):
        super().__init__(num_features, eps=eps, momentum=1.0)  # it leaves the statistics alone
        self.num_batches_tracked = Parameter(
            Tensor(np.int64(0)), name="num_batches_tracked", requires_grad=False
        )

    def construct(self, x: Tensor) -> Tensor:
        if self.training:
            ops.assign_add(self.num_batches_tracked, Tensor(1, int64))
            mean = x.mean((0, 2, 3))
            variance = x.var((0, 2, 3), ddof=1)
            ops.assign_add(self.moving_mean, (mean - self.moving_mean) / self.num_batches_tracked)
            ops.assign_add(
                self.moving_variance,
                (variance - self.moving_variance) / self.num_batches_tracked,
            )
        return super().construct(x)


class OpsBatchNorm2d(nn.Cell):
    """ops.batch_norm; its momentum is torch's."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        ones, zeros = np.ones(num_features, "float32"), np.zeros(num_features, "float32")
        self.weight = Parameter(Tensor(ones), name="weight")
        self.bias = Parameter(Tensor(zeros), name="bias")
        self.running_mean = Parameter(Tensor(zeros), name="running_mean", requires_grad=False)
        self.running_var = Parameter(Tensor(ones), name="running_var", requires_grad=False)
        self.eps = eps
        self.momentum = momentum

    def construct(self, x: Tensor) -> Tensor:
        return ops.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training,
            self.momentum,
            self.eps,
        )


class LayerNormOverAxes(nn.LayerNorm):
    """nn.LayerNorm over several last axes, whatever the rank: nn counts axes from the first."""

    def construct(self, x: Tensor) -> Tensor:
        flat = x.reshape((*x.shape[: -len(self.normalized_shape)], -1))
        gamma, beta = self.gamma.reshape(-1), self.beta.reshape(-1)
        return self.layer_norm(flat, gamma, beta)[0].reshape(x.shape)


def LayerNorm(
    normalized_shape: Shape,
    eps: float = 1e-5,
    elementwise_affine: bool = True,
    bias: bool = True,
) -> nn.LayerNorm:
    """nn normalizes the last axis only, and its epsilon is 1e-7."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    kind = nn.LayerNorm if len(shape) == 1 else LayerNormOverAxes
    layer = kind(shape, epsilon=eps)
    layer.gamma.requires_grad = elementwise_affine
    layer.beta.requires_grad = elementwise_affine and bias
    return layer


class OpsLayerNorm(nn.Cell):
    """ops.layer_norm, in torch's words."""

    def __init__(self, normalized_shape: tuple[int, ...], eps: float = 1e-5):
        super().__init__()
        self.weight = Parameter(Tensor(np.ones(normalized_shape, "float32")), name="weight")
        self.bias = Parameter(Tensor(np.zeros(normalized_shape, "float32")), name="bias")
        self.normalized_shape = normalized_shape
        self.eps = eps

    def construct(self, x: Tensor) -> Tensor:
        return ops.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)


GroupNorm = nn.GroupNorm


def InstanceNorm(
    num_features: int,
    eps: float = 1e-5,
    momentum: float = 0.1,
    affine: bool = False,
    track_running_stats: bool = False,
) -> nn.Cell:
    """torch's of any dimension: a GroupNorm of one channel a group, which every device runs.

    torch has no weight and bias by default, nn's InstanceNorm has.
    """
    if track_running_stats:
        return TrackedInstanceNorm(num_features, eps, momentum, affine)
    return nn.GroupNorm(num_features, num_features, eps, affine)


class TrackedInstanceNorm(nn.GroupNorm):
    """torch's track_running_stats=True: eval mode normalizes by the running statistics."""

    def __init__(self, num_features: int, eps: float, momentum: float, affine: bool):
        super().__init__(num_features, num_features, eps, affine)
        zeros, ones = np.zeros(num_features, "float32"), np.ones(num_features, "float32")
        self.running_mean = Parameter(Tensor(zeros), name="running_mean", requires_grad=False)
        self.running_var = Parameter(Tensor(ones), name="running_var", requires_grad=False)
        self.momentum = momentum
        self.bn_infer = ops.BatchNorm(is_training=False, epsilon=eps)

    def construct(self, x: Tensor) -> Tensor:
        planes = x.reshape((x.shape[0], x.shape[1], -1, 1))
        if self.training:
            mean = planes.mean((2, 3)).mean(0)
            variance = planes.var((2, 3), ddof=1).mean(0)
            ops.assign_add(self.running_mean, self.momentum * (mean - self.running_mean))
            ops.assign_add(self.running_var, self.momentum * (variance - self.running_var))
            return super().construct(x)
        statistics = self.running_mean, self.running_var
        return self.bn_infer(planes, self.gamma, self.beta, *statistics)[0].reshape(x.shape)


class RMSNorm(nn.Cell):
    """torch's, of elementary operations; torch's eps is the smallest step above 1 by default."""

    def __init__(
        self, normalized_shape: Shape, eps: float | None = None, elementwise_affine: bool = True
    ):
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else normalized_shape
        self.axes = tuple(range(-len(shape), 0))
        self.eps = float(np.finfo("float32").eps) if eps is None else eps
        self.weight = None
        if elementwise_affine:
            self.weight = Parameter(Tensor(np.ones(shape, "float32")), name="weight")

    def construct(self, x: Tensor) -> Tensor:
        normalized = x * ops.rsqrt((x * x).mean(self.axes, keep_dims=True) + self.eps)
        return normalized if self.weight is None else normalized * self.weight


class OpsRMSNorm(nn.Cell):
    """ops.rms_norm, which returns the factors, too; its epsilon is 1e-6 by default."""

    def __init__(self, normalized_shape: int, eps: float):
        super().__init__()
        self.weight = Parameter(Tensor(np.ones(normalized_shape, "float32")), name="weight")
        self.eps = eps

    def construct(self, x: Tensor) -> Tensor:
        return ops.rms_norm(x, self.weight, self.eps)[0]


def LocalResponseNorm(
    size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> nn.Cell:
    """nn.LRN, which sums over its window where torch takes the mean, and knows odd windows only."""
    if size % 2:
        return nn.LRN(depth_radius=size // 2, bias=k, alpha=alpha / size, beta=beta)
    return AnyLocalResponseNorm(size, alpha, beta, k)


class AnyLocalResponseNorm(nn.Cell):
    """Any window, of elementary operations; an even one reaches further down than up."""

    def __init__(self, size: int, alpha: float, beta: float, k: float):
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k
        self.pad = ops.Pad(((0, 0), (size // 2, (size - 1) // 2), (0, 0), (0, 0)))

    def construct(self, x: Tensor) -> Tensor:
        squares = self.pad(x * x)
        total = squares[:, : x.shape[1]]
        for first in range(1, self.size):
            total = total + squares[:, first : first + x.shape[1]]
        return x / (self.k + self.alpha / self.size * total) ** self.beta
