"""Data-parallel training: several processes of a framework step as one process does.

Every rank takes its shard of the same batches, from the same parameters; what it recorded is held
against torch float32 and the float64 oracle, which take the step in one process.
"""

import inspect
import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np

from harness import ranks as common
from harness.backends.base import Backend
from harness.backends.runner import Stepped
from harness.blame import median_factor
from harness.errors import HarnessError, NothingCompared, PairError
from harness.launch import Job, launched
from harness.lockstep import Batch, Lockstep, Seen, Step, nudged, runner_kind
from harness.pipelines import order
from harness.stages.recipes import STEPS
from harness.stages.rehearsal import batches_of, lockstep, maker
from harness.stages.stage import Stage
from harness.tolerance import DRAWS, OTHER_FACTOR
from harness.trace import Trace
from harness.trajectory import judge_forced
from harness.verdict import Finding, Result, Verdict

#: The name of the check, which no pair declares: its command starts it.
CHECK = "distributed"
SIDES = ("torch", "mindspore")


class Mean:
    """AllReduce in one process: keeps what each shard hands it, and gives the mean so far.

    Of loops that step on one shard each, the last one gets the mean over all.
    """

    def __init__(self) -> None:
        self.kept: list[list[Any]] = []

    def __call__(self, gradients: Sequence[Any]) -> list[Any]:
        self.kept.append([gradient * 1 for gradient in gradients])
        return [sum(parts[1:], parts[0]) / len(parts) for parts in zip(*self.kept)]


@dataclass
class Plan:
    """What all ranks of both frameworks train with, and what one process makes of it.

    draws: the joined batches of each update. sharded: whether one process, too, computes gradients
    shard by shard, since the network normalises over the batch. reference: each draw's step of one
    process, by "torch", "torch64" and twins.
    """

    stage: Stage
    ranks: int
    run: Lockstep
    draws: list[list[Batch]]
    sharded: bool
    reference: list[dict[str, Seen]] = field(default_factory=list)

    @property
    def names(self) -> dict[str, str]:
        """Trainable parameters: torch's name -> the port's."""
        return {name: self.run.port_name(name) for name in self.run.trainable}


def check_processes(stage: Stage, ranks: int, sides: Sequence[str] = SIDES) -> Verdict:
    """Each framework's ranks together take the step that one process takes."""
    began = time.perf_counter()
    plan = planned(stage, ranks)
    found = {side: recorded(plan, side) for side in sides}
    return replace(judged(plan, found), seconds=time.perf_counter() - began)


def planned(stage: Stage, ranks: int) -> Plan:
    """Batches and parameters for the ranks. Raises HarnessError where they cannot be shared."""
    recipe = stage.recipe
    if ranks < 2 or recipe.batch_size % ranks:
        raise HarnessError(
            f"{ranks} processes: give 2 or more, of which the recipe's batch size "
            f"{recipe.batch_size} is a multiple, or shards differ in size (--set batch_size=...)."
        )
    for side in SIDES:
        takes = inspect.signature(stage.factory(side)).parameters
        if "average" not in takes and not any(p.kind == p.VAR_KEYWORD for p in takes.values()):
            raise PairError(
                f"{stage.pair.name}: to train over several processes the {side} factory takes "
                f"average=, calls it with an update's gradients, and hands on what it returns "
                f"(harness.loop.Average)."
            )
    run = lockstep(stage, STEPS)
    source = batches_of(stage, train=True)
    updates = int(recipe.trick("accumulate"))
    draws = [[next(source) for _ in range(updates)] for _ in range(DRAWS)]
    statistics = {e.torch for e in run.map.entries} - set(run.trainable)
    return Plan(stage, ranks, run, draws, sharded=bool(statistics))


def recorded(plan: Plan, side: str) -> list[Trace]:
    """What a framework's ranks recorded, started anew; see ``harness.backends.rank.run``."""
    start = plan.run.start if side == "torch" else plan.run.map.to_mindspore(plan.run.start)
    arrays = {f"start.{name}": array for name, array in start.items()}
    for number, batches in enumerate(plan.draws):
        for index, (images, labels) in enumerate(batches):
            arrays[f"images.{number}.{index}"] = images
            arrays[f"labels.{number}.{index}"] = labels
    stage = plan.stage
    job = Job(stage.pair, stage.variant, stage.seed, stage.settings, Trace({}, arrays),
              len(plan.draws), len(plan.draws[0]))  # fmt: skip
    try:
        pickle.dumps(job.pair)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise PairError(
            f"{stage.pair.name}: other processes cannot be given this pair ({error}); write its "
            f"factories as 'module:attribute'."
        ) from error
    return launched(side, job, plan.ranks)


def judged(plan: Plan, found: Mapping[str, Sequence[Trace]]) -> Verdict:
    """The verdict over what ranks recorded. found: "torch", "mindspore" -> its ranks' traces."""
    results: list[Result] = []
    findings: list[Finding] = []
    for side, ranks in found.items():
        own = plan.names if side == "torch" else plan.names.values()
        for item in chain(
            common.shards(side, ranks, plan.draws),
            common.initial(side, ranks),
            common.handed(side, ranks),
            common.ends(side, ranks, set(own)),
            _steps(plan, side, ranks),
        ):
            if isinstance(item, Result):
                results.append(item)
            else:
                findings.append(item)
    if not results:
        raise NothingCompared(f"{CHECK}: no rank recorded anything.")
    notes = [f"{plan.ranks} processes, {len(plan.draws)} updates, each from the same parameters"]
    if plan.sharded:
        notes.append(
            "the network normalises over the batch, each rank over its own shard: the reference is "
            "the mean of one process's gradients shard by shard, not the joined batch's"
        )
        notes.append("each rank keeps running statistics of its own shard: they are not compared")
    stage = plan.stage
    return Verdict(
        f"{stage.pair.name}:{stage.variant}-{CHECK}-pynative-f32", CHECK, stage.seed,
        labels=stage.known_labels, results=tuple(results), findings=tuple(findings),
        notes=tuple(notes), compared=len(results),
    )  # fmt: skip


def _steps(plan: Plan, side: str, ranks: Sequence[Trace]) -> Iterator[Result | Finding]:
    """The step that rank 0 takes is the one process's."""
    plan.reference = plan.reference or [_one_process(plan, number) for number in range(DRAWS)]
    steps = [
        Step(
            number, _of_ranks(plan, side, ranks, number - 1), of["torch"], of["torch64"],
            [seen for name, seen in of.items() if name.startswith("twin")], plan.run.start,
        )
        for number, of in enumerate(plan.reference, start=1)
    ]  # fmt: skip
    forced = judge_forced(steps, plan.names)
    yield from (replace(result, entry=f"{side} {result.entry}") for result in forced.results)
    if common.apart(ranks):
        return  # which says why the step is another one
    for finding in forced.findings:
        yield _named_anew(plan, side, finding, steps[0])


def _named_anew(plan: Plan, side: str, finding: Finding, step: Step) -> Finding:
    """A step's finding in the words of ranks and one process."""
    values = f" (one torch process {finding.torch}, the ranks {finding.mindspore})"
    values = values if finding.torch or finding.mindspore else ""
    if finding.place == "gradient.scale":
        factor = median_factor(step.port.gradients, step.torch.gradients)
        why = "no mean over the ranks gives that"
        if abs(factor / plan.ranks - 1) <= OTHER_FACTOR:
            why = "they are summed over the ranks and not divided by their number"
        elif abs(factor * plan.ranks - 1) <= OTHER_FACTOR:
            why = "they are divided by the number of ranks twice"
        return Finding(
            "distributed.average",
            f"{side}: every gradient is {factor:.4g} times the one process's: {why}{values}",
        )
    sentence = finding.sentence.replace("torch's", "the one torch process's")
    return Finding(
        f"distributed.{finding.place}",
        f"{side}: {plan.ranks} ranks step unlike one process: {sentence}{values}",
    )


def _of_ranks(plan: Plan, side: str, ranks: Sequence[Trace], number: int) -> Seen:
    """What the ranks together show, as rank 0 recorded it, under torch's names."""
    first, entries = ranks[0], plan.run.map.entries
    held: dict[str, dict[str, np.ndarray]] = {"gradient": {}, "after": {}}
    rates = first.meta["rates"][number]
    for entry in entries:
        own = entry.torch if side == "torch" else entry.mindspore
        for kind, arrays in held.items():
            array = first.entries.get(f"{number}.{kind}.{own}")
            if array is not None:
                arrays[entry.torch] = array if side == "torch" else entry.layout.inverse(array)
        if side != "torch" and own in rates:
            rates = {**rates, entry.torch: rates[own]}
    loss = float(np.mean([trace.meta["losses"][number] for trace in ranks]))
    seen = Seen(loss, None, held["gradient"], rates, first.meta["updates"][number])
    seen.moves = _moves(plan, held["after"], plan.run.start)
    return seen


def _one_process(plan: Plan, number: int) -> dict[str, Seen]:
    """A draw's step of one process: torch float32, its twins, and the oracle."""
    stage, run = plan.stage, plan.run
    found = {}
    for name in ("torch", "torch64", "twin 1", "twin 2"):
        backend = stage.oracle if name == "torch64" else stage.torch
        start = run.start
        if name.startswith("twin"):
            start = nudged(start, stage.entropy, f"{name}.{number}")
        found[name] = _stepped(plan, backend, start, plan.draws[number])
    return found


def _stepped(
    plan: Plan, backend: Backend, start: Mapping[str, np.ndarray], batches: Sequence[Batch]
) -> Seen:
    mean = Mean() if plan.sharded else None
    make = maker(plan.stage, "torch", STEPS, mean)
    shards = plan.ranks if plan.sharded else 1
    losses, updates, said = [], 0, Stepped()
    for shard in range(shards):
        with backend.seeded(plan.stage.entropy):
            runner = runner_kind("torch")(backend, make)
        runner.write(start)
        runner.loop.begin_epoch()
        updates = 0
        for images, labels in batches:
            rows = order(len(labels), shuffle=False, rank=shard, ranks=shards)
            said = runner.step(images[rows], labels[rows])
            losses.append(said.loss)
            updates += said.updates
    seen = Seen(float(np.mean(losses)), None, said.gradients, said.rates, updates)
    seen.moves = _moves(plan, runner.read(), start)
    return seen


def _moves(
    plan: Plan, after: Mapping[str, np.ndarray], before: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    return {n: after[n].astype(np.float64) - before[n].astype(np.float64) for n in plan.names}
