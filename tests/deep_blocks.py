"""A deep stack of small convolutions on large planes: little to compute, much to remember."""

import torch
from mindspore import nn

from harness import Input, Pair, Variant

CHANNELS = 4


class Block(torch.nn.Module):
    """Convolution, BatchNorm, ReLU, and the input added."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.bn = torch.nn.BatchNorm2d(CHANNELS)
        self.relu = torch.nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.relu(self.bn(self.conv(x)))


def original() -> torch.nn.Module:
    """27 blocks, three containers deep."""

    def nested(depth: int) -> torch.nn.Module:
        return torch.nn.Sequential(*(nested(depth - 1) for _ in range(3))) if depth else Block()

    return nested(3)


class PortedBlock(nn.Cell):
    """The same in MindSpore."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(CHANNELS, CHANNELS, 3, pad_mode="pad", padding=1)
        self.bn = nn.BatchNorm2d(CHANNELS, eps=eps)
        self.relu = nn.ReLU()

    def construct(self, x):
        return x + self.relu(self.bn(self.conv(x)))


def port(wrong: str = "") -> nn.Cell:
    """The same in MindSpore; the block at one path has another eps."""

    def nested(depth: int, path: str = "") -> nn.Cell:
        if depth == 0:
            return PortedBlock(1e-3 if path == wrong else 1e-5)
        cells = (nested(depth - 1, f"{path}.{i}".lstrip(".")) for i in range(3))
        return nn.SequentialCell(*cells)

    return nested(3)


def wrong_port() -> nn.Cell:
    return port(wrong="1.2.0")


def _pair(name: str, ported: str, side: int) -> Pair:
    return Pair(
        f"networks.{name}", "deep_blocks:original", f"deep_blocks:{ported}",
        inputs=(Input((4, CHANNELS, side, side)),),
        variants={"default": Variant()},
    )  # fmt: skip


#: Every activation has 1 MB; 4 KB in the small ones.
DEEP = _pair("deep_blocks", "port", 128)
SMALL = _pair("small_blocks", "port", 8)
WRONG = _pair("wrong_blocks", "wrong_port", 8)
