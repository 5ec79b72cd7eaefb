"""torch's side of a training: the Loop that a Recipe describes, and its Runner."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from harness import registry
from harness.backends import torch_optimizers
from harness.backends.runner import Runner, Stepped
from harness.backends.torch_losses import LOSSES
from harness.loop import Average, Loop, parts_of
from harness.recipe import Recipe


def loop(recipe: Recipe, steps_per_epoch: int, average: Average | None = None) -> Loop:
    """The training loop that a recipe describes, as a torch user writes it.

    steps_per_epoch: not needed, the schedule is told of updates and epochs. average: the mean of
    gradients over the processes of a data-parallel training. Raises PairError for an unknown
    network.
    """
    pair, _, arguments = registry.network_of(recipe)
    module = pair.factory("torch")(**arguments)
    criterion = LOSSES[recipe.loss.name](**recipe.loss.arguments)
    optimizer = torch_optimizers.OPTIMIZERS[recipe.optimizer.name](
        module, **recipe.optimizer.arguments
    )
    schedule = torch_optimizers.schedule(recipe.schedule, optimizer).scheduler
    by_step = recipe.schedule.arguments.get("per", "epoch") == "step"
    plateau = recipe.schedule.name == "plateau"
    batches, scale = recipe.trick("accumulate"), recipe.trick("loss_scale")
    counts = {"batches": 0}

    def step(data: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        loss = criterion(module(data), target)
        (loss * (scale / batches)).backward()
        counts["batches"] += 1
        if counts["batches"] % batches == 0:
            if scale != 1:
                for parameter in module.parameters():
                    if parameter.grad is not None:
                        parameter.grad /= scale
            if average is not None:
                own = [p.grad for p in module.parameters() if p.grad is not None]
                for gradient, mean in zip(own, average(own)):
                    gradient.copy_(mean)
            if recipe.trick("clip_value"):
                torch.nn.utils.clip_grad_value_(module.parameters(), recipe.trick("clip_value"))
            if recipe.trick("clip_norm"):
                torch.nn.utils.clip_grad_norm_(module.parameters(), recipe.trick("clip_norm"))
            optimizer.step()
            optimizer.zero_grad()
            if by_step:
                schedule.step()
        return loss.detach()

    def begin_epoch() -> None:
        module.train()

    def end_epoch(evaluation_loss: float) -> None:
        if not by_step:
            schedule.step(*((evaluation_loss,) if plateau else ()))

    def state() -> dict[str, np.ndarray]:
        found = {f"network.{n}": t.numpy().copy() for n, t in module.state_dict().items()}
        found |= {f"optimizer.{n}": a for n, a in torch_optimizers.state(optimizer).items()}
        found |= {
            f"schedule.{name}": np.asarray(value)
            for name, value in schedule.state_dict().items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }
        return found | {"batches": np.asarray(counts["batches"])}

    def load(arrays: Mapping[str, np.ndarray]) -> None:
        parts = parts_of(arrays)
        module.load_state_dict({n: torch.from_numpy(a.copy()) for n, a in parts["network"].items()})
        torch_optimizers.load_state(optimizer, parts["optimizer"])
        said = {name: array.item() for name, array in parts["schedule"].items()}
        schedule.load_state_dict({**schedule.state_dict(), **said})
        counts["batches"] = int(arrays["batches"])
        optimizer.zero_grad()

    return Loop(module, step, criterion, optimizer, begin_epoch, end_epoch, None, state, load)


class TorchRunner(Runner):
    """Drives a torch Loop, in the backend's dtype."""

    def prepared(self, loop: Loop) -> Loop:
        dtype = self.backend.dtype  # type: ignore[attr-defined]
        loop.network.to(dtype)
        if isinstance(loop.loss, torch.nn.Module):
            loop.loss.to(dtype)
        return loop

    def tensors(self, images: np.ndarray, labels: np.ndarray) -> tuple[Any, Any]:
        tensor = self.backend.tensor  # type: ignore[attr-defined]
        wide = labels.astype(np.int64) if np.issubdtype(labels.dtype, np.integer) else labels
        return tensor(images).clone(), tensor(wide).clone()

    def step(self, images: np.ndarray, labels: np.ndarray) -> Stepped:
        found, network, optimizer = Stepped(), self.loop.network, self.loop.optimizer
        names = {id(p): name for name, p in network.named_parameters()}

        def called(_: Any, __: Any, output: Any) -> None:
            if torch.is_tensor(output):
                found.outputs = output.detach().numpy().copy()

        def updating(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            found.updates += 1
            for group in optimizer.param_groups:
                for p in group["params"]:
                    name = names.get(id(p), "")
                    found.rates[name] = float(group["lr"])
                    if p.grad is not None:
                        found.gradients[name] = p.grad.detach().numpy().copy()

        handles = [network.register_forward_hook(called)]
        if optimizer is not None:
            handles.append(optimizer.register_step_pre_hook(updating))
        try:
            found.loss = float(self.loop.step(*self.tensors(images, labels)))
        finally:
            for handle in handles:
                handle.remove()
        return found

    def logits(self, images: np.ndarray) -> np.ndarray:
        network = self.loop.network
        training = network.training
        network.eval()
        try:
            with torch.no_grad():
                return network(self.backend.tensor(images)).numpy().copy()  # type: ignore[attr-defined]
        finally:
            network.train(training)

    def loss_of(self, logits: np.ndarray, labels: np.ndarray) -> float:
        outputs, targets = self.tensors(logits, labels)
        with torch.no_grad():
            return float(self.loop.loss(outputs, targets))
