"""MobileNetV3: torchvision's own.

Source: Howard et al., "Searching for MobileNetV3" (2019).
"""

from collections.abc import Sequence
from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3  # noqa: E402


def mobilenet_v3_large(
    blocks: Sequence[Sequence[Any]] | None = None, last_channel: int = 1280, **kwargs: Any
) -> MobileNetV3:
    """The published network, or one of other blocks: a row of InvertedResidualConfig each."""
    if blocks is None:
        return models.mobilenet_v3_large(**kwargs)
    setting = [InvertedResidualConfig(*row, width_mult=1.0) for row in blocks]
    return MobileNetV3(setting, last_channel, **kwargs)
