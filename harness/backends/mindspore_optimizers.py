"""MindSpore's optimizers by the recipe's names, in torch's terms: each moves as torch's does.

They are ``mindspore.experimental.optim``'s, which are torch's by definition, save Adam and RAdam;
``mindspore.nn``'s are not: some leave parameters out of the decay by name, correct no bias, start
accumulators at 1.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from harness.backends import runtime
from harness.backends.mindspore_arrays import assign

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
from mindspore import ops  # noqa: E402
from mindspore.experimental import optim  # noqa: E402

#: A network, or its parameters.
Trained: TypeAlias = ms.nn.Cell | Iterable[ms.Parameter]

#: Arguments that MindSpore wants as floats where torch takes a whole number, too.
_FLOATS = ("weight_decay", "lr_decay", "eps", "lambd", "t0", "momentum_decay", "momentum",
           "initial_accumulator_value", "rho", "alpha", "dampening")  # fmt: skip


class Adam(optim.AdamW):
    """torch's Adam: weight decay is added to the gradients, not taken off the parameters.

    ``experimental.optim.Adam`` and ``nn.Adam`` put eps outside the bias correction; AdamW does not.
    """

    def __init__(
        self,
        params: list[dict[str, Any]],
        lr: float = 0.001,
        weight_decay: float = 0.0,
        **rest: Any,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay, **rest)

    def construct(self, gradients: Sequence[ms.Tensor]) -> bool:
        self.assignadd(self.state_step, self.increase_tensor)
        for number, group in enumerate(self.param_groups):
            first, last = self.group_start_id[number], self.group_start_id[number + 1]
            parameters = self.parameters[first:last]
            grads = self._decay_weight(group["weight_decay"], parameters, gradients[first:last])
            beta1, beta2 = group["betas"]
            self.implementation(
                self.lrs[number], 0.0, beta1, beta2, group["amsgrad"], group["eps"],
                tuple(grads), first, last,
            )  # fmt: skip
        return True


class RAdam(optim.RAdam):
    """torch's RAdam, its rectification computed in float64; PyNative mode only.

    The stock one subtracts two numbers near 2000 in float32 for a difference near 1: its steps 6 to
    9 are off by about 1e-3 of themselves.
    """

    def construct(self, gradients: Sequence[ms.Tensor]) -> bool:
        self.assignadd(self.step_t, self.increase_tensor)
        step = int(self.step_t.asnumpy())
        for number, group in enumerate(self.param_groups):
            first, last = self.group_start_id[number], self.group_start_id[number + 1]
            parameters = self.parameters[first:last]
            grads = self._decay_weight(group["weight_decay"], parameters, gradients[first:last])
            (beta1, beta2), rate = group["betas"], self.lrs[number]
            unbiased, left = 1 - beta1**step, 1 - beta2**step
            longest = 2 / (1 - beta2) - 1
            length = longest - 2 * step * beta2**step / left
            for at, (parameter, gradient) in enumerate(zip(parameters, grads), start=first):
                mean, square = self.exp_avg[at], self.exp_avg_sq[at]
                ops.assign(mean, mean * beta1 + gradient * (1 - beta1))
                ops.assign(square, square * beta2 + gradient * gradient * (1 - beta2))
                move = mean / unbiased * rate
                if length > 5:
                    rectified = (length - 4) * (length - 2) * longest
                    rectified /= (longest - 4) * (longest - 2) * length
                    move = move * (rectified * left) ** 0.5 / (ops.sqrt(square) + group["eps"])
                ops.assign(parameter, parameter - move)
        return True


def build(
    kind: type[optim.Optimizer],
    model: Trained,
    *,
    groups: Mapping[str, Mapping[str, Any]] | None = None,
    leave_out: Sequence[str] = (),
    **arguments: Any,
) -> optim.Optimizer:
    """An optimizer of ``kind`` over what is trainable; call it with gradients in the order of its
    ``parameters``.

    groups: pattern (fnmatch) of cell paths -> what differs for their parameters, e.g.
        {"norm*": {"weight_decay": 0.0}}; the first that matches counts. leave_out: patterns of
        cells whose parameters are not trained. torch skips a parameter that nothing uses, while
        MindSpore's gradient of it is zero and it decays: leave such cells out.
    """
    rest: list[ms.Parameter] = []
    grouped: dict[str, list[ms.Parameter]] = {pattern: [] for pattern in groups or {}}
    for name, parameter in _trainable(model):
        path = name.rpartition(".")[0]
        if not any(fnmatchcase(path, p) for p in leave_out):
            pattern = next((p for p in grouped if fnmatchcase(path, p)), None)
            (rest if pattern is None else grouped[pattern]).append(parameter)
    made: list[dict[str, Any]] = [{"params": rest}] if rest else []
    made += [{"params": held, **_floats((groups or {})[p])} for p, held in grouped.items() if held]
    return kind(made, **_floats(arguments))


def _trainable(model: Trained) -> Iterator[tuple[str, ms.Parameter]]:
    if isinstance(model, ms.nn.Cell):
        return ((n, p) for n, p in model.parameters_and_names() if p.requires_grad)
    return ((p.name, p) for p in model if p.requires_grad)


def _floats(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments in the types MindSpore insists on: floats, tuples."""
    return {
        key: float(value)
        if key in (*_FLOATS, "lr")
        else tuple(value)
        if isinstance(value, list)
        else value
        for key, value in arguments.items()
    }


Factory = Callable[..., optim.Optimizer]


def sgd(model: Trained, lr: float = 0.001, **arguments: Any) -> optim.SGD:
    """SGD with torch's default rate, which MindSpore's has not."""
    return build(optim.SGD, model, lr=lr, **arguments)


adam = partial(build, Adam)
adamw = partial(build, optim.AdamW)
adamax = partial(build, optim.Adamax)
adagrad = partial(build, optim.Adagrad)
adadelta = partial(build, optim.Adadelta)
rmsprop = partial(build, optim.RMSprop)
rprop = partial(build, optim.Rprop)
asgd = partial(build, optim.ASGD)
nadam = partial(build, optim.NAdam)
radam = partial(build, RAdam)

#: Recipe name -> factory(model, **arguments of the recipe).
OPTIMIZERS: dict[str, Factory] = {
    "sgd": sgd, "adam": adam, "adamw": adamw, "adamax": adamax, "adagrad": adagrad,
    "adadelta": adadelta, "rmsprop": rmsprop, "rprop": rprop, "asgd": asgd, "nadam": nadam,
    "radam": radam,
}  # fmt: skip


def set_rate(optimizer: optim.Optimizer, value: float) -> None:
    """Let the next step move by ``value``, in every group."""
    for rate in optimizer.lrs:
        assign(rate, np.array(value, np.float32))


def rates(optimizer: optim.Optimizer) -> list[float]:
    """The rate of each parameter group."""
    return [float(rate.asnumpy()) for rate in optimizer.lrs]


def _kept(optimizer: ms.nn.Cell) -> Iterator[tuple[str, ms.Parameter]]:
    """Slots, step counts and rates: everything a step changes but the trained parameters.

    Slots are named after the parameter they belong to, as torch's are.
    """
    trained = {id(p) for p in optimizer.parameters}
    names = [parameter.name for parameter in optimizer.parameters]
    held = {**vars(optimizer), **optimizer._params}
    for attribute, value in held.items():
        key = "rate" if attribute == "lrs" else attribute
        if isinstance(value, ms.Parameter) and id(value) not in trained:
            yield key, value
        elif isinstance(value, (list, tuple)) and all(isinstance(v, ms.Parameter) for v in value):
            labels = names if len(value) == len(names) and key != "rate" else map(str, range(99))
            for label, parameter in zip(labels, value):
                if id(parameter) not in trained:
                    yield f"{key}.{label}", parameter


def state(optimizer: ms.nn.Cell) -> dict[str, np.ndarray]:
    """Copies of all slots, the step count and the rates: ``exp_avg.conv.weight``, ``rate.0``."""
    return {key: parameter.asnumpy().copy() for key, parameter in _kept(optimizer)}


def load_state(optimizer: ms.nn.Cell, arrays: Mapping[str, np.ndarray]) -> None:
    """Put back what ``state`` gave, bit for bit. Raises KeyError where names differ."""
    kept = dict(_kept(optimizer))
    if kept.keys() != arrays.keys():
        wrong = sorted(kept.keys() ^ arrays.keys())
        raise KeyError(f"the optimizer and what was saved do not both keep {', '.join(wrong[:5])}")
    for key, parameter in kept.items():
        assign(parameter, arrays[key])


def clip(
    grads: Sequence[ms.Tensor], norm: float = 0.0, value: float = 0.0
) -> tuple[ms.Tensor, ...]:
    """Gradients clipped by value, then by their norm over all, as torch.nn.utils does; 0: not.

    ``ops.clip_by_global_norm`` divides by max(norm, limit), without torch's 1e-6.
    """
    clipped = tuple(grads)
    if value:
        limit = float(value)
        clipped = tuple(ops.clip_by_value(g, -limit, limit) for g in clipped)
    if norm:
        # Norms of each, then their norm: torch's own order of summation.
        norms = ops.stack([ops.sqrt(ops.reduce_sum(ops.square(g))) for g in clipped])
        total = ops.sqrt(ops.reduce_sum(ops.square(norms)))
        share = ops.minimum(float(norm) / (total + 1e-6), ms.Tensor(1.0, ms.float32))
        clipped = tuple(g * share for g in clipped)
    return clipped
