"""EfficientNet: torchvision's own.

Source: Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019).
"""

from collections.abc import Sequence
from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable
from torchvision.models.efficientnet import EfficientNet, MBConvConfig  # noqa: E402


def efficientnet_b0(
    stages: Sequence[Sequence[int]] | None = None, dropout: float = 0.2, **kwargs: Any
) -> EfficientNet:
    """The published network, or one of other stages: a row of MBConvConfig each."""
    if stages is None:
        return models.efficientnet_b0(dropout=dropout, **kwargs)
    return EfficientNet([MBConvConfig(*row) for row in stages], dropout, **kwargs)
