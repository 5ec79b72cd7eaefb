"""DenseNet: torchvision's own.

Source: Huang et al., "Densely Connected Convolutional Networks" (2016).
"""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models import DenseNet  # noqa: E402  after what makes it importable

__all__ = ["DenseNet"]
