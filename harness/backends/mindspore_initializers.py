"""What a MindSpore initializer makes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.backends import runtime

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
from mindspore.common.initializer import Initializer, initializer  # noqa: E402


def draw(
    factory: Callable[..., Any], shape: Sequence[int], arguments: Mapping[str, Any], seed: int
) -> np.ndarray:
    """factory(shape, **arguments) gives a Tensor or an Initializer; under a seed of its own."""
    before = np.random.get_state()
    try:
        np.random.seed(seed % 2**32)
        ms.set_seed(seed % 2**31)
        made = factory(tuple(shape), **arguments)
        tensor = initializer(made, tuple(shape)) if isinstance(made, Initializer) else made
        return (tensor.init_data() if tensor.has_init else tensor).asnumpy().copy()
    finally:
        np.random.set_state(before)
