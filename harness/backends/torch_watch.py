"""What is seen while a torch network is built: what fills parameters, what constructors are given.

Functions of torch.nn.init and tensor methods that fill note themselves.
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

from harness.porting.described import PARTLY, Filled

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


class Seen(TorchFunctionMode):
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
def watched(seen: Seen) -> Iterator[None]:
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

    @functools.wraps(construct)
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


def _noting(name: str, function: Callable[..., Any], seen: Seen) -> Callable[..., Any]:
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
    return {name: held[name] for name in names if name in held and is_plain(held[name])}


def is_plain(value: Any) -> bool:
    """Whether a value can be written down."""
    if isinstance(value, (tuple, list)):
        return all(is_plain(each) for each in value)
    return type(value) in _PLAIN
