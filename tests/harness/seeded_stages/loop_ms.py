"""A MindSpore training as people write one, and what they get wrong in it.

``loop`` is right; each keyword plants one mistake.
"""

from collections.abc import Iterable
from typing import Any

import mindspore as ms
import numpy as np
from mindspore import nn, ops

from harness import schedules
from harness.backends.mindspore_losses import LOSSES
from harness.backends.mindspore_optimizers import (
    OPTIMIZERS,
    clip,
    load_state,
    set_rate,
    state,
)
from harness.loop import Loop, parts_of
from harness.recipe import Recipe
from seeded_stages.tiny_ms import Tiny

#: Mistakes in what is differentiated and handed on.
_GRADIENTS = {
    "scaled": lambda gradients: [g * 1024.0 for g in gradients],
    "halved": lambda gradients: [g / 2 for g in gradients],
    "reversed": lambda gradients: [
        gradients[{1: 2, 2: 1}.get(i, i)] for i in range(len(gradients))
    ],
    "zero_bias": lambda gradients: [*gradients[:-1], ops.zeros_like(gradients[-1])],
    "clipped_each": lambda gradients: [ops.clip_by_norm(g, 0.1) for g in gradients],
    "sign": lambda gradients: [ops.sign(g) for g in gradients],
}


def loop(recipe: Recipe, steps_per_epoch: int, wrong: str = "") -> Loop:
    """The recipe's loop by hand. wrong: the mistake, "" for none."""
    del steps_per_epoch
    network = Tiny(bn_momentum=0.1 if wrong == "bn_momentum" else 0.9)
    rate = schedules.Rates(recipe.schedule, recipe.optimizer.arguments["lr"])
    criterion = _loss(recipe, wrong)
    optimizer = _optimizer(recipe, network, wrong)
    held = {"optimizer": optimizer, "epoch": 0, "count": 0, "sum": None}

    def forward(data: ms.Tensor, label: ms.Tensor) -> Any:
        logits = network(data)
        if wrong == "detached":
            logits = ops.stop_gradient(logits) * 0.5 + logits * 0.5
        return criterion(logits, label), logits

    auxiliary = wrong != "no_has_aux"
    differentiate = ms.value_and_grad(forward, None, optimizer.parameters, has_aux=auxiliary)
    each = recipe.trick("accumulate")

    def step(data: ms.Tensor, label: ms.Tensor) -> ms.Tensor:
        if wrong == "labels_shifted":
            label = (label + 1) % 10
        (loss, _), gradients = differentiate(data, label)
        if wrong in _GRADIENTS:
            gradients = _GRADIENTS[wrong](gradients)
        mean = 1.0 if wrong == "accumulates_a_sum" else each
        gradients = [g / mean for g in gradients]
        if held["sum"] is not None:
            gradients = [a + b for a, b in zip(held["sum"], gradients)]
        held["count"] += 1
        held["sum"] = gradients
        if held["count"] % each and wrong != "updates_every_batch":
            return loss
        held["sum"] = gradients if wrong == "never_cleared" else None
        norm = 0.0 if wrong == "not_clipped" else recipe.trick("clip_norm")
        if wrong == "no_update":
            return loss
        held["optimizer"](clip(gradients, norm, recipe.trick("clip_value")))
        if wrong == "updates_twice":
            held["optimizer"](clip(gradients, norm, recipe.trick("clip_value")))
        rate.updated()
        if wrong == "moved_every_step":
            rate.ended(0.0)
        factor = 10.0 if wrong == "rate_times_ten" else 1.0
        set_rate(held["optimizer"], rate.now * factor)
        return loss

    def begin_epoch() -> None:
        held["epoch"] += 1
        first = held["epoch"] == 1
        network.set_train(wrong != "never_trains" and (first or wrong != "tested_for_good"))
        if wrong == "rate_times_ten" and first:
            set_rate(optimizer, rate.now * 10)
        if wrong == "new_optimizer_each_epoch" and not first:
            held["optimizer"] = result.optimizer = _optimizer(recipe, network, wrong)
            set_rate(held["optimizer"], rate.now)

    def end_epoch(loss: float) -> None:
        if wrong not in ("never_moved", "moved_every_step"):
            rate.ended(loss)
        set_rate(held["optimizer"], rate.now * (10 if wrong == "rate_times_ten" else 1))

    def evaluate(batches: Iterable[tuple[ms.Tensor, ms.Tensor]]) -> tuple[float, float]:
        training = network.training
        if wrong != "tested_in_train_mode":
            network.set_train(False)
        total, right, count, made = 0.0, 0, 0, 0
        for data, label in batches:
            if wrong == "remainder_dropped" and len(label) < recipe.batch_size:
                continue
            logits = network(data)
            if wrong == "dropout_while_tested":
                logits = ops.dropout(logits, 0.5, training=True)
            share = len(label) if wrong != "mean_of_means" else 1
            total += float(criterion(logits, label).asnumpy()) * share
            axis = 0 if wrong == "argmax_of_batch" else 1
            predicted = logits.asnumpy().argmax(axis)
            right += int((predicted[: len(label)] == label.asnumpy()[: len(predicted)]).sum())
            count, made = count + len(label), made + 1
        if wrong != "tested_for_good":
            network.set_train(training)
        return total / (made if wrong in ("mean_of_means", "divides_by_batches") else count), (
            right / count
        )

    def saved() -> dict[str, np.ndarray]:
        found = {f"network.{p.name}": p.asnumpy().copy() for p in network.get_parameters()}
        if wrong != "slots_not_saved":
            found |= {f"optimizer.{n}": a for n, a in state(held["optimizer"]).items()}
        if wrong != "schedule_not_saved":
            found |= {f"rate.{n}": np.asarray(v) for n, v in rate.state().items()}
        return found

    def load(arrays: Any) -> None:
        parts = parts_of(arrays)
        for parameter in network.get_parameters():
            value = ms.Tensor(parts["network"][parameter.name])
            if wrong == "bn_not_loaded" and "moving" in parameter.name:
                continue
            ops.assign(parameter, value)
        if parts["optimizer"]:
            load_state(held["optimizer"], parts["optimizer"])
        if parts["rate"]:
            rate.load({name: array.item() for name, array in parts["rate"].items()})
            set_rate(held["optimizer"], rate.now)
        held["sum"], held["count"] = None, 0

    result = Loop(
        network, step, criterion, optimizer, begin_epoch, end_epoch, evaluate, saved, load
    )
    return result


def _loss(recipe: Recipe, wrong: str) -> Any:
    arguments = dict(recipe.loss.arguments)
    if wrong == "summed":
        return nn.CrossEntropyLoss(reduction="sum")
    if wrong == "smoothed":
        return nn.CrossEntropyLoss(label_smoothing=0.1)
    if wrong == "unweighted":
        arguments.pop("weight")
    right = LOSSES[recipe.loss.name](**arguments)
    if wrong == "softmax_twice":
        return lambda logits, label: right(ops.softmax(logits, axis=-1), label)
    if wrong == "negative":
        return lambda logits, label: (
            -ops.gather_elements(logits, 1, label.expand_dims(1).astype(ms.int32)).mean()
        )
    return right


def _optimizer(recipe: Recipe, network: Tiny, wrong: str) -> Any:
    arguments = dict(recipe.optimizer.arguments)
    changed = {
        "no_momentum": {"momentum": 0.0},
        "no_decay": {"weight_decay": 0.0},
        "nesterov": {"nesterov": True},
        "dampened": {"dampening": 0.5},
    }
    leave_out = {"head_left_out": ("fc",), "norms_left_out": ("bn*",)}.get(wrong, ())
    if wrong == "adam_for_sgd":
        return OPTIMIZERS["adam"](network, lr=arguments["lr"])
    return OPTIMIZERS[recipe.optimizer.name](
        network, **{**arguments, **changed.get(wrong, {})}, leave_out=leave_out
    )
