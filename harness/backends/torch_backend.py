"""The torch backend: the reference in float32, the oracle in float64."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from weakref import WeakSet

import numpy as np
import torch

from harness import tree
from harness.backends.base import (
    Arguments,
    Backend,
    Call,
    Coarse,
    Cotangents,
    Kept,
    Player,
    Run,
    Settings,
    Step,
    Training,
    Transplant,
    is_array,
    is_plain,
    stand_ins,
)
from harness.backends.draws import fixed_dropout
from harness.backends.torch_arrays import namespace_of, numpy_of, restored, tensors_of, view_of
from harness.backends.torch_hooks import (
    CoarseKernels,
    DtypeLog,
    capturing,
    drop,
    fixed_draws,
    noisy,
    transplanted,
)
from harness.backends.torch_playback import play
from harness.errors import ParameterMapError
from harness.inventory import Inventory, Module, Parameter


class TorchBackend(Backend):
    """torch on the CPU."""

    model_type = "torch.nn.Module"

    def __init__(self, dtype: str, settings: Settings) -> None:
        torch.set_num_threads(settings.threads)
        self.dtype = getattr(torch, dtype)
        #: Models whose mode this backend has set: doing it again for every module is quadratic.
        self._set: WeakSet[torch.nn.Module] = WeakSet()
        self.name = "torch" if dtype == "float32" else "torch64"
        self.label = f"torch {torch.__version__} CPU {dtype}"

    def build(self, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int) -> Any:
        with self.seeded(seed):
            model = factory(**kwargs)
            return model.to(self.dtype) if self.is_model(model) else model

    def is_model(self, value: Any) -> bool:
        return isinstance(value, torch.nn.Module)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        before = np.random.get_state(), random.getstate()
        try:
            with torch.random.fork_rng(devices=[]):
                # torch.manual_seed also leaves word for CUDA, XPU and MTIA, with stack traces.
                torch.default_generator.manual_seed(seed % 2**63)
                np.random.seed(seed % 2**32)
                random.seed(seed)
                yield
        finally:
            np.random.set_state(before[0])
            random.setstate(before[1])

    def inventory(self, model: torch.nn.Module) -> Inventory:
        modules = tuple(
            Module(path, type(m).__name__, namespace_of(m), _settings(m), _source(m), _base(m))
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
        return {name: numpy_of(value) for name, value in model.state_dict().items()}

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
                parameter.grad = None if gradient is None else self.tensor(gradient) * scale
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
        self, model: torch.nn.Module, arguments: Arguments, train: bool, amp: str = ""
    ) -> dict[str, str]:
        self._set.discard(model)
        if amp == "O3":
            model = model.half()
        model.train(train)
        log = DtypeLog()
        handles = []
        for path, module in model.named_modules():
            handles.append(
                module.register_forward_pre_hook(lambda m, a, p=path: log.stack.append(p))
            )
            handles.append(module.register_forward_hook(lambda m, a, out: log.stack.pop() and None))

        def feed(array: np.ndarray) -> torch.Tensor:
            tensor = self.tensor(array)
            return tensor.half() if amp == "O3" and tensor.is_floating_point() else tensor

        args, kwargs = tree.transform(arguments, is_array, feed)
        mixed = amp in ("O1", "O2", "auto")
        try:
            with torch.no_grad(), restored(model), log:
                with torch.autocast("cpu", torch.float16, enabled=mixed):
                    model(*args, **kwargs)
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
        kept: Kept | None = None,
        transplant: Transplant | None = None,
        noise: Mapping[str, float] | None = None,
        coarse: Coarse | None = None,
    ) -> Run:
        """As every backend; kept: the calls whose arrays are captured (by default all), and three
        things more, to learn how far what a module computes carries:

        transplant: other results in the place of one call's own. noise: path -> share of the
        module's largest output value that is added to it at random. coarse: errors of kernels that
        are added wherever torch calls them.
        """
        if model.training != train or model not in self._set:
            model.train(train)
            self._set.add(model)
        module = model.get_submodule(path)
        floats: list[torch.Tensor] = []

        def feed(array: np.ndarray) -> torch.Tensor:
            tensor = self.tensor(array)
            if tensor.is_floating_point() and cotangents is not None:
                floats.append(tensor.requires_grad_())
            # In-place modules may write neither to a leaf that requires a gradient nor to ours.
            return tensor.clone()

        ours_args, ours_kwargs = tree.transform((tuple(args), dict(kwargs or {})), is_array, feed)
        own = tensors_of(model, parameters)
        result = Run({})
        player = Player(played or {})
        player.dummy = torch.zeros((), dtype=self.dtype, requires_grad=cotangents is not None)
        with ExitStack() as stack:
            stack.enter_context(restored(module))
            stack.enter_context(torch.set_grad_enabled(cotangents is not None))
            if played:
                children = {path: model.get_submodule(path) for path in played}
                stack.enter_context(stand_ins(children, partial(play, self, player)))
            # torch's dropout layers call the functions.
            stack.enter_context(fixed_dropout({}, [torch.nn.functional], float, drop))
            stack.enter_context(fixed_draws(lambda: setattr(result, "random", True)))
            stack.enter_context(noisy(model, noise or {}))
            if coarse is not None:
                stack.enter_context(CoarseKernels(coarse))
            if transplant is not None:
                stack.enter_context(transplanted(model, transplant, self.tensor))
            if capture:
                stack.enter_context(capturing(module, result.calls, kept))
            output = module(*ours_args, **ours_kwargs)
            found = list(tree.leaves(output, torch.is_tensor))
            result.output = {leaf: view_of(value) for leaf, value in found}
            if cotangents is not None:
                self._backward(result, found, [*floats, player.dummy], own, parameters, cotangents)
            result.state = {name: numpy_of(t) for name, t in tensors_of(model, state).items()}
        result.fed, result.surplus = player.fed, player.surplus
        return result

    def _backward(
        self,
        result: Run,
        outputs: list[tuple[str, torch.Tensor]],
        floats: list[torch.Tensor],  # the last one is the player's dummy
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
                fed.append(self.tensor(cotangent).clone())
        names = [name for name in parameters if own[name].requires_grad]
        sources = floats + [own[name] for name in names]
        if not targets:
            return
        grads = torch.autograd.grad(targets, sources, fed, allow_unused=True)
        result.unused = [n for n, g in zip(names, grads[len(floats) :]) if g is None]
        arrays = [view_of(torch.zeros_like(s) if g is None else g) for s, g in zip(sources, grads)]
        result.grad_inputs = dict(enumerate(arrays[: len(floats) - 1]))
        result.grads = dict(zip(names, arrays[len(floats) :]))

    def tensor(self, array: np.ndarray) -> torch.Tensor:
        """The array in this backend's dtype; float32 shares memory, so nobody may write to it."""
        tensor = torch.from_numpy(np.asarray(array, order="C"))
        return tensor.to(self.dtype) if tensor.is_floating_point() else tensor


def _settings(module: torch.nn.Module) -> dict[str, Any]:
    # Module keeps its own bookkeeping under underscored names, apart from these.
    settings = {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name not in ("training", "call_super_init")
        and is_plain(value)
    }
    for name in ("bias", "in_proj_bias"):
        if name in module._parameters:
            settings[name] = module._parameters[name] is not None
    return settings


def _base(module: torch.nn.Module) -> str:
    """torch's own layer that the module is or inherits from; "" where there is none."""
    own = (kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn.modules."))
    nearest = next(own)
    return "" if nearest is torch.nn.Module else nearest.__name__


def _source(module: torch.nn.Module) -> str:
    code = getattr(type(module).forward, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def default_optimizer(model: torch.nn.Module) -> torch.optim.Optimizer:
    """What a pair that names no optimizer is stepped with."""
    return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
