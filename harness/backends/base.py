"""What every backend does, in NumPy terms.

A backend builds a model, reads and writes its parameters, and runs it or any module of it,
forward and backward. Arrays that cross this border are copies: neither framework ever shares
memory with the other or with the caller.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from harness import tree
from harness.budget import Budget
from harness.inventory import Inventory

#: (output leaf, shape) -> the gradient fed to that leaf, or None for no gradient.
Cotangents = Callable[[str, tuple[int, ...]], np.ndarray | None]


#: (args, kwargs) of a call, with NumPy arrays where the framework has tensors.
Arguments = tuple[Sequence[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Settings:
    """What the user may choose about running.

    ms_device: MindSpore's device, "CPU", "Ascend", "GPU"; "CPU:f16" simulates a coarse device whose
    convolutions and matrix products round to float16. threads: torch's. profile: a device profile's
    file, in place of the shipped one. data: a folder of records, or a file of them, in place of the
    embedded data set. budget: the memory and the minutes that a check may take. references: where
    torch's runs are kept, see ``harness.references``; "" runs torch each time.
    """

    ms_device: str = "CPU"
    threads: int = 1
    profile: str = ""
    data: str = ""
    budget: Budget = Budget()
    references: str = ""

    @property
    def target(self) -> str:
        """The device that MindSpore itself is told."""
        return self.ms_device.partition(":")[0]


@dataclass
class Call:
    """One recorded call of a module: what went in, what came out, what gradient reached it.

    ``cotangents`` maps output leaf -> gradient; ``grad_inputs`` maps position among the floating
    input leaves -> the module's own input gradient, filled in when the module ran in isolation.
    """

    path: str
    index: int
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Any = None
    cotangents: dict[str, np.ndarray] = field(default_factory=dict)
    grad_inputs: dict[int, np.ndarray] = field(default_factory=dict)
    #: When the call began, counted over all calls; a list of calls is in the order they ended.
    began: int = 0

    @property
    def name(self) -> str:
        """``layer1.0.relu``, and ``layer1.0.relu#1`` for its second call."""
        return self.path if self.index == 0 else f"{self.path}#{self.index}"


@dataclass
class Fed:
    """What a container fed to a child that was played from the recording: inputs, gradients."""

    path: str
    index: int
    inputs: list[np.ndarray]
    cotangents: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class Run:
    """Everything one run produced, as arrays. Parameter and buffer names are the framework's own.

    ``surplus`` lists played children that were called more often than the recording has calls;
    ``unused`` parameters that the outputs do not depend on, where the framework tells; ``random``
    whether the model's own code drew random numbers.
    """

    output: dict[str, np.ndarray]
    grad_inputs: dict[int, np.ndarray] = field(default_factory=dict)
    grads: dict[str, np.ndarray] = field(default_factory=dict)
    state: dict[str, np.ndarray] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    fed: list[Fed] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    random: bool = False


@dataclass
class Step:
    """What one optimizer step left behind: parameters by name, the rate each was moved with."""

    parameters: dict[str, np.ndarray]
    rates: dict[str, float]


@dataclass
class Training:
    """Some optimizer steps, and what kinds of slots the optimizer keeps."""

    steps: list[Step]
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """The calls of a recording, by name, whose arrays are kept: all of them, or outputs only.

    The others' arrays have their shapes and dtypes and take no memory.
    """

    whole: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Transplant:
    """Another module's results in place of one call's own.

    output: output leaf -> array. grad_inputs: position among the floating inputs -> gradient.
    """

    path: str
    index: int
    output: Mapping[str, np.ndarray]
    grad_inputs: Mapping[int, np.ndarray]


@dataclass
class Coarse:
    """Kernels that are known to be coarse, for one run of torch that has their errors added.

    shares: elementwise function, as torch calls it -> relative error of a value, drawn at random.
    ran: those that were called, filled by the run.
    """

    shares: Mapping[str, float]
    seed: int = 0
    ran: set[str] = field(default_factory=set)


class Backend(ABC):
    """One framework on one device in one dtype."""

    name: str
    #: "torch 2.13.0 CPU float32", for reports.
    label: str

    #: "torch.nn.Module", what a factory returns.
    model_type: str

    @abstractmethod
    def is_model(self, value: Any) -> bool:
        """Whether a factory's result is a model of this framework."""

    @abstractmethod
    def build(self, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int) -> Any:
        """Call the factory under a fixed seed; returns the model."""

    @abstractmethod
    def seeded(self, seed: int) -> AbstractContextManager[None]:
        """A context in which all the framework draws depends on the seed."""

    @abstractmethod
    def inventory(self, model: Any) -> Inventory:
        """The model's modules and parameters as data."""

    @abstractmethod
    def read(self, model: Any) -> dict[str, np.ndarray]:
        """Copies of all parameters and persistent buffers."""

    @abstractmethod
    def extents(self, model: Any) -> dict[str, tuple[int, int]]:
        """Where each parameter and buffer lies in memory: first address, one past the last."""

    @abstractmethod
    def write(self, model: Any, arrays: Mapping[str, np.ndarray]) -> None:
        """Overwrite parameters in place. Raises ParameterMapError on an unknown name or shape."""

    @abstractmethod
    def train(
        self,
        model: Any,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Training:
        """Move the parameters by an optimizer, a step for each factor of the gradients.

        factory: called with the model, returns the framework's optimizer, or a pair of it and an
        LR scheduler that is stepped after each step. A gradient of None is what the framework makes
        of a parameter that nothing depends on. keep: name and parameter -> what is kept of it after
        each step.
        Parameters are put back before returning.
        """

    @abstractmethod
    def modes(self, model: Any, train: bool) -> dict[str, bool]:
        """Path -> whether the module trains, after the whole model was told to."""

    @abstractmethod
    def precisions(
        self, model: Any, arguments: Arguments, train: bool, amp: str = ""
    ) -> dict[str, str]:
        """Path -> the narrowest floating dtype among the operations of the module's own code.

        arguments: (args, kwargs) of the call, NumPy arrays in the tensors' places.
        amp: a level of mixed precision, see ``harness.precision``; the model is changed for it.
        """

    @abstractmethod
    def run(
        self,
        model: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        path: str = "",
        train: bool = False,
        cotangents: Cotangents | None = None,
        parameters: Sequence[str] = (),
        state: Sequence[str] = (),
        played: Mapping[str, Sequence[Call]] | None = None,
        capture: bool = False,
    ) -> Run:
        """Run the module at ``path`` (the whole model by default) on NumPy inputs.

        cotangents: run backward too, feeding these gradients to the outputs.
        parameters, state: names whose gradients, and whose values afterwards, are returned.
        played: child path -> recorded calls; those children do not run, their recorded outputs and
            input gradients take their place, and what reached them is returned in ``fed``.
        capture: record every module's call. State is put back before returning.
        """


class Player:
    """Hands out the recorded calls of played children, one after the other."""

    def __init__(self, played: Mapping[str, Sequence[Call]]) -> None:
        self._calls = {path: list(calls) for path, calls in played.items()}
        self._next = dict.fromkeys(played, 0)
        self.fed: list[Fed] = []
        self.surplus: list[str] = []
        #: What the backend differentiates by, too, so that gradients reach children whose own
        #: inputs carry none (word ids).
        self.dummy: Any = None

    def take(self, path: str, inputs: list[np.ndarray]) -> tuple[Call, Fed] | None:
        """The next recorded call of a child, or None when the recording has no more."""
        index = self._next[path]
        self._next[path] += 1
        if index >= len(self._calls[path]):
            self.surplus.append(path)
            return None
        fed = Fed(path, index, inputs)
        self.fed.append(fed)
        return self._calls[path][index], fed


_STAND_IN = "_harness_stand_in"
_PLAYED_TYPES: dict[type, type] = {}


@contextmanager
def stand_ins(
    children: Mapping[str, Any], call: Callable[[str, Any, tuple, dict], Any]
) -> Iterator[None]:
    """While inside, calling a child runs ``call(path, child, args, kwargs)`` instead.

    The child's class is swapped, so that every reference to it (attributes, lists) is reached.
    """
    types = {path: type(child) for path, child in children.items()}
    for path, child in children.items():
        child.__dict__[_STAND_IN] = partial(call, path)
        child.__class__ = _played_type(types[path])
    try:
        yield
    finally:
        for path, child in children.items():
            child.__class__ = types[path]
            del child.__dict__[_STAND_IN]


def _played_type(original: type) -> type:
    if original not in _PLAYED_TYPES:

        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            return self.__dict__[_STAND_IN](self, args, kwargs)

        _PLAYED_TYPES[original] = type(
            f"Played{original.__name__}", (original,), {"__call__": call}
        )
    return _PLAYED_TYPES[original]


def original_type(child: Any) -> type:
    """The class of a child that a stand-in is taking the place of."""
    return type(child).__mro__[1]


def recorded_gradient(call: Call, position: int, shape: tuple[int, ...]) -> np.ndarray:
    """The recorded gradient of one floating input; zeros where shapes do not match it."""
    gradient = call.grad_inputs.get(position)
    return gradient if gradient is not None and gradient.shape == shape else np.zeros(shape, "f4")


_WIDTHS = {"bfloat16": 1, "float16": 2, "float32": 3, "float64": 4}


def narrower(found: dict[str, str], path: str, dtype: str) -> None:
    """Keep the narrowest floating dtype seen for a path; other dtypes are of no account."""
    if dtype in _WIDTHS and _WIDTHS[dtype] < _WIDTHS.get(found.get(path, ""), 9):
        found[path] = dtype


def is_plain(value: Any) -> bool:
    """Whether a value is a setting: a number, a text, None, or a sequence of such."""
    if isinstance(value, (list, tuple)):
        return all(is_plain(item) for item in value)
    return isinstance(value, (bool, int, float, str, type(None)))


def is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def is_float(array: np.ndarray) -> bool:
    return np.issubdtype(array.dtype, np.floating)


def array_leaves(value: Any) -> list[tuple[str, np.ndarray]]:
    return list(tree.leaves(value, is_array))
