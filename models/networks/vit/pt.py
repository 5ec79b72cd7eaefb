"""torchvision's Vision Transformer, as it is."""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models.vision_transformer import VisionTransformer  # noqa: E402  see above

__all__ = ["VisionTransformer"]
