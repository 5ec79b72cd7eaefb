"""What a device's elementwise kernels cost: the largest relative error of each against float64.

A network's own code calls them anywhere, and what follows may enlarge their error at will; so they
are measured value by value, and put to torch's own computation where a verdict hangs on them.
"""

from collections.abc import Callable

import numpy as np
from scipy import special

from harness.backends import runtime

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down

#: torch's name -> (MindSpore's function, what it computes). Those whose error is a share of each
#: value; where a function passes through zero it has no such share.
_FUNCTIONS: dict[str, tuple[Callable, Callable[[np.ndarray], np.ndarray]]] = {
    "exp": (ms.ops.exp, np.exp),
    "tanh": (ms.ops.tanh, np.tanh),
    "sigmoid": (ms.ops.sigmoid, special.expit),
    "silu": (ms.ops.silu, lambda x: x * special.expit(x)),
    "erf": (ms.ops.erf, special.erf),
    "sqrt": (ms.ops.sqrt, np.sqrt),
    "rsqrt": (ms.ops.rsqrt, lambda x: 1 / np.sqrt(x)),
    "reciprocal": (ms.ops.reciprocal, lambda x: 1 / x),
}
_POSITIVE = ("sqrt", "rsqrt", "reciprocal")


def errors() -> dict[str, float]:
    """torch's name -> largest relative error over float32 numbers between -12 and 12."""
    everywhere = np.linspace(-12, 12, 200_001, dtype=np.float32)
    found = {}
    for name, (function, exact) in _FUNCTIONS.items():
        x = everywhere[everywhere > 0] if name in _POSITIVE else everywhere[everywhere != 0]
        want = exact(x.astype(np.float64))
        ours = function(ms.Tensor(x)).asnumpy().astype(np.float64)
        found[name] = float(np.max(np.abs(ours - want) / np.abs(want)))
    return found
