"""ConvNeXt: torchvision's own.

Source: Liu et al., "A ConvNet for the 2020s" (2022).
"""

from collections.abc import Sequence
from typing import Any

from harness.backends.vision import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402  after what makes it importable
from torchvision.models.convnext import CNBlockConfig, ConvNeXt  # noqa: E402


def convnext_tiny(
    stages: Sequence[Sequence[int | None]] | None = None,
    stochastic_depth_prob: float = 0.1,
    **kwargs: Any,
) -> ConvNeXt:
    """The published network, or one of other stages: a row of CNBlockConfig each."""
    kwargs["stochastic_depth_prob"] = stochastic_depth_prob
    if stages is None:
        return models.convnext_tiny(**kwargs)
    return ConvNeXt([CNBlockConfig(*row) for row in stages], **kwargs)
