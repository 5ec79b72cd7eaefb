"""Evaluation: both sides' average loss and accuracy, and whether they are what they are called."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from harness.backends.runner import Evaluation, Runner
from harness.compare import judge
from harness.lockstep import Batch
from harness.stages.rehearsal import batches_of, evaluated, lockstep
from harness.stages.stage import Stage, concluded
from harness.tolerance import ONE_FACTOR
from harness.verdict import DIVERGES, Finding, Result, Verdict

#: Images of an evaluation, where the variant does not say.
IMAGES = 64

#: The smallest value that a loss can have.
LEAST = {"cross_entropy": 0.0, "mse": 0.0, "l1": 0.0, "smooth_l1": 0.0, "huber": 0.0,
         "bce_with_logits": 0.0}  # fmt: skip


def check_evaluation(stage: Stage) -> Verdict:
    """Both sides' evaluations give the same loss and accuracy, and the same when repeated."""
    batches = _test_batches(stage)
    run = lockstep(stage, 1)
    run.begin_epoch()
    for _ in run.forced(islice(batches_of(stage, train=True), 1)):
        pass  # one step: networks are then in train mode, and their statistics are not the first
    run.joined()
    sides = {"torch": run.torch, "mindspore": run.port, "float64": run.oracle}
    found = {name: evaluated(runner, batches) for name, runner in sides.items()}
    torch, port, oracle = found["torch"], found["mindspore"], found["float64"]
    twins = [evaluated(twin, batches) for twin in run.twins]
    measured = judge(
        np.array([port.loss], "f4"), np.array([torch.loss], "f4"), np.array([oracle.loss]),
        nudged=lambda: [np.array([twin.loss]) for twin in twins],
    )  # fmt: skip
    results = [Result("average loss", "whole", "", "eval", measured)]
    findings = list(_quantities(stage, sides, found, batches))
    findings += _restless(sides, found, batches)
    if measured.status == DIVERGES and not findings:
        factor = port.loss / torch.loss if torch.loss else float("inf")
        findings.append(Finding(
            "evaluation.loss", f"the average loss is {factor:.4g} times torch's",
            f"{torch.loss:.6g}", f"{port.loss:.6g}",
        ))  # fmt: skip
    spread = max((abs(twin.accuracy - torch.accuracy) for twin in twins), default=0.0)
    if abs(port.accuracy - torch.accuracy) > spread:
        findings.append(Finding(
            "evaluation.accuracy", "the shares of right predictions differ",
            f"{torch.accuracy:.4%}", f"{port.accuracy:.4%}",
        ))  # fmt: skip
    return concluded("evaluation", findings, results=results)


def _restless(
    sides: Mapping[str, Runner], found: Mapping[str, Evaluation], batches: list[Batch]
) -> Iterator[Finding]:
    """Sides whose evaluation changes the network, or does not repeat itself."""
    for name in ("torch", "mindspore"):
        before = sides[name].read()
        again = evaluated(sides[name], batches)
        after = sides[name].read()
        changed = [key for key in before if before[key].tobytes() != after[key].tobytes()]
        if changed:
            yield Finding(
                "evaluation.mode",
                f"an evaluation on the {name} side changes the network, first {changed[0]}: it is "
                f"tested in train mode",
            )
        elif (again.loss, again.accuracy) != (found[name].loss, found[name].accuracy):
            values = f"{found[name].loss:.6g} then {again.loss:.6g}"
            yield Finding(
                "evaluation.mode",
                f"two evaluations of the same images on the {name} side differ: it drops out or "
                f"augments while it is tested",
                *((values, "") if name == "torch" else ("", values)),
            )


def _test_batches(stage: Stage) -> list[Batch]:
    """Some test batches, of which the last is a smaller one, as in most test sets."""
    limit = int(stage.kwargs.get("images", IMAGES))
    found: list[Batch] = []
    for images, labels in batches_of(stage, train=False):
        found.append((images, labels))
        if sum(len(labels) for _, labels in found) >= limit:
            break
    images, labels = found[-1]
    half = max(len(labels) // 2, 1)
    return [*found[:-1], (images[:half], labels[:half])]


def _quantities(
    stage: Stage,
    sides: Mapping[str, Runner],
    found: Mapping[str, Evaluation],
    batches: Sequence[Batch],
) -> Iterator[Finding]:
    """Average losses that are no such loss: below its least value, or of raw logits."""
    name = stage.recipe.loss.name
    least = LEAST.get(name, -math.inf)
    values = f"{found['torch'].loss:.6g}", f"{found['mindspore'].loss:.6g}"
    for side in ("torch", "mindspore"):
        loss = found[side].loss
        raw = _of_raw_logits(sides[side], batches) if name == "cross_entropy" else float("nan")
        what = name.replace("_", " ")
        if abs(loss - raw) <= ONE_FACTOR * abs(raw):
            why = "it is the mean of the labels' negative logits, as nll_loss of raw logits gives"
        elif loss < least:
            why = "it is another quantity"
        else:
            continue
        below = f", and a {what} is never below {least:g}" if loss < least else ""
        yield Finding(
            "evaluation.loss", f"{side}'s average loss is {loss:.6g}{below}: {why}", *values
        )


def _of_raw_logits(runner: Runner, batches: Sequence[Batch]) -> float:
    """What nll_loss makes of outputs that are no log-probabilities."""
    total = 0.0
    for images, labels in batches:
        logits = runner.logits(images)
        total -= float(logits[np.arange(len(labels)), labels].sum())
    return total / sum(len(labels) for _, labels in batches)
