"""What a torch initializer fills a tensor with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from harness.backends.torch_arrays import numpy_of


def draw(
    factory: Callable[..., Any], shape: Sequence[int], arguments: Mapping[str, Any]
) -> np.ndarray:
    """factory(tensor, **arguments) fills in place."""
    with torch.no_grad():
        tensor = torch.empty(*shape).fill_(torch.nan)
        factory(tensor, **arguments)
        return numpy_of(tensor)
