"""torch's initializers and MindSpore's: weights of layers and of convolutions, modes and gains."""

from typing import Any

from harness import Pair, Variant

_FOLDER = "models.initializers.drawn"
_TALL, _CONV = {"shape": (96, 32)}, {"shape": (32, 16, 3, 3)}


def _pair(name: str, torch: str, **variants: dict[str, Any]) -> Pair:
    return Pair(
        name=f"initializers.{name}",
        torch=f"{_FOLDER}.pt:{torch}",
        mindspore=f"{_FOLDER}.ms:{torch}",
        variants={variant: Variant(kwargs) for variant, kwargs in variants.items()},
    )


PAIRS = (
    _pair("constant", "constant_", tenth={"val": 0.1}, bias={"shape": (32,), "val": -1.5}),
    _pair("zeros", "zeros_", bias={"shape": (32,)}),
    _pair("ones", "ones_", gamma={"shape": (32,)}),
    _pair(
        "normal",
        "normal_",
        default={},
        narrow={"std": 0.02},
        moved={"mean": 0.5, "std": 0.1},
    ),
    _pair("uniform", "uniform_", default={}, symmetric={"a": -0.3, "b": 0.3}),
    _pair(
        "trunc_normal",
        "trunc_normal_",
        default={},
        narrow={"std": 0.02},
        bounds={"std": 0.02, "a": -0.04, "b": 0.04},
    ),
    _pair("xavier_uniform", "xavier_uniform_", tall=_TALL, gain={**_CONV, "gain": 5 / 3}),
    _pair("xavier_normal", "xavier_normal_", tall=_TALL, gain={**_CONV, "gain": 2**0.5}),
    _pair(
        "kaiming_uniform",
        "kaiming_uniform_",
        tall=_TALL,
        layers={**_TALL, "a": 5**0.5},
        fan_out={**_CONV, "mode": "fan_out", "nonlinearity": "relu"},
    ),
    _pair(
        "kaiming_normal",
        "kaiming_normal_",
        tall=_TALL,
        fan_out={**_CONV, "mode": "fan_out", "nonlinearity": "relu"},
        leaky={**_CONV, "a": 0.2},
    ),
    _pair(
        "orthogonal",
        "orthogonal_",
        square={"shape": (48, 48)},
        wide={"shape": (24, 96)},
        gain={**_CONV, "gain": 2**0.5},
        tall=_TALL,
    ),
    _pair("identity", "eye_", square={"shape": (16, 16)}, wide={"shape": (8, 20)}),
    _pair("dirac", "dirac_", default=_CONV, groups={**_CONV, "groups": 4}),
    _pair("sparse", "sparse_", third={"sparsity": 0.3}, spread={"sparsity": 0.5, "std": 0.1}),
)
