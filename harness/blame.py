"""Where a training's sides part: the first wrong entry of a step, put into words.

A step's entries depend on each other in an order: outputs, loss, gradients, rate, move, state. The
first that is wrong names the stage: the mode, the loss, the gradient, the schedule, the optimizer.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from harness.lockstep import Step
from harness.stepping import how_it_moves
from harness.tolerance import ONE_FACTOR, OTHER_FACTOR
from harness.verdict import Finding


def findings_of(
    steps: Sequence[Step],
    wrong: Mapping[str, Sequence[tuple[str, int]]],
    parameters: Mapping[str, str],
) -> Iterator[Finding]:
    """The places that diverging steps point at. wrong: kind of entry -> (torch name, first step).

    parameters: torch name -> the port's name.
    """
    if "updates" in wrong:
        ours = sum(step.port.updates for step in steps)
        want = sum(step.torch.updates for step in steps)
        yield Finding(
            "loop.updates",
            f"in {len(steps)} steps the optimizer is called {ours} times, torch's {want}",
            str(want), str(ours),
        )  # fmt: skip
        return
    first = {kind: min(number for _, number in found) for kind, found in wrong.items()}
    if "outputs" in wrong or ("loss" in wrong and "outputs" not in first):
        step = steps[min(first.get("outputs", 10**9), first.get("loss", 10**9)) - steps[0].number]
        yield _of_forward(step, "outputs" in wrong)
        return
    if "scale" in wrong:
        yield _of_scale(next(s for s in steps if s.number == first["scale"]))
    elif "gradient" in wrong:
        yield _of_gradient(steps, wrong["gradient"], parameters)
    if "rate" in wrong:
        yield _of_rate(steps, wrong["rate"])
    if "move" in wrong:
        yield _of_move(steps, wrong["move"], parameters)
    if "state" in wrong:
        names = ", ".join(parameters.get(n, n) for n, _ in wrong["state"][:3])
        yield Finding("state", f"the running statistics differ from step {first['state']} on, "
                               f"first {names}")  # fmt: skip


def _of_forward(step: Step, outputs: bool) -> Finding:
    port, torch = step.port, step.torch
    loss = f"{torch.loss:.6g}", f"{port.loss:.6g}"
    if not outputs:
        factor = port.loss / torch.loss if torch.loss else float("inf")
        return Finding(
            "loss",
            f"at step {step.number} the network's outputs agree and the loss is {factor:.4g} times "
            f"torch's",
            *loss,
        )
    moving = [n for n, a in torch.buffers.items() if not np.array_equal(a, step.before[n])]
    if moving and all(np.array_equal(port.buffers[n], step.before[n]) for n in moving):
        return Finding(
            "mode",
            f"at step {step.number} the network is not in train mode: its running statistics stay "
            f"as they are, and its outputs differ",
            *loss,
        )
    shapes = [None if s.outputs is None else s.outputs.shape for s in (torch, port)]
    if shapes[0] != shapes[1]:
        return Finding("network", "the outputs' shapes differ", *map(str, shapes))
    return Finding(
        "network", f"the network's outputs differ at step {step.number}, in train mode", *loss
    )


def _of_gradient(
    steps: Sequence[Step], wrong: Sequence[tuple[str, int]], parameters: Mapping[str, str]
) -> Finding:
    step = next(s for s in steps if s.number == min(number for _, number in wrong))
    ours, want = step.port.gradients, step.torch.gradients
    names = [n for n, _ in wrong if n in ours and n in want]
    shown = ", ".join(parameters[n] for n in names[:3])
    swapped = [
        f"{parameters[n]} gets that of {parameters[other]}"
        for n in names
        for other in want
        if other != n and want[other].shape == ours[n].shape and _same(ours[n], want[other])
    ]
    if swapped:
        return Finding("gradient.order", f"the optimizer is handed gradients in another order: "
                                         f"{'; '.join(swapped[:3])}")  # fmt: skip
    if any(ours[n].shape != want[n].shape for n in names):
        return Finding("gradient.order", f"gradients have other parameters' shapes, first {shown}")
    largest = {k: max(float(np.abs(g).max()) for g in grads.values())
               for k, grads in (("torch", want), ("mindspore", ours))}  # fmt: skip
    if largest["torch"] and abs(largest["mindspore"] / largest["torch"] - 1) > OTHER_FACTOR:
        return Finding(
            "gradient",
            f"the loss agrees, and from step {step.number} on gradients of {len(names)} of "
            f"{len(want)} parameters differ, first {shown}",
            f"largest {largest['torch']:.4g}", f"largest {largest['mindspore']:.4g}",
        )  # fmt: skip
    return Finding(
        "gradient",
        f"the loss agrees, and from step {step.number} on gradients of {len(names)} of {len(want)} "
        f"parameters differ, first {shown}",
    )


def _of_scale(step: Step) -> Finding:
    ours, want = step.port.gradients, step.torch.gradients
    factor = median_factor(ours, want)
    norms = [
        math.sqrt(sum(float((g.astype("f8") ** 2).sum()) for g in grads.values()))
        for grads in (want, ours)
    ]
    return Finding(
        "gradient.scale",
        f"at step {step.number} every gradient that the optimizer is handed is {factor:.4g} times "
        f"torch's (a loss scale, an accumulation, a mean over devices, or clipping)",
        f"norm {norms[0]:.4g}", f"norm {norms[1]:.4g}",
    )  # fmt: skip


def median_factor(ours: Mapping[str, np.ndarray], want: Mapping[str, np.ndarray]) -> float:
    """What torch's gradients are multiplied by on the port's side, by their norms."""
    return float(np.median([factor_of(ours[n], want[n]) for n in want if n in ours]))


def _same(ours: np.ndarray, want: np.ndarray) -> bool:
    scale = float(np.abs(want).max())
    return scale > 0 and float(np.abs(ours - want).max()) < ONE_FACTOR * scale


def factor_of(ours: np.ndarray, want: np.ndarray) -> float:
    """How many times larger one array is than the other, by their norms; NaN of a zero one."""
    norms = np.linalg.norm(ours.astype("f8")), np.linalg.norm(want.astype("f8"))
    return float(norms[0] / norms[1]) if norms[1] else float("nan")


def _of_rate(steps: Sequence[Step], wrong: Sequence[tuple[str, int]]) -> Finding:
    name, first = min(wrong, key=lambda found: found[1])
    ours = [step.port.rates.get(name, float("nan")) for step in steps]
    want = [step.torch.rates.get(name, float("nan")) for step in steps]
    factors = {round(a / b, 6) for a, b in zip(ours, want) if b}
    values = _series(want), _series(ours)
    if first == steps[0].number and len(factors) == 1 and len(set(want)) == len(set(ours)):
        factor = factors.pop()
        return Finding("optimizer.lr", f"the learning rate is {factor:g} times torch's", *values)
    return Finding("schedule", f"the learning rate differs from step {first} on", *values)


def _series(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:.6g}" for rate in rates[:8]) + (", ..." if len(rates) > 8 else "")


def _of_move(
    steps: Sequence[Step], wrong: Sequence[tuple[str, int]], parameters: Mapping[str, str]
) -> Finding:
    first = min(number for _, number in wrong)
    step = next(s for s in steps if s.number == first)
    names = [n for n, number in wrong if number == first]
    still = [n for n in parameters if n in step.port.moves and not step.port.moves[n].any()
             and step.torch.moves[n].any()]  # fmt: skip
    if still:
        which = "no parameter moves" if len(still) == len(parameters) else (
            f"{len(still)} of {len(parameters)} parameters do not move, first "
            f"{', '.join(parameters[n] for n in still[:3])}"
        )  # fmt: skip
        return Finding("optimizer.parameters", f"at step {first} {which}")
    how = how_it_moves(
        step.port.moves[names[0]].ravel(), step.torch.moves[names[0]].ravel(),
        step.before[names[0]].ravel(),
    )  # fmt: skip
    return Finding(
        "optimizer",
        f"the gradients and the rate agree, and at step {first} {len(names)} of {len(parameters)} "
        f"parameters move differently, first {parameters[names[0]]}: {how}",
    )
