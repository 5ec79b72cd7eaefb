"""The torch backend: the reference in float32, the oracle in float64."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from weakref import WeakSet

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from harness import tree
from harness.backends.base import (
    DROPOUTS,
    Backend,
    Call,
    Cotangents,
    Fed,
    Player,
    Run,
    Settings,
    Step,
    Training,
    Transplant,
    array_leaves,
    fixed_dropout,
    is_array,
    narrower,
    original_type,
    recorded_gradient,
    stand_ins,
)
from harness.errors import ParameterMapError
from harness.inventory import Inventory, Module, Parameter

_SCALARS = (bool, int, float, str, tuple, type(None))


class TorchBackend(Backend):
    """torch on the CPU."""

    def __init__(self, dtype: str, settings: Settings) -> None:
        torch.set_num_threads(settings.threads)
        self.dtype = getattr(torch, dtype)
        #: Models whose mode this backend has set: doing it again for every module is quadratic.
        self._set: WeakSet[torch.nn.Module] = WeakSet()
        self.name = "torch" if dtype == "float32" else "torch64"
        self.label = f"torch {torch.__version__} CPU {dtype}"

    def build(self, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int) -> Any:
        before = np.random.get_state(), random.getstate()
        try:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed % 2**63)
                np.random.seed(seed % 2**32)
                random.seed(seed)
                model = factory(**kwargs)
        finally:
            np.random.set_state(before[0])
            random.setstate(before[1])
        return model.to(self.dtype)

    def inventory(self, model: torch.nn.Module) -> Inventory:
        modules = tuple(
            Module(path, type(m).__name__, _namespace(m), _settings(m), _source(m))
            for path, m in model.named_modules()
        )
        first: dict[int, str] = {}
        parameters = []
        for name, value in model.state_dict(keep_vars=True).items():
            shares = first.setdefault(id(value), name)
            parameters.append(
                Parameter(
                    name,
                    tuple(value.shape),
                    str(value.dtype).removeprefix("torch."),
                    value.requires_grad,
                    "" if shares == name else shares,
                )
            )
        return Inventory("torch", modules, tuple(parameters))

    def read(self, model: torch.nn.Module) -> dict[str, np.ndarray]:
        return {name: _numpy(value) for name, value in model.state_dict().items()}

    def extents(self, model: torch.nn.Module) -> dict[str, tuple[int, int]]:
        return {
            name: (value.data_ptr(), value.data_ptr() + value.nbytes)
            for name, value in model.state_dict().items()
        }

    def write(self, model: torch.nn.Module, arrays: Mapping[str, np.ndarray]) -> None:
        targets = model.state_dict()
        for name, array in arrays.items():
            if name not in targets or tuple(targets[name].shape) != array.shape:
                raise ParameterMapError(f"torch has no parameter {name!r} of shape {array.shape}.")
            targets[name].copy_(torch.from_numpy(np.array(array, order="C")))

    def train(
        self,
        model: torch.nn.Module,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Training:
        model.train()
        self._set.discard(model)
        own = dict(model.named_parameters())
        before = self.read(model)
        made = factory(model)
        optimizer, schedule = made if isinstance(made, tuple) else (made, None)
        names = {id(p): name for name, p in own.items()}
        steps = []
        for scale in scales:
            for name, parameter in own.items():
                gradient = gradients.get(name)
                parameter.grad = None if gradient is None else self._tensor(gradient) * scale
            rates = {
                names[id(p)]: float(group["lr"])
                for group in optimizer.param_groups
                for p in group["params"]
                if id(p) in names
            }
            optimizer.step()
            if schedule is not None:
                schedule.step()
            after = {name: keep(name, p.detach().numpy()) for name, p in own.items()}
            steps.append(Step(after, rates))
        slots = {key for state in optimizer.state.values() for key in state if key != "step"}
        for parameter in own.values():
            parameter.grad = None
        self.write(model, before)
        return Training(steps, tuple(sorted(slots)))

    def modes(self, model: torch.nn.Module, train: bool) -> dict[str, bool]:
        self._set.discard(model)
        model.train(train)
        return {path: module.training for path, module in model.named_modules()}

    def precisions(
        self, model: torch.nn.Module, args: Sequence[Any], train: bool, amp: str = ""
    ) -> dict[str, str]:
        self._set.discard(model)
        if amp == "O3":
            model = model.half()
        model.train(train)
        log = _DtypeLog()
        handles = []
        for path, module in model.named_modules():
            handles.append(
                module.register_forward_pre_hook(lambda m, a, p=path: log.stack.append(p))
            )
            handles.append(module.register_forward_hook(lambda m, a, out: log.stack.pop() and None))
        inputs = [self._tensor(a) if is_array(a) else a for a in args]
        if amp == "O3":
            inputs = [
                x.half() if torch.is_tensor(x) and x.is_floating_point() else x for x in inputs
            ]
        mixed = amp in ("O1", "O2", "auto")
        try:
            with torch.no_grad(), _restored(model), log:
                with torch.autocast("cpu", torch.float16, enabled=mixed):
                    model(*inputs)
        finally:
            for handle in handles:
                handle.remove()
        return log.found

    def run(
        self,
        model: torch.nn.Module,
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
        transplant: Transplant | None = None,
        noise: Mapping[str, float] | None = None,
    ) -> Run:
        """As every backend; two things more, to learn how far what a module computes carries.

        transplant: other results in the place of one call's own. noise: path -> share of the
        module's largest output value that is added to it at random.
        """
        if model.training != train or model not in self._set:
            model.train(train)
            self._set.add(model)
        module = model.get_submodule(path)
        floats: list[torch.Tensor] = []

        def feed(array: np.ndarray) -> torch.Tensor:
            tensor = self._tensor(array)
            if tensor.is_floating_point() and cotangents is not None:
                floats.append(tensor.requires_grad_())
            # In-place modules may write neither to a leaf that requires a gradient nor to ours.
            return tensor.clone()

        ours_args, ours_kwargs = tree.transform((tuple(args), dict(kwargs or {})), is_array, feed)
        own = _tensors(model, parameters)
        result = Run({})
        player = Player(played or {})
        with ExitStack() as stack:
            stack.enter_context(_restored(module))
            stack.enter_context(torch.set_grad_enabled(cotangents is not None))
            if played:
                children = {path: model.get_submodule(path) for path in played}
                stack.enter_context(stand_ins(children, partial(self._play, player)))
            if train:
                stack.enter_context(fixed_dropout(_dropouts(module), "forward", _drop))
            stack.enter_context(_noisy(model, noise or {}))
            if transplant is not None:
                stack.enter_context(self._transplanted(model, transplant))
            if capture:
                stack.enter_context(_capturing(module, result.calls))
            output = module(*ours_args, **ours_kwargs)
            found = list(tree.leaves(output, torch.is_tensor))
            result.output = {leaf: _view(value) for leaf, value in found}
            if cotangents is not None:
                self._backward(result, found, floats, own, parameters, cotangents)
            result.state = {name: _numpy(t) for name, t in _tensors(model, state).items()}
        result.fed, result.surplus = player.fed, player.surplus
        return result

    def _backward(
        self,
        result: Run,
        outputs: list[tuple[str, torch.Tensor]],
        floats: list[torch.Tensor],
        own: Mapping[str, torch.Tensor],
        parameters: Sequence[str],
        cotangents: Cotangents,
    ) -> None:
        targets, fed = [], []
        for leaf, value in outputs:
            if not value.requires_grad:
                continue
            cotangent = cotangents(leaf, tuple(value.shape))
            if cotangent is not None:
                targets.append(value)
                fed.append(self._tensor(cotangent).clone())
        names = [name for name in parameters if own[name].requires_grad]
        sources = floats + [own[name] for name in names]
        if not targets or not sources:
            return
        grads = torch.autograd.grad(targets, sources, fed, allow_unused=True)
        result.unused = [n for n, g in zip(names, grads[len(floats) :]) if g is None]
        arrays = [_view(torch.zeros_like(s) if g is None else g) for s, g in zip(sources, grads)]
        result.grad_inputs = dict(enumerate(arrays[: len(floats)]))
        result.grads = dict(zip(names, arrays[len(floats) :]))

    def _play(
        self, player: Player, path: str, module: torch.nn.Module, args: Any, kwargs: Any
    ) -> Any:
        """Stand in for one call of a child."""
        values = [v for _, v in tree.leaves((args, kwargs), torch.is_tensor)]
        taken = player.take(path, [_numpy(v) for v in values])
        if taken is None:
            return original_type(module).__call__(module, *args, **kwargs)
        recorded, fed = taken
        leaves = {
            leaf: self._tensor(array).clone()  # the container may write to it
            for leaf, array in array_leaves(recorded.output)
        }
        played = {leaf: t for leaf, t in leaves.items() if t.is_floating_point()}
        floats = [v for v in values if v.is_floating_point()]
        # The dummy makes the gradient reach children whose inputs carry none.
        dummy = torch.zeros((), dtype=self.dtype, requires_grad=torch.is_grad_enabled())
        outputs = _Playback.apply(self, recorded, fed, played, dummy, *floats)
        leaves |= dict(zip(played, outputs))
        order = iter(leaves.values())
        return tree.transform(recorded.output, is_array, lambda _: next(order))

    @contextmanager
    def _transplanted(self, model: torch.nn.Module, change: Transplant) -> Iterator[None]:
        module = model.get_submodule(change.path)
        calls = itertools.count()
        inside: list[bool] = []

        def before(_: Any, args: Any, kwargs: Any) -> Any:
            inside.append(next(calls) == change.index)
            if not (inside[-1] and torch.is_grad_enabled()):
                return None
            order = itertools.count()

            def other_gradient(value: torch.Tensor) -> torch.Tensor:
                if not value.is_floating_point():
                    return value
                gradient = change.grad_inputs.get(next(order))
                if gradient is None:
                    return value
                return _OtherGradient.apply(value, self._tensor(gradient))

            return tree.transform((args, kwargs), torch.is_tensor, other_gradient)

        def after(_: Any, args: Any, output: Any) -> Any:
            if not inside.pop():
                return None
            order = iter(change.output.values())
            return tree.transform(
                output, torch.is_tensor, lambda v: _OtherValue.apply(v, self._tensor(next(order)))
            )

        handles = (
            module.register_forward_pre_hook(before, with_kwargs=True),
            module.register_forward_hook(after),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _tensor(self, array: np.ndarray) -> torch.Tensor:
        """The array in this backend's dtype; float32 shares memory, so nobody may write to it."""
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        return tensor.to(self.dtype) if tensor.is_floating_point() else tensor


class _Playback(torch.autograd.Function):
    """Returns recorded outputs forward, the recorded input gradients backward.

    One class for all calls: a class made for each call would be cyclic garbage that keeps the
    arrays it closes over alive.
    """

    @staticmethod
    def forward(
        ctx: Any, backend: TorchBackend, call: Call, fed: Fed, played: dict[str, torch.Tensor],
        dummy: torch.Tensor, *inputs: torch.Tensor,
    ) -> Any:  # fmt: skip
        ctx.backend, ctx.call, ctx.fed, ctx.leaves = backend, call, fed, list(played)
        ctx.shapes = [tuple(value.shape) for value in inputs]
        return tuple(played.values())

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor | None) -> Any:
        for leaf, grad in zip(ctx.leaves, grads):
            if grad is not None:
                ctx.fed.cotangents[leaf] = _numpy(grad)
        own = [recorded_gradient(ctx.call, i, shape) for i, shape in enumerate(ctx.shapes)]
        # autograd accumulates into what it is handed.
        return (None,) * 5 + tuple(ctx.backend._tensor(gradient).clone() for gradient in own)


@contextmanager
def _noisy(model: torch.nn.Module, noise: Mapping[str, float]) -> Iterator[None]:
    seeded = torch.Generator().manual_seed(0)

    def add(share: float, output: Any) -> Any:
        if not torch.is_tensor(output):
            return None
        drawn = torch.rand(output.shape, generator=seeded, dtype=output.dtype) * 2 - 1
        return output + drawn * (share * output.detach().abs().max())

    handles = [
        model.get_submodule(path).register_forward_hook(lambda m, a, out, s=share: add(s, out))
        for path, share in noise.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _dropouts(module: torch.nn.Module) -> dict[str, torch.nn.Module]:
    return {
        path: m
        for path, m in module.named_modules()
        if type(m).__name__ in DROPOUTS and _namespace(m).startswith("torch.nn") and m.training
    }


def _drop(layer: Any, uniform: np.ndarray, value: torch.Tensor) -> torch.Tensor:
    if layer.p == 1:
        return value * 0
    return value * (torch.from_numpy(uniform) >= layer.p) / (1 - layer.p)


class _DtypeLog(TorchDispatchMode):
    """Notes the dtypes of every operation under the module whose code runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [""]
        self.found: dict[str, str] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if "_to_copy" not in str(func):
            for _, value in tree.leaves((args, result), torch.is_tensor):
                narrower(self.found, self.stack[-1], str(value.dtype).removeprefix("torch."))
        return result


class _OtherGradient(torch.autograd.Function):
    """The value itself forward, a given gradient backward."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, gradient: torch.Tensor) -> Any:
        ctx.gradient = gradient
        return value.clone()

    @staticmethod
    def backward(ctx: Any, _: torch.Tensor) -> Any:
        return ctx.gradient.clone(), None


class _OtherValue(torch.autograd.Function):
    """Another value forward, the gradient as it comes backward."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, other: torch.Tensor) -> Any:
        return other.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        return gradient, None


@contextmanager
def _restored(module: torch.nn.Module) -> Iterator[None]:
    """Put every buffer back, those that are not compared (counters) included."""
    saved = {name: buffer.clone() for name, buffer in module.named_buffers()}
    try:
        yield
    finally:
        for name, buffer in module.named_buffers():
            buffer.copy_(saved[name])


def _tensors(model: torch.nn.Module, names: Sequence[str]) -> dict[str, torch.Tensor]:
    """Parameters and buffers by name; cheaper than a state_dict of the whole model."""
    found = {}
    for name in names:
        path, _, local = name.rpartition(".")
        found[name] = getattr(model.get_submodule(path), local)
    return found


@contextmanager
def _capturing(root: torch.nn.Module, calls: list[Call]) -> Iterator[None]:
    """Record each call's inputs, outputs and output gradients.

    Gradients come from hooks on the output tensors: module backward hooks break on in-place
    activations. An array is copied once however many modules see it.
    """
    counts: dict[str, int] = {}
    open_calls: list[Call] = []
    copies: dict[tuple[int, int], tuple[torch.Tensor, np.ndarray]] = {}

    def copy(tensor: torch.Tensor) -> np.ndarray:
        key = (id(tensor), tensor._version)
        if key not in copies:
            # Holding the tensor keeps its id from being given to another one.
            copies[key] = (tensor, _numpy(tensor))
        return copies[key][1]

    def before(path: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        index = counts.get(path, 0)
        counts[path] = index + 1
        ours, named = tree.transform((args, kwargs), torch.is_tensor, copy)
        open_calls.append(Call(path, index, ours, named, began=sum(counts.values())))

    def after(output: Any) -> None:
        call = open_calls.pop()
        call.output = tree.transform(output, torch.is_tensor, copy)
        for leaf, tensor in tree.leaves(output, torch.is_tensor):
            if tensor.requires_grad:
                tensor.register_hook(lambda g, c=call, n=leaf: c.cotangents.update({n: _numpy(g)}))
        calls.append(call)

    handles = []
    for path, module in root.named_modules():
        handles.append(
            module.register_forward_pre_hook(
                lambda m, a, k, p=path: before(p, a, k), with_kwargs=True
            )
        )
        handles.append(module.register_forward_hook(lambda m, a, out: after(out)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().copy()


def _view(tensor: torch.Tensor) -> np.ndarray:
    """A result that nobody else holds, without a copy; of a parameter or buffer, a copy."""
    if isinstance(tensor, torch.nn.Parameter) or tensor._base is not None:
        return _numpy(tensor)
    return np.ascontiguousarray(tensor.detach().numpy())


def _namespace(module: torch.nn.Module) -> str:
    return type(module).__module__


def _settings(module: torch.nn.Module) -> dict[str, Any]:
    # Module keeps its own bookkeeping under underscored names, apart from these.
    settings = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name not in ("training", "call_super_init")
        and isinstance(value, _SCALARS)
    }
    if "bias" in module._parameters:
        settings["bias"] = module._parameters["bias"] is not None
    return settings


def _source(module: torch.nn.Module) -> str:
    code = getattr(type(module).forward, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def default_optimizer(model: torch.nn.Module) -> torch.optim.Optimizer:
    """What a pair that names no optimizer is stepped with."""
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
