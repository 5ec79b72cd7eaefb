"""Initializers: what both sides leave in a tensor, drawn several times, each under its own seed.

torch: factory(tensor, **kwargs) fills in place. mindspore: factory(shape, **kwargs) -> a Tensor or
an Initializer. A variant's kwargs say ``shape``; the rest goes to both.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from harness.compare import judge
from harness.errors import HarnessError
from harness.initialization import Fresh, fresh, judge_fresh, pooled
from harness.inputs import generator
from harness.stages.stage import Stage
from harness.tolerance import ENOUGH_VALUES, INITIAL_FALSE_ALARMS, INITIAL_LIKE
from harness.verdict import AGREES, DIVERGES, Finding, Measurement, Result, Verdict

PLACE = "initializer"
#: Draws that are made at least: what is the same in all of them is no draw.
_FEWEST = 4
#: Fourth moment over squared second moment, about the mean.
_SHAPES = {"uniform": 1.8, "truncated normal": 2.37, "normal": 3.0}


def check_distribution(stage: Stage) -> Verdict:
    """Both sides leave the same fixed values, or draw from the same distribution."""
    from harness.backends import mindspore_initializers, torch_initializers

    given = stage.kwargs
    shape = tuple(given.pop("shape", (64, 48)))
    draws = max(_FEWEST, math.ceil(ENOUGH_VALUES / math.prod(shape)))
    sides = []
    for name, backend, module in (
        ("torch", stage.torch, torch_initializers),
        ("mindspore", stage.mindspore, mindspore_initializers),
    ):
        made = []
        try:
            factory = stage.factory(name)
            for number in range(draws):
                with backend.seeded(stage.entropy + number):
                    made.append(module.draw(factory, shape, given))
        except HarnessError:
            raise
        except Exception as error:
            raise HarnessError(
                f"{stage.pair.name}:{stage.variant}: the {name} initializer raised "
                f"{type(error).__name__}: {error}"
            ) from error
        sides.append(made)
    results = list(_results(stage, *sides))
    findings = tuple(_findings(results, *sides))
    return Verdict(
        "", "distribution", 0, results=tuple(results), findings=findings, compared=len(results)
    )


def _results(
    stage: Stage, torch: Sequence[np.ndarray], port: Sequence[np.ndarray]
) -> Iterator[Result]:
    if port[0].shape != torch[0].shape:
        note = f"torch {torch[0].shape}, mindspore {port[0].shape}"
        yield _result("values:init", Measurement(DIVERGES, "shape", note=note))
        return
    seen = [_seen(side, stage.entropy) for side in (torch, port)]
    yield _result("values:init", judge_fresh(seen[0], seen[1], INITIAL_FALSE_ALARMS))
    products = [_product(side[0]) for side in (torch, port)]
    gain = float(products[0].diagonal().mean())
    exact = gain * np.eye(len(products[0]))
    if judge(products[0], exact, exact).status == AGREES and len(exact) > 1:
        # torch's rows are orthogonal: so must the port's be.
        yield _result("rows:orthogonal", judge(products[1], products[0], exact))
    zeros = [_zeros(side) for side in (torch, port)]
    if seen[0].fixed is None and len(zeros[0]) == 1 and zeros[0] != {0}:
        equal = zeros[0] == zeros[1]
        note = "" if equal else f"zeros a column: torch {zeros[0]}, mindspore {zeros[1]}"
        found = Measurement(AGREES if equal else DIVERGES, "" if equal else "value", note=note)
        yield _result("columns:zeros", found)


def _result(entry: str, found: Measurement) -> Result:
    return Result(entry, "whole", "", "train", found)


def _seen(draws: Sequence[np.ndarray], entropy: int) -> Fresh:
    rng = generator(entropy, "initializer")
    seen = fresh(draws[0], draws[1], rng)
    for another in draws[2:]:
        seen = pooled(seen, another, rng)
    return seen


def _product(array: np.ndarray) -> np.ndarray:
    """The products of all rows, or of all columns where there are fewer of those."""
    rows = array.reshape(len(array), -1).astype(np.float64)
    rows = rows if len(rows) <= rows.shape[1] else rows.T
    return rows @ rows.T


def _zeros(draws: Sequence[np.ndarray]) -> set[int]:
    """How many zeros the columns of a matrix have, over all draws."""
    if draws[0].ndim != 2:
        return {0}
    return {int(count) for array in draws for count in (array == 0).sum(axis=0)}


def _findings(
    results: Sequence[Result], torch: Sequence[np.ndarray], port: Sequence[np.ndarray]
) -> Iterator[Finding]:
    for result in results:
        if not result.diverges:
            continue
        note = result.measurement.note
        if result.entry == "rows:orthogonal":
            squares = [float(_product(side[0]).diagonal().mean()) for side in (torch, port)]
            note = (
                f"rows times themselves are {squares[0]:.4g} in torch, {squares[1]:.4g} in "
                f"MindSpore: the square of the gain; between rows it is 0 in torch, up to "
                f"{_between(port[0]):.2g} in MindSpore."
            )
        elif result.entry == "values:init":
            note = " ".join([f"{note}.", *_facts(torch, port)])
        yield Finding(PLACE, note, *(_describe(side) for side in (torch, port)))


def _between(array: np.ndarray) -> float:
    products = _product(array)
    return float(np.abs(products - np.diag(products.diagonal())).max())


def _describe(draws: Sequence[np.ndarray]) -> str:
    values = np.concatenate([array.ravel() for array in draws]).astype(np.float64)
    if np.ptp(values) == 0:
        return f"{values[0]:g} everywhere"
    shape = _shape(values)
    return f"{shape + ', ' if shape else ''}mean {values.mean():.3g}, std {values.std():.3g}"


def _shape(values: np.ndarray) -> str:
    """The distribution whose fourth moment the values have, "" where it is none of the known."""
    centred = values - values.mean()
    fourth = float((centred**4).mean() / (centred**2).mean() ** 2)
    near = min(_SHAPES, key=lambda name: abs(_SHAPES[name] - fourth))
    return near if abs(_SHAPES[near] - fourth) <= INITIAL_LIKE * _SHAPES[near] else ""


def _facts(torch: Sequence[np.ndarray], port: Sequence[np.ndarray]) -> Iterator[str]:
    sides = [
        np.concatenate([array.ravel() for array in side]).astype(np.float64)
        for side in (torch, port)
    ]
    stds = [float(values.std()) for values in sides]
    if not all(stds) or torch[0].shape != port[0].shape:
        return
    shapes = [_shape(values) for values in sides]
    if all(shapes) and shapes[0] != shapes[1]:
        yield f"torch draws from a {shapes[0]} distribution, MindSpore from a {shapes[1]} one."
    ratio = stds[1] / stds[0]
    if abs(ratio - 1) > INITIAL_LIKE:
        yield f"MindSpore's spread is {ratio:.2g} times torch's."
    shape = torch[0].shape
    if len(shape) > 1 and shape[0] != shape[1]:
        fans = math.sqrt(shape[1] / shape[0])
        for factor, words in ((fans, "fan_out for fan_in"), (1 / fans, "fan_in for fan_out")):
            if abs(ratio / factor - 1) <= INITIAL_LIKE:
                yield f"That is what {words} gives."


CHECKS = {"distribution": check_distribution}
