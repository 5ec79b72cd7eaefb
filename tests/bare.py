"""What the frameworks themselves do, without the harness: the baselines of the benchmarks.

    python tests/bare.py

runs, in one process, what the cases of ``pytest -k bottleneck`` consist of: every side built, run
forward and backward in both modes, stepped, built anew, compiled as a graph. Only the harness's own
switches (one thread, synchronous launches) and draws of inputs are used.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from harness.backends import open_backend
from harness.inputs import draw_inputs
from harness.pair import Pair
from harness.registry import find_pair

#: Builds of each side that tell initial values apart, and steps of each optimizer.
BUILDS, STEPS = 4, 4


def built(pair: Pair, variant: str, framework: str) -> Any:
    """One side as its factory makes it."""
    return pair.factory(framework)(**pair.variants[variant].kwargs)


def arrays_of(pair: Pair, variant: str) -> tuple[np.ndarray, ...]:
    """Inputs as the pair declares them."""
    return draw_inputs(pair.signature_of(variant).leaves, 0)


def torch_step(model: Any, arrays: tuple[np.ndarray, ...], train: bool = True) -> Callable[[], Any]:
    """One forward and backward in torch, in the model's dtype; returns the gradients."""
    import torch

    weights = [p for p in model.parameters() if p.requires_grad]
    dtype = weights[0].dtype if weights else torch.float32
    inputs = [torch.from_numpy(a).to(dtype).requires_grad_() for a in arrays]
    model.train(train)

    def step() -> Any:
        output = model(*inputs)
        return torch.autograd.grad(output, [*inputs, *weights], torch.ones_like(output))

    return step


def mindspore_step(
    model: Any, arrays: tuple[np.ndarray, ...], train: bool = True
) -> Callable[[], Any]:
    """One forward and backward in MindSpore, PyNative; returns the gradients."""
    import mindspore as ms

    weights = model.trainable_params() or None
    inputs = [ms.Tensor(a) for a in arrays]
    model.set_train(train)
    positions = tuple(range(len(inputs)))
    take = ms.value_and_grad(lambda *x: model(*x).sum(), positions, weights)
    return lambda: take(*inputs)[1]


@contextmanager
def as_graphs() -> Any:
    """MindSpore in graph mode."""
    import mindspore as ms

    ms.set_context(mode=ms.GRAPH_MODE)
    try:
        yield
    finally:
        ms.set_context(mode=ms.PYNATIVE_MODE)


def graph_forward(model: Any, arrays: tuple[np.ndarray, ...], train: bool) -> Any:
    """Compile and run; call it within ``as_graphs``."""
    import mindspore as ms

    model.set_train(train)
    return model(*(ms.Tensor(a) for a in arrays)).asnumpy()


def graph_gradients(model: Any, arrays: tuple[np.ndarray, ...]) -> Any:
    """Compile and run the gradients in train mode; call it within ``as_graphs``."""
    import mindspore as ms

    model.set_train(True)
    inputs = [ms.Tensor(a) for a in arrays]
    weights = ms.ParameterTuple(model.trainable_params())
    sens = ms.ops.ones_like(model(*inputs))
    take = ms.ops.GradOperation(get_all=True, get_by_list=True, sens_param=True)
    return take(model, weights)(*inputs, sens)


def _battery(pair: Pair, variant: str) -> None:
    """The runs that the checks of one variant cannot do without."""
    import mindspore as ms
    import torch

    arrays = arrays_of(pair, variant)
    reference, port = (built(pair, variant, name) for name in ("torch", "mindspore"))
    oracle = built(pair, variant, "torch").double()
    for train in (False, True):
        # The whole network and every module alone; of float64 and the port the former is a forward.
        for _ in range(2):
            torch_step(reference, arrays, train)()
        torch_step(oracle, arrays, train)()
        mindspore_step(port, arrays, train)()
        with torch.no_grad():
            oracle(*(torch.from_numpy(a).double() for a in arrays))
        port(*(ms.Tensor(a) for a in arrays)).asnumpy()
    for _ in range(BUILDS):
        built(pair, variant, "torch"), built(pair, variant, "mindspore")
    for model in (reference, oracle):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        gradients = torch_step(model, arrays)()[len(arrays) :]
        for parameter, gradient in zip(model.parameters(), gradients):
            parameter.grad = gradient
        for _ in range(STEPS):
            optimizer.step()
    stepped = ms.nn.SGD(port.trainable_params(), learning_rate=0.1, momentum=0.9)
    gradients = mindspore_step(port, arrays)()[1]
    for _ in range(STEPS):
        stepped(gradients)
    compiled = built(pair, variant, "mindspore")
    with as_graphs():
        for train in (False, True):
            graph_forward(compiled, arrays, train)
        graph_gradients(compiled, arrays)


def main() -> None:
    """All that ``-k bottleneck`` names."""
    sys.path.insert(0, str(Path(__file__).with_name("harness")))
    from seeded.bases import BASES

    for name in ("torch", "mindspore"):
        open_backend(name)
    block, stage = find_pair("blocks.bottleneck"), find_pair("blocks.stage")
    cases = [(block, variant) for variant in block.variants]
    cases += [(stage, "bottleneck"), (BASES["bottleneck"].pair, "default")]
    for pair, variant in cases:
        _battery(pair, variant)
    print(f"{len(cases)} variants")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="harness-bare-") as folder:
        os.chdir(folder)  # MindSpore writes into it
        main()
    sys.stdout.flush()
    os._exit(0)  # MindSpore's own teardown may hang
