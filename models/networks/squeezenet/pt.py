"""SqueezeNet: torchvision's own.

Source: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and < 0.5MB
model size" (2016).
"""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models import SqueezeNet  # noqa: E402  after what makes it importable

__all__ = ["SqueezeNet"]
