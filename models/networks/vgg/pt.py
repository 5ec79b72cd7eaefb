"""VGG: torchvision's own.

Source: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition"
(2014).
"""

from collections.abc import Sequence
from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable
from torchvision.models.vgg import VGG, make_layers  # noqa: E402


def vgg16_bn(layers: Sequence[int | str] | None = None, **kwargs: Any) -> VGG:
    """The published network, or one of other layers: channels, "M" for a max pooling."""
    if layers is None:
        return models.vgg16_bn(**kwargs)
    return VGG(make_layers(list(layers), batch_norm=True), **kwargs)
