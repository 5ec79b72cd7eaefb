"""torch.nn.MaxPool2d in MindSpore: stride defaults to 1 there, padding needs pad_mode="pad"."""

from mindspore import nn


def MaxPool2d(
    kernel_size: int, stride: int | None = None, padding: int = 0, ceil_mode: bool = False
) -> nn.MaxPool2d:
    """A MaxPool2d with torch's arguments; it pads with minus infinity as torch does."""
    return nn.MaxPool2d(
        kernel_size,
        stride=kernel_size if stride is None else stride,
        pad_mode="pad",
        padding=padding,
        ceil_mode=ceil_mode,
    )
