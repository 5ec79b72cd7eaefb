"""torch's padding layers in MindSpore.

ops.pad, nn's and mint's layers count as torch does, from the last dimension on (left, right, top,
bottom, ...), but nn.Pad and ops.Pad in pairs from the first.

The constant mode of ops.pad, which nn.ConstantPad and nn.ZeroPad2d use, is not safe to train with:
an amount below zero, in its gradient above all, is right once, then wrong, and then hangs.
"""

from mindspore import Tensor, nn, ops

Amounts = int | tuple[int, ...]

ReflectionPad1d = nn.ReflectionPad1d
ReflectionPad2d = nn.ReflectionPad2d
ReflectionPad3d = nn.ReflectionPad3d
ReplicationPad1d = nn.ReplicationPad1d
ReplicationPad2d = nn.ReplicationPad2d
ReplicationPad3d = nn.ReplicationPad3d


def _spread(padding: Amounts, dimensions: int) -> tuple[int, ...]:
    return (padding,) * (2 * dimensions) if isinstance(padding, int) else tuple(padding)


class ConstantPad(nn.Cell):
    """Crops by amounts below zero, pads by ops.Pad, which knows zeros only, and fills in the value.

    amounts: as torch counts them, for every dimension behind (N, C).
    """

    def __init__(self, amounts: tuple[int, ...], value: float):
        super().__init__()
        pairs = list(zip(amounts[::2], amounts[1::2]))[::-1]
        self.padding = amounts
        self.value = value
        self.crops = [
            (axis, max(-before, 0), max(-after, 0))
            for axis, (before, after) in enumerate(pairs, 2)
            if min(before, after) < 0
        ]
        self.pad = ops.Pad(
            ((0, 0), (0, 0), *((max(before, 0), max(after, 0)) for before, after in pairs))
        )

    def construct(self, x: Tensor) -> Tensor:
        for axis, before, after in self.crops:
            x = ops.narrow(x, axis, before, x.shape[axis] - before - after)
        padded = self.pad(x)
        if self.value != 0:
            padded = ops.masked_fill(padded, self.pad(ops.ones_like(x)) == 0, self.value)
        return padded


def ConstantPad1d(padding: Amounts, value: float) -> ConstantPad:
    """In place of nn.ConstantPad1d, for the sake of its gradient."""
    return ConstantPad(_spread(padding, 1), value)


def ConstantPad2d(padding: Amounts, value: float) -> ConstantPad:
    """In place of nn.ConstantPad2d, for the sake of its gradient."""
    return ConstantPad(_spread(padding, 2), value)


def ConstantPad3d(padding: Amounts, value: float) -> ConstantPad:
    """In place of nn.ConstantPad3d, for the sake of its gradient."""
    return ConstantPad(_spread(padding, 3), value)


def ZeroPad1d(padding: Amounts) -> ConstantPad:
    """A ConstantPad1d of zeros; nn has none."""
    return ConstantPad1d(padding, 0.0)


def ZeroPad2d(padding: Amounts) -> ConstantPad:
    """A ConstantPad2d of zeros, in place of nn.ZeroPad2d, for the sake of its gradient."""
    return ConstantPad2d(padding, 0.0)


def ZeroPad3d(padding: Amounts) -> ConstantPad:
    """A ConstantPad3d of zeros; nn has none."""
    return ConstantPad3d(padding, 0.0)


class Pad(nn.Cell):
    """ops.pad, in the words of torch.nn.functional.pad."""

    def __init__(self, padding: tuple[int, ...], mode: str, value: float | None = None):
        super().__init__()
        self.padding = padding
        self.mode = mode
        self.value = value

    def construct(self, x: Tensor) -> Tensor:
        return ops.pad(x, self.padding, self.mode, self.value)


def CircularPad1d(padding: Amounts) -> Pad:
    """Values from the other end, by ops.pad; nn has no such layer."""
    return Pad(_spread(padding, 1), "circular")


def CircularPad2d(padding: Amounts) -> Pad:
    """Values from the other end, by ops.pad; nn has no such layer."""
    return Pad(_spread(padding, 2), "circular")


def CircularPad3d(padding: Amounts) -> Pad:
    """Values from the other end, by ops.pad; nn has no such layer."""
    return Pad(_spread(padding, 3), "circular")


def OpsConstantPad2d(padding: tuple[int, ...], value: float) -> Pad:
    """F.pad(x, padding, "constant", value)."""
    return Pad(padding, "constant", value)


def OpsReflectionPad2d(padding: tuple[int, ...]) -> Pad:
    """F.pad(x, padding, "reflect")."""
    return Pad(padding, "reflect")


def OpsReplicationPad2d(padding: tuple[int, ...]) -> Pad:
    """F.pad(x, padding, "replicate")."""
    return Pad(padding, "replicate")
