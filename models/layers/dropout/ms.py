"""torch's dropout layers in MindSpore.

The first positional argument of nn.Dropout is keep_prob: nn.Dropout(0.1) drops 90 % and must be
written nn.Dropout(p=0.1). ops.dropout drops in eval mode, too, unless told.
nn.Dropout1d, 2d and 3d take no integer.
"""

from mindspore import Tensor, nn, ops

#: What SELU's negative side tends to: alpha * scale, negated.
SATURATED = -1.7580993408473766


def Dropout(p: float = 0.5, inplace: bool = False) -> nn.Dropout:
    """``inplace`` changes memory only, never values, and is dropped."""
    return nn.Dropout(p=p)


def Dropout1d(p: float = 0.5, inplace: bool = False) -> nn.Dropout1d:
    """Drops whole channels of (N, C, L)."""
    return nn.Dropout1d(p=float(p))


def Dropout2d(p: float = 0.5, inplace: bool = False) -> nn.Dropout2d:
    """Drops whole channels of (N, C, H, W)."""
    return nn.Dropout2d(p=float(p))


def Dropout3d(p: float = 0.5, inplace: bool = False) -> nn.Dropout3d:
    """Drops whole channels of (N, C, D, H, W)."""
    return nn.Dropout3d(p=float(p))


class OpsDropout(nn.Cell):
    """ops.dropout, told whether to drop."""

    def __init__(self, p: float = 0.5):
        super().__init__()
        self.p = p

    def construct(self, x: Tensor) -> Tensor:
        return ops.dropout(x, self.p, self.training)


class AlphaDropout(nn.Cell):
    """torch's, which MindSpore has not: sets to SELU's saturated value, keeps mean and variance."""

    def __init__(self, p: float = 0.5, inplace: bool = False):
        super().__init__()
        self.p = p
        self.scale = (1 - p + SATURATED**2 * (1 - p) * p) ** -0.5
        self.shift = -self.scale * SATURATED * p
        self.keep = nn.Dropout(p=p)

    def construct(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        kept = self.keep(ops.ones(self.mask_shape(x), x.dtype)) > 0
        return self.scale * ops.where(kept, x, ops.full_like(x, SATURATED)) + self.shift

    def mask_shape(self, x: Tensor) -> tuple[int, ...]:
        """Every element is dropped or kept for itself."""
        return x.shape


class FeatureAlphaDropout(AlphaDropout):
    """torch's, which MindSpore has not: AlphaDropout of whole channels."""

    def mask_shape(self, x: Tensor) -> tuple[int, ...]:
        """Whole channels are dropped or kept."""
        return x.shape[:2] + (1,) * (x.ndim - 2)
