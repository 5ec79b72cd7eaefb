"""Every registered optimizer, stepped beside torch's from the same gradients."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from harness import parametrize_pairs
from harness.backends import open_backend
from harness.compare import judge
from harness.recipe import NAMED
from harness.verdict import AGREES

#: Arguments that make an optimizer keep every slot it has.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "sgd": {"lr": 0.1, "momentum": 0.9},
    "adam": {"amsgrad": True, "weight_decay": 0.1},
    "adamw": {"amsgrad": True},
    "adagrad": {"lr_decay": 0.1},
    "rmsprop": {"centered": True, "momentum": 0.9},
    "asgd": {"t0": 2},
}
SHAPES = {"0.weight": (3, 2), "0.bias": (3,)}


@parametrize_pairs(kind="optimizers")
def test_optimizer(check: Callable[[], object]) -> None:
    """Both sides move every parameter alike, at every step."""
    check()


class _Torch:
    """Three numbers a step: a torch optimizer over one linear layer."""

    def __init__(self, name: str) -> None:
        assert open_backend("torch").name
        import torch

        from harness.backends import torch_optimizers

        self.module: ModuleType = torch_optimizers
        self.tensor, self.net = torch.tensor, torch.nn.Sequential(torch.nn.Linear(2, 3))
        self.parameters = dict(self.net.named_parameters())
        self.optimizer = torch_optimizers.OPTIMIZERS[name](self.net, **ARGUMENTS.get(name, {}))

    def load(self, arrays: dict[str, np.ndarray]) -> None:
        for name, parameter in self.parameters.items():
            parameter.data.copy_(self.tensor(arrays[name]))

    def step(self, gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        for name, parameter in self.parameters.items():
            parameter.grad = self.tensor(gradients[name])
        self.optimizer.step()
        return {name: p.detach().numpy().copy() for name, p in self.parameters.items()}


class _MindSpore:
    def __init__(self, name: str) -> None:
        assert open_backend("mindspore").name
        import mindspore as ms

        from harness.backends import mindspore_optimizers

        self.module: ModuleType = mindspore_optimizers
        self.tensor, self.net = ms.Tensor, ms.nn.SequentialCell(ms.nn.Dense(2, 3))
        self.assign = ms.ops.assign
        self.parameters = dict(self.net.parameters_and_names())
        self.optimizer = mindspore_optimizers.OPTIMIZERS[name](self.net, **ARGUMENTS.get(name, {}))

    def load(self, arrays: dict[str, np.ndarray]) -> None:
        for name, parameter in self.parameters.items():
            self.assign(parameter, self.tensor(arrays[name]))

    def step(self, gradients: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        names = [parameter.name for parameter in self.optimizer.parameters]
        self.optimizer(tuple(self.tensor(gradients[name]) for name in names))
        return {name: p.asnumpy().copy() for name, p in self.parameters.items()}


def _drawn(number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(number)
    return {name: rng.standard_normal(shape, np.float32) for name, shape in SHAPES.items()}


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize("side", [_Torch, _MindSpore])
@pytest.mark.parametrize("name", NAMED["optimizer"])
def test_a_loaded_state_goes_on_bit_for_bit(name: str, side: Any) -> None:
    """Three steps, saved and loaded into a fresh optimizer, and three more, are six steps."""
    whole = side(name)
    whole.load(_drawn(0))
    whole.module.set_rate(whole.optimizer, 0.02)
    for number in range(1, 7):
        held = whole.step(_drawn(number))
        if number == 3:
            saved, parameters = whole.module.state(whole.optimizer), held
    resumed = side(name)
    resumed.load(parameters)
    resumed.module.load_state(resumed.optimizer, saved)
    assert list(map(np.float32, resumed.module.rates(resumed.optimizer))) == [np.float32(0.02)]
    for number in range(4, 7):
        again = resumed.step(_drawn(number))
    for entry, array in held.items():
        assert again[entry].tobytes() == array.tobytes()


@pytest.mark.usefixtures("frameworks")
def test_a_state_of_another_optimizer_is_refused() -> None:
    whole = _MindSpore("sgd")
    with pytest.raises(KeyError, match="exp_avg"):
        whole.module.load_state(whole.optimizer, _MindSpore("adam").module.state(
            _MindSpore("adam").optimizer))  # fmt: skip


@pytest.mark.usefixtures("frameworks")
@pytest.mark.parametrize(("norm", "value"), [(1.0, 0.0), (0.0, 0.5), (2.0, 0.5), (1e9, 0.0)])
def test_clipping_is_torchs(norm: float, value: float) -> None:
    """Judged against float64: by the norm over all gradients, by value, by both, by neither."""
    torch, mindspore = _Torch("sgd"), _MindSpore("sgd")
    arrays = [array * scale for array in _drawn(1).values() for scale in (1, 100)]
    want = torch.module.clip([torch.tensor(a) for a in arrays], norm, value)
    true = torch.module.clip([torch.tensor(a.astype(np.float64)) for a in arrays], norm, value)
    ours = mindspore.module.clip([mindspore.tensor(a) for a in arrays], norm, value)
    for a, b, c in zip(ours, want, true):
        assert judge(a.asnumpy(), b.numpy(), c.numpy()).status == AGREES
