"""What a MindSpore initializer makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends import runtime

runtime.quieten()
from mindspore.common.initializer import Initializer, initializer  # noqa: E402  when quiet


def draw(
    factory: Callable[..., Any], shape: Sequence[int], arguments: Mapping[str, Any]
) -> np.ndarray:
    """factory(shape, **arguments) gives a Tensor or an Initializer."""
    made = factory(tuple(shape), **arguments)
    tensor = initializer(made, tuple(shape)) if isinstance(made, Initializer) else made
    return (tensor.init_data() if tensor.has_init else tensor).asnumpy().copy()
