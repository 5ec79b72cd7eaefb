"""One of MindSpore's processes: ``msrun ... python -m harness.backends.mindspore_rank FOLDER``."""

import faulthandler
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.backends import open_backend, rank, runtime

ms = runtime.import_mindspore()
from mindspore import communication, ops  # noqa: E402  after its chatter is turned down


def average(gradients: Sequence[ms.Tensor]) -> list[ms.Tensor]:  # type: ignore[name-defined]
    """Each gradient's mean over all ranks; AllReduce has no mean of its own."""
    add, ranks = ops.AllReduce(ops.ReduceOp.SUM), communication.get_group_size()
    return [add(gradient) / ranks for gradient in gradients]


def main(folder: Path) -> None:
    """Join the others, train. msrun's scheduler runs this too, and never returns from init."""
    job = rank.read_job(folder)
    # A native thread: it fires even while a collective waits for a process that is gone.
    faulthandler.dump_traceback_later(job.timeout, exit=True)
    backend = open_backend("mindspore", job.settings)  # chooses the device: later it is too late
    communication.init()
    own, ranks = communication.get_rank(), communication.get_group_size()
    rank.run(folder, job, backend, own, ranks, average)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
