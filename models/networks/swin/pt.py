"""torchvision's Swin Transformer, as it is."""

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision.models.swin_transformer import SwinTransformer  # noqa: E402  see above

__all__ = ["SwinTransformer"]
