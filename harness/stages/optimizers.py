"""Optimizers: stepped over a small network from the same synthetic gradients, on both sides.

torch, mindspore: factory(model, **kwargs) -> the framework's optimizer, or a pair of it and an LR
scheduler that is stepped after each step.
"""

from functools import cache, partial

from harness import stepping
from harness.errors import NothingCompared
from harness.inputs import Input
from harness.pair import Optimizers, Pair, Variant
from harness.stages.diagnosis import SCALES, Diagnosis, rounded_steps
from harness.stages.stage import Stage
from harness.subject import Subject
from harness.verdict import AGREES, DIVERGES, Verdict


def check_steps(stage: Stage) -> Verdict:
    """Fed the same gradients, both optimizers move every parameter alike, step by step."""
    stage.open_both()  # for the report
    return judged_steps(_subject(stage))


def judged_steps(subject: Subject) -> Verdict:
    """The verdict over a subject's optimizers. Raises NothingCompared where no step decides."""
    found = stepping.moves(subject, SCALES)
    results = list(stepping.judged(subject, found, cache(partial(rounded_steps, subject, found))))
    if not any(result.measurement.status in (AGREES, DIVERGES) for result in results):
        raise NothingCompared("steps: no step decides anything; the rate is too small.")
    findings = tuple(Diagnosis(subject, found, results).findings())
    return Verdict(
        "", "steps", 0,
        results=tuple(results),
        findings=findings,
        notes=tuple(stepping.notes(found)),
        compared=len(results),
    )  # fmt: skip


def _subject(stage: Stage) -> Subject:
    """The small network, with the stage's optimizers."""
    pair = Pair(
        name="blocks.carrier",
        torch="harness.backends.torch_carrier:Carrier",
        mindspore="harness.backends.mindspore_carrier:Carrier",
        inputs=[Input((4, 3, 6, 6))],
        variants={"default": Variant()},
        optimizers=Optimizers(
            partial(stage.built, "torch", **stage.kwargs),
            partial(stage.built, "mindspore", **stage.kwargs),
        ),
    )
    return Subject(pair, "default", seed=stage.seed, settings=stage.settings)


CHECKS = {"steps": check_steps}
