"""Build a torch network and describe it: constructor arguments, initializers, module tree.

Arguments of torch's own layers are read off the instances. How a parameter is initialised is seen
while the network is built: functions of torch.nn.init and tensor methods that fill note themselves.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from harness.porting.described import PARTLY, Described, Filled, Held

#: Tensor methods that fill -> (the function of torch.nn.init that does the same, its arguments).
_FILLING: dict[str, tuple[str, dict[str, Any]]] = {
    "normal_": ("normal_", {"mean": 0.0, "std": 1.0}),
    "uniform_": ("uniform_", {"a": 0.0, "b": 1.0}),
    "fill_": ("constant_", {"val": 0.0}),
    "zero_": ("zeros_", {}),
}
#: Functions that make a filled tensor.
_MAKING = {
    "randn": Filled("normal_", {"mean": 0.0, "std": 1.0}),
    "rand": Filled("uniform_", {"a": 0.0, "b": 1.0}),
}
_SCALING = frozenset({"mul", "mul_", "__mul__", "__rmul__", "div", "div_", "__truediv__"})
_DIVIDING = frozenset({"div", "div_", "__truediv__"})
#: Values that can be written down.
_PLAIN = (bool, int, float, str, type(None))
#: Settings of windows: one number where every dimension has the same.
_WINDOWS = frozenset("kernel_size stride padding dilation output_padding output_size".split())
_UNSPOKEN = frozenset({"self", "device", "dtype", "args", "kwargs"})


def build_and_describe(factory: Callable[..., Any], kwargs: Mapping[str, Any]) -> tuple[Any, Any]:
    """(the torch module, its Described); whatever the factory raises is raised."""
    seen = _Seen()
    with torch.random.fork_rng(devices=[]), _watched(seen):
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


# -- what is seen while the network is built -----------------------------------------------------


class _Seen(TorchFunctionMode):
    """Notes what fills tensors, by storage, and what constructors were given, by module."""

    def __init__(self) -> None:
        super().__init__()
        self.filled: dict[int, Filled] = {}
        self.given: dict[int, dict[str, Any]] = {}
        #: Keeps storages alive, so that none takes another's address.
        self.alive: list[Any] = []
        self.within_init = False
        #: Layer and arguments -> how a fresh one is filled.
        self.usual: dict[str, dict[str, Filled]] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if not self.within_init:
            self._note(getattr(func, "__name__", ""), args, kwargs, result)
        return result

    def _note(self, name: str, args: Any, kwargs: Mapping[str, Any], result: Any) -> None:
        if not isinstance(result, torch.Tensor) or not args:
            return
        if name in _FILLING:
            function, defaults = _FILLING[name]
            names = {"normal_": ("mean", "std"), "uniform_": ("from", "to"), "fill_": ("value",)}
            given = dict(zip(names.get(name, ()), args[1:])) | dict(kwargs)
            given.pop("generator", None)
            values = dict(zip(defaults, _ordered(given, names.get(name, ()), defaults)))
            self.put(result, Filled(function, values))
        elif name in _MAKING:
            self.put(result, _MAKING[name])
        elif name in ("clone", "detach", "copy_", "to", "contiguous"):
            source = args[1] if name == "copy_" else args[0]
            if isinstance(source, torch.Tensor):
                self.put(result, self.of(source))
        elif name in _SCALING:
            self._scale(name, args, result)

    def _scale(self, name: str, args: Any, result: torch.Tensor) -> None:
        tensor, number = args[0], args[1]
        if not isinstance(tensor, torch.Tensor):
            tensor, number = number, tensor
        if not isinstance(number, (int, float)) or not number:
            return
        factor = 1 / number if name in _DIVIDING else number
        old = self.of(tensor)
        if old.name in ("normal_", "uniform_") and PARTLY not in old.arguments:
            scaled = {key: value * factor for key, value in old.arguments.items()}
            self.put(result, Filled(old.name, scaled))

    def put(self, tensor: torch.Tensor, filled: Filled) -> None:
        """Note how a tensor, or the part of a storage that it is a view of, was filled."""
        with torch._C.DisableTorchFunction():
            storage = tensor.untyped_storage()
            whole = tensor.nbytes >= storage.nbytes()
        if not whole:
            old = self.of(tensor)
            filled = Filled(old.name, {**old.arguments, PARTLY: (filled.name, tensor.numel())})
        self.alive.append(storage)
        self.filled[storage._cdata] = filled

    def of(self, tensor: torch.Tensor) -> Filled:
        """How a tensor was filled."""
        with torch._C.DisableTorchFunction():
            return self.filled.get(tensor.untyped_storage()._cdata, Filled())


def _ordered(
    given: Mapping[str, Any], names: tuple[str, ...], defaults: Mapping[str, Any]
) -> Iterator[Any]:
    """Values in order, by a method's own names or by those of torch.nn.init."""
    for own, (name, default) in zip(names, defaults.items()):
        yield given.get(own, given.get(name, default))


@contextmanager
def _watched(seen: _Seen) -> Iterator[None]:
    """Let functions of torch.nn.init and constructors of modules note themselves.

    Modules that imported such a function by name hold the watched one, too, meanwhile.
    """
    originals = {
        name: function
        for name, function in vars(nn.init).items()
        if inspect.isfunction(function) and name.endswith("_") and not name.startswith("_")
    }
    wrapped = {id(f): _noting(name, f, seen) for name, f in originals.items()}
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for module in list(sys.modules.values()):
        held = getattr(module, "__dict__", None)
        if held is None or (module.__name__.startswith("torch.") and module is not nn.init):
            continue
        for name, value in list(held.items()):
            if id(value) in wrapped and inspect.isfunction(value):
                changed.append((held, name, value))
                held[name] = wrapped[id(value)]
    construct = nn.Module.__init__

    def constructed(module: nn.Module, *args: Any, **kwargs: Any) -> None:
        seen.given[id(module)] = _arguments_of(module, sys._getframe(1))
        construct(module, *args, **kwargs)

    nn.Module.__init__ = constructed
    try:
        yield
    finally:
        nn.Module.__init__ = construct
        for held, name, value in changed:
            held[name] = value


def _noting(name: str, function: Callable[..., Any], seen: _Seen) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.wraps(function)
    def noted(*args: Any, **kwargs: Any) -> Any:
        if seen.within_init:
            return function(*args, **kwargs)
        seen.within_init = True
        try:
            result = function(*args, **kwargs)
        finally:
            seen.within_init = False
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        tensor, *_ = bound.arguments.values()
        rest = {k: v for k, v in list(bound.arguments.items())[1:] if k != "generator"}
        seen.put(tensor, Filled(name, rest))
        return result

    return noted


def _arguments_of(module: nn.Module, frame: Any) -> dict[str, Any]:
    """Plain arguments of the outermost constructor that is building a module."""
    found = None
    while frame is not None:
        code = frame.f_code
        if code.co_name != "__init__" or not code.co_argcount:
            break
        if frame.f_locals.get(code.co_varnames[0]) is not module:
            break
        found, frame = frame, frame.f_back
    if found is None:
        return {}
    count = found.f_code.co_argcount + found.f_code.co_kwonlyargcount
    names = found.f_code.co_varnames[1:count]
    held = found.f_locals
    return {name: held[name] for name in names if name in held and _is_plain(held[name])}


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_plain(each) for each in value)
    return type(value) in _PLAIN


# -- the tree ------------------------------------------------------------------------------------


def _describe(module: nn.Module, path: str, seen: _Seen, first: dict[int, str]) -> Described:
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
            and (_is_plain(value) or inspect.isfunction(value) or inspect.isbuiltin(value))
        }  # fmt: skip
    found.held = list(_held(module, seen, usual if layer else None))
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


def _usual(layer: str, arguments: Mapping[str, Any], seen: _Seen) -> dict[str, Filled]:
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


def _held(module: nn.Module, seen: _Seen, usual: Mapping[str, Filled] | None) -> Iterator[Held]:
    tensors = [(n, v, True) for n, v in module._parameters.items()]
    fleeting = module._non_persistent_buffers_set
    tensors += [(n, v, n not in fleeting) for n, v in module._buffers.items()]
    tensors += [(n, v, False) for n, v in vars(module).items() if isinstance(v, torch.Tensor)]
    for name, value, persistent in tensors:
        if value is None:
            continue
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
        )
