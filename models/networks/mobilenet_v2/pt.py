"""MobileNetV2: torchvision's own.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018).
"""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models import MobileNetV2  # noqa: E402  after what makes it importable

__all__ = ["MobileNetV2"]
