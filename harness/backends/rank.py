"""What one process of a data-parallel training does: steps on its shard, and records them."""

import pickle
from pathlib import Path

import numpy as np

from harness.backends.base import Backend
from harness.launch import Job
from harness.lockstep import runner_kind
from harness.loop import Average
from harness.pipelines import order
from harness.stages.recipes import STEPS
from harness.stages.rehearsal import maker
from harness.stages.stage import Stage
from harness.trace import Trace, digest


def read_job(folder: Path) -> Job:
    """What the launching process wrote."""
    return pickle.loads((folder / "job.pkl").read_bytes())


def run(folder: Path, job: Job, backend: Backend, rank: int, ranks: int, average: Average) -> None:
    """Take an update of a fresh loop in every draw; write "rankN.npz".

    Its entries are "DRAW.gradient.NAME" as the optimizer was handed it, "DRAW.after.NAME" and
    "DRAW.rows.BATCH", the rows of the joined batch that this rank took. Its meta: "initial", the
    digest of the parameters that a loop begins with by itself; by draw "losses", "rates",
    "updates".
    """
    stage = Stage(job.pair, job.variant, seed=job.seed, settings=job.settings)
    make = maker(stage, backend.name, STEPS, average)
    given = job.arrays.entries
    start = {n.partition(".")[2]: a for n, a in given.items() if n.startswith("start.")}
    found = Trace({"initial": "", "losses": [], "rates": [], "updates": []}, {})
    for draw in range(job.draws):
        with backend.seeded(stage.entropy):
            runner = runner_kind(backend.name)(backend, make)
        found.meta["initial"] = found.meta["initial"] or digest(runner.read())
        runner.write(start)
        runner.loop.begin_epoch()
        losses, updates = [], 0
        for batch in range(job.batches):
            images, labels = (given[f"{what}.{draw}.{batch}"] for what in ("images", "labels"))
            rows = order(len(labels), shuffle=False, rank=rank, ranks=ranks)
            stepped = runner.step(images[rows], labels[rows])
            losses.append(stepped.loss)
            updates += stepped.updates
            found.entries[f"{draw}.rows.{batch}"] = np.array(rows)
        found.meta["losses"].append(sum(losses) / len(losses))
        found.meta["rates"].append(stepped.rates)
        found.meta["updates"].append(updates)
        for name, array in stepped.gradients.items():
            found.entries[f"{draw}.gradient.{name}"] = array
        for name, array in runner.read().items():
            found.entries[f"{draw}.after.{name}"] = array
    found.save(folder / f"rank{rank}.npz")
