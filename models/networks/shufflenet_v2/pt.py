"""ShuffleNetV2: torchvision's own.

Source: Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design"
(2018).
"""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models import ShuffleNetV2  # noqa: E402  after what makes it importable

__all__ = ["ShuffleNetV2"]
