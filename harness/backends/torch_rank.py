"""One of torch's processes: ``python -m harness.backends.torch_rank FOLDER RANKS RANK``."""

import faulthandler
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed

from harness.backends import open_backend, rank


def average(gradients: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Each gradient's mean over all ranks."""
    ranks = distributed.get_world_size()
    found = [gradient.clone() for gradient in gradients]
    for gradient in found:
        distributed.all_reduce(gradient)
        gradient /= ranks
    return found


def main(folder: Path, ranks: int, own: int) -> None:
    """Join the others, train, leave."""
    job = rank.read_job(folder)
    # A native thread: it fires even while a collective waits for a process that is gone.
    faulthandler.dump_traceback_later(job.timeout, exit=True)
    distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/store", rank=own, world_size=ranks
    )
    backend = open_backend("torch", job.settings)
    rank.run(folder, job, backend, distributed.get_rank(), distributed.get_world_size(), average)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
