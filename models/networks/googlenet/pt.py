"""GoogLeNet: torchvision's own, with BatchNorm and 3x3 convolutions for 5x5 ones.

Source: Szegedy et al., "Going Deeper with Convolutions" (2014).
"""

from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable


def googlenet(**kwargs: Any) -> models.GoogLeNet:
    """The published network, its weights drawn as the published training draws them."""
    return models.GoogLeNet(init_weights=True, **kwargs)
