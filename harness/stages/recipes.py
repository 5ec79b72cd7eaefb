"""Training recipes: both frameworks' loops, driven in lockstep from the same parameters.

A pair of this kind has a ``recipe``; its factories are called as ``factory(recipe,
steps_per_epoch)`` and return a ``harness.loop.Loop``. A variant's kwargs may say ``steps`` (of each
check, 6), ``images`` of the evaluation (64), and ``structure``, arguments of the network.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from harness import cifar, trajectory
from harness.backends.runner import Evaluation, Runner
from harness.compare import judge
from harness.errors import NothingCompared, PairError
from harness.lockstep import TWINS, Batch, Lockstep, LoopFailure
from harness.loop import Loop
from harness.pair import Optimizers, Variant
from harness.recipe import Recipe
from harness.registry import network_of
from harness.stages.optimizers import judged_steps
from harness.stages.stage import Stage
from harness.subject import Subject
from harness.tolerance import DRAWS, NUDGES, ONE_FACTOR
from harness.verdict import AGREES, DIVERGES, Finding, Measurement, Result, Verdict

#: Steps of each check, and images of the evaluation, where the variant does not say.
STEPS, IMAGES = 6, 64

#: The smallest value that a loss can have.
LEAST = {"cross_entropy": 0.0, "mse": 0.0, "l1": 0.0, "smooth_l1": 0.0, "huber": 0.0,
         "bce_with_logits": 0.0}  # fmt: skip


def recipe_of(stage: Stage) -> Recipe:
    """The pair's recipe. Raises PairError where it has none."""
    if stage.pair.recipe is None:
        raise PairError(f"Pair(name={stage.pair.name!r}): set recipe=, which says what to train.")
    recipe = stage.pair.recipe
    return replace(recipe, structure={**recipe.structure, **stage.kwargs.get("structure", {})})


def records_of(stage: Stage, train: bool) -> cifar.Records:
    """The user's data, or the embedded data set."""
    return cifar.load(Path(stage.settings.data) if stage.settings.data else None, train)


def batches_of(stage: Stage, train: bool, draw: int = 0) -> Iterator[Batch]:
    """The reference's batches, epoch after epoch: what both sides are trained and tested with."""
    from harness.backends.torch_pipelines import pipeline

    made = pipeline(recipe_of(stage), records_of(stage, train), train=train, seed=stage.seed + draw)
    epoch = 0
    while True:
        yield from made.batches(epoch)
        if not train:
            return
        epoch += 1


def maker(stage: Stage, framework: str, steps_per_epoch: int) -> Callable[[], Loop]:
    """What makes one side's loop anew."""
    factory = stage.factory(framework)
    return lambda: factory(recipe_of(stage), steps_per_epoch)


def lockstep(stage: Stage, steps_per_epoch: int, twins: int = TWINS) -> Lockstep:
    """Both loops, freshly made. Raises LoopFailure."""
    network, _, _ = network_of(recipe_of(stage))
    torch, port = (maker(stage, side, steps_per_epoch) for side in ("torch", "mindspore"))
    return Lockstep(
        network,
        (stage.torch, torch),
        (stage.oracle, torch),
        (stage.mindspore, port),
        stage.entropy,
        twins,
    )


def check_evaluation(stage: Stage) -> Verdict:
    """Both sides' evaluations give the same loss and accuracy, and the same when repeated."""
    batches = _test_batches(stage)
    run = lockstep(stage, 1)
    run.begin_epoch()
    for _ in run.forced(_some(batches_of(stage, train=True), 1)):
        pass  # one step: networks are then in train mode, and their statistics are not the first
    run.joined()
    sides = {"torch": run.torch, "mindspore": run.port, "float64": run.oracle}
    found = {name: _evaluated(runner, batches) for name, runner in sides.items()}
    torch, port, oracle = found["torch"], found["mindspore"], found["float64"]
    twins = [_evaluated(twin, batches) for twin in run.twins]
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
    return _verdict("evaluation", results, findings)


def _evaluated(runner: Runner, batches: list[Batch]) -> Evaluation:
    try:
        return runner.evaluate(batches)
    except Exception as error:
        raise LoopFailure(f"{runner.backend.name}: the evaluation raised {error}") from error


def _restless(
    sides: Mapping[str, Runner], found: Mapping[str, Evaluation], batches: list[Batch]
) -> Iterator[Finding]:
    """Sides whose evaluation changes the network, or does not repeat itself."""
    for name in ("torch", "mindspore"):
        before = sides[name].read()
        again = _evaluated(sides[name], batches)
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
    name = recipe_of(stage).loss.name
    least = LEAST.get(name)
    values = f"{found['torch'].loss:.6g}", f"{found['mindspore'].loss:.6g}"
    for side in ("torch", "mindspore"):
        loss = found[side].loss
        raw = _of_raw_logits(sides[side], batches) if name == "cross_entropy" else float("nan")
        what = name.replace("_", " ")
        if abs(loss - raw) <= ONE_FACTOR * abs(raw):
            why = "it is the mean of the labels' negative logits, as nll_loss of raw logits gives"
        elif least is not None and loss < least:
            why = "it is another quantity"
        else:
            continue
        below = ""
        if least is not None and loss < least:
            below = f", and a {what} is never below {least:g}"
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


def check_optimizer(stage: Stage) -> Verdict:
    """Fed the same gradients, the two loops' optimizers move every parameter alike."""
    recipe = recipe_of(stage)
    network, variant, _ = network_of(recipe)
    optimizers: dict[int, Any] = {}
    settings: dict[int, list[dict[str, Any]]] = {}

    def built(framework: str) -> Callable[[], Any]:
        def build() -> Any:
            loop = maker(stage, framework, STEPS)()
            optimizers[id(loop.network)] = loop.optimizer
            if framework == "torch":
                groups = loop.optimizer.param_groups
                settings[id(loop.network)] = [dict(group) for group in groups]
            return loop.network

        return build

    def fresh(network: Any) -> Any:
        """torch's optimizer as it was made: it is stepped more than once."""
        optimizer = optimizers[id(network)]
        optimizer.state.clear()
        optimizer.param_groups[:] = [dict(group) for group in settings[id(network)]]
        return optimizer

    pair = replace(
        network,
        torch=built("torch"),
        mindspore=built("mindspore"),
        variants={variant: Variant({}, network.inputs_of(variant))},
        optimizers=Optimizers(fresh, lambda network: optimizers[id(network)]),
    )
    subject = Subject(
        pair, variant, seed=stage.seed, settings=stage.settings, progress=stage.progress
    )
    return replace(judged_steps(subject), check="optimizer")


def check_teacher_forced(stage: Stage) -> Verdict:
    """Every step from the reference's parameters and batch ends where the reference's does."""
    steps = int(stage.kwargs.get("steps", STEPS))
    first = (steps + 1) // 2
    run = lockstep(stage, first)
    source = batches_of(stage, train=True)
    test = [next(batches_of(stage, train=False))]

    def taken() -> Iterator:
        run.begin_epoch()
        yield from run.forced(_some(source, first))
        losses = [_evaluated(runner, test).loss for runner in run.everyone]
        run.end_epoch(losses[0])  # an epoch lies between: schedules and modes change there
        run.begin_epoch()
        yield from run.forced(_some(source, steps - first), first + 1)

    names = {name: run.port_name(name) for name in run.trainable}
    judged = trajectory.judge_forced(taken(), names)
    return _verdict("teacher_forced", judged.results, judged.findings)


def _some(batches: Iterator[Batch], count: int) -> Iterator[Batch]:
    for _ in range(count):
        yield next(batches)


def check_free_running(stage: Stage) -> Verdict:
    """Left alone, the port stays as close to torch as torch's own twins one ulp away.

    One ReLU that decides differently on a rounding difference throws a run apart: what leaves the
    envelope is run again from other batches, with more twins, and is wrong where it always leaves.
    """
    draws = []
    for draw in range(DRAWS):
        draws.append(_free(stage, draw, TWINS if draw == 0 else TWINS + NUDGES))
        if draws[-1][0].left is None:
            break
    free, losses = draws[-1]
    findings, notes = [], []
    if free.left is not None:
        number, entry = free.left
        findings.append(Finding(
            "trajectory",
            f"in {len(draws)} of {len(draws)} runs the port leaves the envelope of torch and its "
            f"twins, in the last at step {number}, first {entry}",
            _losses(losses, "torch"), _losses(losses, "mindspore"),
        ))  # fmt: skip
    elif len(draws) > 1:
        notes.append(f"{len(draws) - 1} of {len(draws)} runs left the envelope on a decision that "
                     f"rounding changed, and were run again from other batches")  # fmt: skip
    if free.left is None and not free.close:
        notes.append("torch's own twins, one ulp away, are far from it after one step: a free run "
                     "tells nothing here, teacher-forced steps decide")  # fmt: skip
    verdict = _verdict("free_running", free.results, findings)
    return replace(verdict, notes=tuple(notes))


def _free(stage: Stage, draw: int, twins: int) -> tuple[trajectory.Free, list[dict[str, float]]]:
    """One free run; every draw has its own batches."""
    steps = int(stage.kwargs.get("steps", STEPS))
    run = lockstep(stage, steps, twins)
    source = batches_of(stage, train=True, draw=draw)
    free = trajectory.Free()
    names = {name: run.port_name(name) for name in run.trainable}
    losses = []
    for runner in (run.torch, *run.twins, run.port):
        runner.loop.begin_epoch()
    for number, (images, labels) in enumerate(_some(source, steps), start=1):
        losses.append(run.free(images, labels))
        reads = [twin.read() for twin in run.twins]
        trajectory.judge_free(
            number, run.start, run.port_arrays(), run.torch.read(), reads, names, free
        )
    return free, losses


def _losses(losses: list[dict[str, float]], side: str) -> str:
    return "losses " + ", ".join(f"{step[side]:.4g}" for step in losses[:6])


def check_resume(stage: Stage) -> Verdict:
    """A training that is stopped, saved and loaded anew goes on bit for bit."""
    run = lockstep(stage, STEPS)
    batches = list(_some(batches_of(stage, train=True), 4))
    results, findings = [], []
    for runner in (run.torch, run.port):
        name = runner.backend.name
        if runner.loop.state is None or runner.loop.load is None:
            findings.append(Finding("resume", f"the {name} loop has no state to save and load"))
            continue
        again = run.runner(name)
        runner.loop.begin_epoch()
        for batch in batches[:2]:
            runner.step(*batch)
        saved = {key: np.array(array) for key, array in runner.loop.state().items()}
        # A network that has trained meanwhile, as one has that loads into a running process.
        again.loop.begin_epoch()
        again.step(*batches[3])
        assert again.loop.load is not None
        again.loop.load(saved)
        for batch in batches[2:]:
            runner.step(*batch)
            again.step(*batch)
        ours, want = again.read(), runner.read()
        differ = [key for key in want if want[key].tobytes() != ours[key].tobytes()]
        if differ:
            findings.append(Finding(
                "resume",
                f"on the {name} side {len(differ)} of {len(want)} parameters are not the same two "
                f"steps after loading, first {', '.join(differ[:3])}",
            ))  # fmt: skip
        results += [_bits(f"{name} {key}", key in differ, want[key].size) for key in want]
    return _verdict("resume", results, findings)


def _bits(entry: str, differ: bool, size: int) -> Result:
    measured = Measurement(AGREES, size=size, exact=True)
    if differ:
        measured = Measurement(DIVERGES, "value", "bits", ratio=float("inf"), size=size)
    return Result(entry, "whole", "", "train", measured)


def _verdict(check: str, results: Sequence[Result], findings: Sequence[Finding]) -> Verdict:
    if not results and not findings:
        raise NothingCompared(f"{check}: there was nothing to compare.")
    return Verdict(
        "", check, 0, results=tuple(results), findings=tuple(findings), compared=len(results)
    )


def _guarded(check: str, function: Callable[[Stage], Verdict]) -> Callable[[Stage], Verdict]:
    """The check, where a loop that raises is a finding about the loop."""

    def run(stage: Stage) -> Verdict:
        try:
            return function(stage)
        except LoopFailure as error:
            return Verdict("", check, 0, findings=(Finding("loop", str(error)),))

    return run


CHECKS: Mapping[str, Callable[[Stage], Verdict]] = {
    check: _guarded(check, function)
    for check, function in {
        "evaluation": check_evaluation,
        "optimizer": check_optimizer,
        "teacher_forced": check_teacher_forced,
        "free_running": check_free_running,
        "resume": check_resume,
    }.items()
}
