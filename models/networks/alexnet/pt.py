"""AlexNet: torchvision's own.

Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014).
"""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models import AlexNet  # noqa: E402  after what makes it importable

__all__ = ["AlexNet"]
