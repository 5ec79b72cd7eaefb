"""What a torch initializer fills a tensor with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from harness.backends.torch_arrays import numpy_of


def draw(
    factory: Callable[..., Any], shape: Sequence[int], arguments: Mapping[str, Any], seed: int
) -> np.ndarray:
    """factory(tensor, **arguments) fills in place; under a seed of its own."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed % 2**63)
        tensor = torch.empty(*shape).fill_(torch.nan)
        factory(tensor, **arguments)
        return numpy_of(tensor)
