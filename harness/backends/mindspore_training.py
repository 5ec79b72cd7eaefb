"""MindSpore's side of a training: the Loop that a Recipe describes, and its Runner."""

from collections.abc import Callable, Mapping
from typing import Any

import mindspore as ms
import numpy as np

from harness import registry, schedules
from harness.backends import mindspore_optimizers
from harness.backends.base import stand_ins
from harness.backends.mindspore_arrays import (
    assign,
    is_tensor,
    named_parameters,
    rate_of_each,
    tensor_of,
)
from harness.backends.mindspore_losses import LOSSES
from harness.backends.runner import Runner, Stepped
from harness.loop import Average, Loop, parts_of
from harness.recipe import Recipe


def loop(recipe: Recipe, steps_per_epoch: int, average: Average | None = None) -> Loop:
    """The training loop that a recipe describes, as a MindSpore user writes it.

    steps_per_epoch: not needed, the schedule is told of updates and epochs. average: the mean of
    gradients over the processes of a data-parallel training. Raises PairError for an unknown
    network.
    """
    pair, _, arguments = registry.network_of(recipe)
    cell = pair.factory("mindspore")(**arguments)
    criterion = LOSSES[recipe.loss.name](**recipe.loss.arguments)
    optimizer = mindspore_optimizers.OPTIMIZERS[recipe.optimizer.name](
        cell, **recipe.optimizer.arguments
    )
    base = float(recipe.optimizer.arguments.get("lr", mindspore_optimizers.rates(optimizer)[0]))
    rate = schedules.Rates(recipe.schedule, base)
    mindspore_optimizers.set_rate(optimizer, rate.now)
    batches, scale = recipe.trick("accumulate"), recipe.trick("loss_scale")
    counts = {"batches": 0}
    kept: list[list[ms.Tensor]] = []

    def forward(data: ms.Tensor, target: ms.Tensor) -> tuple[ms.Tensor, ms.Tensor]:
        loss = criterion(cell(data), target)
        return loss * (scale / batches), loss

    differentiate = ms.value_and_grad(forward, None, optimizer.parameters, has_aux=True)

    def step(data: ms.Tensor, target: ms.Tensor) -> ms.Tensor:
        (_, loss), gradients = differentiate(data, target)
        kept.append([gradient / scale if scale != 1 else gradient for gradient in gradients])
        counts["batches"] += 1
        if counts["batches"] % batches == 0:
            total = [sum(parts[1:], parts[0]) for parts in zip(*kept)]
            kept.clear()
            if average is not None:
                total = list(average(total))
            optimizer(
                mindspore_optimizers.clip(
                    total, recipe.trick("clip_norm"), recipe.trick("clip_value")
                )
            )
            rate.updated()
            mindspore_optimizers.set_rate(optimizer, rate.now)
        return loss

    def begin_epoch() -> None:
        cell.set_train(True)

    def end_epoch(evaluation_loss: float) -> None:
        rate.ended(evaluation_loss)
        mindspore_optimizers.set_rate(optimizer, rate.now)

    def state() -> dict[str, np.ndarray]:
        found = {f"network.{n}": p.asnumpy().copy() for n, p in named_parameters(cell).items()}
        found |= {f"optimizer.{n}": a for n, a in mindspore_optimizers.state(optimizer).items()}
        found |= {f"schedule.{n}": np.asarray(v) for n, v in rate.state().items()}
        return found | {"batches": np.asarray(counts["batches"])}

    def load(arrays: Mapping[str, np.ndarray]) -> None:
        parts = parts_of(arrays)
        own = named_parameters(cell)
        for name, array in parts["network"].items():
            # In place: what a used optimizer updates must stay what the network computes with.
            assign(own[name], array)
        mindspore_optimizers.load_state(optimizer, parts["optimizer"])
        rate.load({name: array.item() for name, array in parts["schedule"].items()})
        mindspore_optimizers.set_rate(optimizer, rate.now)
        counts["batches"] = int(arrays["batches"])
        kept.clear()

    return Loop(cell, step, criterion, optimizer, begin_epoch, end_epoch, None, state, load)


class MindSporeRunner(Runner):
    """Drives a MindSpore Loop."""

    def tensors(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        narrow = labels.astype(np.int32) if np.issubdtype(labels.dtype, np.integer) else labels
        return tensor_of(images), tensor_of(narrow)

    def step(self, images: np.ndarray, labels: np.ndarray) -> Stepped:
        found, network, optimizer = Stepped(), self.loop.network, self.loop.optimizer

        def called(_: Any, __: Any, output: Any) -> None:
            if is_tensor(output):
                found.outputs = output.asnumpy().copy()

        handle = network.register_forward_hook(called) if isinstance(network, ms.nn.Cell) else None
        watched = {"optimizer": optimizer} if isinstance(optimizer, ms.nn.Cell) else {}
        try:
            with stand_ins(watched, self._updating(found)):
                loss = self.loop.step(*self.tensors(images, labels))
            found.loss = float(loss.asnumpy() if is_tensor(loss) else loss)
        finally:
            if handle is not None:
                handle.remove()
        return found

    def _updating(self, found: Stepped) -> Callable[[str, Any, tuple, dict], Any]:
        names = {id(p): name for name, p in reversed(named_parameters(self.loop.network).items())}

        def called(_: str, optimizer: ms.nn.Cell, args: tuple, kwargs: dict) -> Any:
            own = [names.get(id(p), "") for p in optimizer.parameters]
            found.updates += 1
            gradients = args[0] if args else ()
            if isinstance(gradients, (list, tuple)) and len(gradients) == len(own):
                found.gradients = {
                    n: g.asnumpy().copy() for n, g in zip(own, gradients) if is_tensor(g)
                }
            found.rates = dict(zip(own, rate_of_each(optimizer)))
            return type(optimizer).__mro__[1].__call__(optimizer, *args, **kwargs)

        return called

    def logits(self, images: np.ndarray) -> np.ndarray:
        network = self.loop.network
        training = network.training
        network.set_train(False)
        try:
            return network(tensor_of(images)).asnumpy().copy()
        finally:
            network.set_train(training)

    def loss_of(self, logits: np.ndarray, labels: np.ndarray) -> float:
        return float(self.loop.loss(*self.tensors(logits, labels)).asnumpy())
