"""Build a torch network and describe it: constructor arguments, initializers, module tree.

Arguments of torch's own layers are read off the instances, how parameters are filled is seen while
the network is built.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from harness.backends.torch_watch import Seen, is_plain, watched
from harness.porting.described import Described, Filled, Held

#: Settings of windows: one number where every dimension has the same.
_WINDOWS = frozenset("kernel_size stride padding dilation output_padding output_size".split())
_UNSPOKEN = frozenset({"self", "device", "dtype", "args", "kwargs"})


def build_and_describe(factory: Callable[..., Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
    """(the torch module, its Described); whatever the factory raises is raised."""
    seen = Seen()
    with torch.random.fork_rng(devices=[]), watched(seen):
        with seen:
            model = factory(**kwargs)
        if not isinstance(model, nn.Module):
            return model, None
        return model, _describe(model, "", seen, {})


def forward_once(model: Any, inputs: list[Any]) -> None:
    """Run a forward pass in eval mode on NumPy arrays; whatever it raises is raised."""
    model.eval()
    with torch.no_grad():
        model(*(torch.from_numpy(array) for array in inputs))


def forward_inputs(model: Any) -> tuple[list[str], int]:
    """The names of what ``forward`` takes, and how many of them must be given."""
    parameters = [
        p
        for p in inspect.signature(model.forward).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    needed = sum(p.default is p.empty for p in parameters)
    return [p.name for p in parameters], needed


def _describe(module: nn.Module, path: str, seen: Seen, first: dict[int, str]) -> Described:
    """first: id of a module or a parameter -> where it stands already."""
    kind = type(module)
    if id(module) in first:
        return Described(path, kind, first=first[id(module)])
    first[id(module)] = path
    layer = _layer(kind)
    found = Described(path, kind, layer, given=seen.given.get(id(module), {}))
    usual: dict[str, Filled] = {}
    if layer:
        found.arguments, found.required = _recovered(module, getattr(nn, layer[9:]))
        usual = _usual(layer, found.arguments, seen)
    else:
        found.attributes = {
            name: value
            for name, value in vars(module).items()
            if not name.startswith("_") and name != "training"
            and (is_plain(value) or inspect.isfunction(value) or inspect.isbuiltin(value))
        }  # fmt: skip
    found.held = list(_held(module, path, seen, usual if layer else None, first))
    for name, child in module._modules.items():
        if child is None:
            found.absent.append(name)
        else:
            whole = f"{path}.{name}" if path else name
            found.children[name] = _describe(child, whole, seen, first)
    return found


def _layer(kind: type) -> str:
    """The torch class that an instance's code is, public name; "" where it is the user's own."""
    for base in kind.__mro__:
        if base.__module__.startswith("torch.nn."):
            public = getattr(nn, base.__name__, None) is base and base is not nn.Module
            return f"torch.nn.{base.__name__}" if public else ""
        if "forward" in vars(base):
            return ""
    return ""


def _recovered(module: nn.Module, kind: type) -> tuple[dict[str, Any], tuple[str, ...]]:
    """(constructor arguments that are not the defaults, names of those without a default)."""
    recurrent = isinstance(module, nn.RNNBase)
    signature = inspect.signature(nn.RNNBase.__init__ if recurrent else kind.__init__)  # type: ignore[misc]
    found, required = {}, []
    for name, parameter in signature.parameters.items():
        if name in _UNSPOKEN or (recurrent and name == "mode"):
            continue
        value = _argument(module, name, parameter.default)
        if name in _WINDOWS and isinstance(value, tuple) and len(set(value)) == 1:
            value = value[0]
        if parameter.default is parameter.empty:
            required.append(name)
        if parameter.default is parameter.empty or value != parameter.default:
            found[name] = value
    if recurrent and getattr(module, "nonlinearity", "tanh") != "tanh":
        found["nonlinearity"] = module.nonlinearity
    return found, tuple(required)


def _argument(module: nn.Module, name: str, default: Any) -> Any:
    if isinstance(module, nn.MultiheadAttention) and name in ("bias", "add_bias_kv"):
        return getattr(module, {"bias": "in_proj_bias", "add_bias_kv": "bias_k"}[name]) is not None
    if isinstance(module, nn.PReLU) and name == "init":
        return round(float(module.weight.detach().flatten()[0]), 7)
    if name == "bias" and False in (
        getattr(module, "affine", True), getattr(module, "elementwise_affine", True)
    ):  # fmt: skip
        return default  # there is none, whatever it was told
    value = getattr(module, name, default)
    if name == "bias" and not isinstance(value, bool):
        return value is not None
    return value


def _usual(layer: str, arguments: Mapping[str, Any], seen: Seen) -> dict[str, Filled]:
    """How a fresh layer fills what it holds."""
    key = f"{layer}{arguments}"
    if key not in seen.usual:
        mark = len(seen.alive)
        try:
            with seen:
                module = getattr(nn, layer[9:])(**arguments)
            own = dict(module.named_parameters())
        except (TypeError, ValueError):  # what only a whole network can be given
            own = {}
        seen.usual[key] = {name: seen.of(value) for name, value in own.items()}
        for storage in seen.alive[mark:]:
            seen.filled.pop(storage._cdata, None)
        del seen.alive[mark:]
    return seen.usual[key]


def _held(
    module: nn.Module,
    path: str,
    seen: Seen,
    usual: Mapping[str, Filled] | None,
    first: dict[int, str],
) -> Iterator[Held]:
    tensors = [(n, v, True) for n, v in module._parameters.items()]
    fleeting = module._non_persistent_buffers_set
    tensors += [(n, v, n not in fleeting) for n, v in module._buffers.items()]
    tensors += [(n, v, False) for n, v in vars(module).items() if isinstance(v, torch.Tensor)]
    for name, value, persistent in tensors:
        if value is None:
            continue
        whole = f"{path}.{name}" if path else name
        known = first.setdefault(id(value), whole) if isinstance(value, nn.Parameter) else whole
        with torch.no_grad():
            flat = value.detach().flatten()
            same = bool(flat.numel()) and bool((flat == flat[0]).all())
            counts = flat.numel() > 1 and bool((flat == torch.arange(flat.numel())).all())
        yield Held(
            name,
            tuple(value.shape),
            str(value.dtype).removeprefix("torch."),
            isinstance(value, nn.Parameter) and value.requires_grad,
            seen.of(value),
            None if usual is None else usual.get(name, Filled()),
            float(flat[0]) if same else None,
            counts,
            persistent,
            "" if known == whole else known,
        )
