"""Inception-v3: torchvision's own.

Source: Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2015).
"""

from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable


def inception_v3(**kwargs: Any) -> models.Inception3:
    """The published network, its weights drawn as the published training draws them."""
    return models.Inception3(init_weights=True, **kwargs)
