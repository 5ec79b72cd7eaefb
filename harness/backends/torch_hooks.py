"""What is hung on torch modules while they run: recording, dropout, noise, other results."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

from harness import tree
from harness.backends import draws
from harness.backends.base import Call, Coarse, Kept, Transplant, narrower
from harness.backends.torch_arrays import hollow_of, numpy_of


@contextmanager
def capturing(root: torch.nn.Module, calls: list[Call], kept: Kept | None = None) -> Iterator[None]:
    """Record each call's inputs, outputs and output gradients, or of ``kept`` calls alone.

    Gradients come from hooks on the output tensors: module backward hooks break on in-place
    activations. An array is copied once however many modules see it. What is not kept is recorded
    as an array of its shape and dtype that takes no memory.
    """
    counts: dict[str, int] = {}
    open_calls: list[Call] = []
    copies: Any = WeakIdKeyDictionary()  # tensor -> (version, whether it is kept) -> array

    def copy(tensor: torch.Tensor, keep: bool) -> np.ndarray:
        known = copies.setdefault(tensor, {})
        key = (tensor._version, keep)
        if key not in known:
            known[key] = numpy_of(tensor) if keep else hollow_of(tensor)
        return known[key]

    def before(path: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        index = counts.get(path, 0)
        counts[path] = index + 1
        call = Call(path, index, (), {}, began=sum(counts.values()))
        keep = kept is None or call.name in kept.whole
        call.args, call.kwargs = tree.transform(
            (args, kwargs), torch.is_tensor, partial(copy, keep=keep)
        )
        open_calls.append(call)

    def after(output: Any) -> None:
        call = open_calls.pop()
        keep = kept is None or call.name in kept.whole
        keep_output = kept is None or keep or call.name in kept.outputs
        call.output = tree.transform(output, torch.is_tensor, partial(copy, keep=keep_output))
        held = numpy_of if keep else hollow_of
        for leaf, tensor in tree.leaves(output, torch.is_tensor):
            if tensor.requires_grad:
                tensor.register_hook(
                    lambda g, c=call, n=leaf, h=held: c.cotangents.update({n: h(g)})
                )
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


def drop(rate: float, uniform: np.ndarray, value: torch.Tensor) -> torch.Tensor:
    """Dropout by a given pattern."""
    if rate == 1:
        return value * 0
    return value * (torch.from_numpy(uniform) < 1 - rate) / (1 - rate)


@contextmanager
def fixed_draws(tell: Callable[[], None]) -> Iterator[None]:
    """While inside, what a module's own code draws comes from ``harness.backends.draws``.

    tell: called at every draw.
    """

    def filled(original: Callable[..., Any], numbers: Callable[..., np.ndarray]) -> Any:
        def function(*args: Any, **kwargs: Any) -> torch.Tensor:
            tell()
            found = original(*args, **kwargs)
            return found.copy_(torch.from_numpy(numbers(found.shape)))

        return function

    def kept(value: torch.Tensor, share: Any) -> torch.Tensor:
        tell()
        return torch.from_numpy(draws.uniform(value.shape)) < share

    def bernoulli(input: torch.Tensor, p: float | None = None, **_: Any) -> torch.Tensor:
        return kept(input, input if p is None else p).to(input.dtype)

    def bernoulli_(self: torch.Tensor, p: Any = 0.5, **_: Any) -> torch.Tensor:
        return self.copy_(kept(self, p))

    def uniform_(self: torch.Tensor, a: float = 0, b: float = 1, **_: Any) -> torch.Tensor:
        tell()
        return self.copy_(torch.from_numpy(draws.uniform(self.shape)) * (b - a) + a)

    def normal_(self: torch.Tensor, mean: float = 0, std: float = 1, **_: Any) -> torch.Tensor:
        tell()
        return self.copy_(torch.from_numpy(draws.normal(self.shape)) * std + mean)

    drawing = {"rand": draws.uniform, "rand_like": draws.uniform,
               "randn": draws.normal, "randn_like": draws.normal}  # fmt: skip
    functions = {name: filled(getattr(torch, name), of) for name, of in drawing.items()}
    methods: dict[str, Any] = {"bernoulli": bernoulli, "bernoulli_": bernoulli_,
               "uniform_": uniform_, "normal_": normal_}  # fmt: skip
    with draws.replaced(torch, {**functions, "bernoulli": bernoulli}):
        with draws.replaced(torch.Tensor, methods):
            yield


class DtypeLog(TorchDispatchMode):
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


class CoarseKernels(TorchDispatchMode):
    """Adds to each value of coarse elementwise functions their relative error, at random."""

    def __init__(self, coarse: Coarse) -> None:
        super().__init__()
        self.coarse = coarse
        self.seeded = torch.Generator().manual_seed(coarse.seed)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func._schema.name.removeprefix("aten::").removesuffix("_")
        share = self.coarse.shares.get(name)
        if share is None:
            return result
        self.coarse.ran.add(name)
        drawn = torch.rand(result.shape, generator=self.seeded, dtype=result.dtype) * 2 - 1
        return result.mul_(1 + share * drawn)


@contextmanager
def noisy(model: torch.nn.Module, noise: Mapping[str, float]) -> Iterator[None]:
    seeded = torch.Generator().manual_seed(0)

    def add(share: float, output: torch.Tensor) -> torch.Tensor:
        if not output.is_floating_point():
            return output
        drawn = torch.rand(output.shape, generator=seeded, dtype=output.dtype) * 2 - 1
        return output + drawn * (share * output.detach().abs().max())

    handles = [
        model.get_submodule(path).register_forward_hook(
            lambda m, a, out, s=share: tree.transform(out, torch.is_tensor, partial(add, s))
        )
        for path, share in noise.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def transplanted(
    model: torch.nn.Module, change: Transplant, tensor: Callable[[np.ndarray], torch.Tensor]
) -> Iterator[None]:
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
            return _OtherGradient.apply(value, tensor(gradient))

        return tree.transform((args, kwargs), torch.is_tensor, other_gradient)

    def after(_: Any, args: Any, output: Any) -> Any:
        if not inside.pop():
            return None
        order = iter(change.output.values())
        return tree.transform(
            output, torch.is_tensor, lambda v: _OtherValue.apply(v, tensor(next(order)))
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
