"""Start the processes of a data-parallel training, and wait for what each of them writes.

A process that fails or overruns its time is named, with the end of its log.
"""

import os
import pickle
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness.backends.base import Settings
from harness.errors import HarnessError
from harness.pair import Pair
from harness.trace import Trace

#: Seconds that all processes of one framework may take together.
TIMEOUT = 300.0
#: Seconds that a process which was asked to end gets, and beyond its own watchdog.
_GRACE = 10.0
_TAIL_LINES = 25
#: What MindSpore logs beside what happened.
_CHATTER = ("[INFO]", "[WARNING]")


@dataclass(frozen=True)
class Job:
    """What every rank is given: a stage to make the loop of, and what to train it with.

    arrays: the framework's own parameters as "start.NAME"; "images.DRAW.BATCH" and
    "labels.DRAW.BATCH", joined batches of which a rank takes its shard. draws, batches: how many.
    """

    pair: Pair
    variant: str
    seed: int
    settings: Settings
    arrays: Trace
    draws: int
    batches: int
    timeout: float = TIMEOUT


def launched(framework: str, job: Job, ranks: int) -> list[Trace]:
    """What each rank recorded, by rank; see ``harness.backends.rank``.

    Raises HarnessError where one fails, hangs or records nothing.
    """
    with tempfile.TemporaryDirectory(prefix="harness-ranks-") as name:
        folder = Path(name)
        (folder / "job.pkl").write_bytes(pickle.dumps(job))
        start = _torch if framework == "torch" else _mindspore
        _wait(start(folder, ranks), framework, folder, job.timeout)
        files = [folder / f"rank{rank}.npz" for rank in range(ranks)]
        missing = [str(rank) for rank, file in enumerate(files) if not file.exists()]
        if missing:
            _fail(f"{framework}: rank {', '.join(missing)} of {ranks} recorded nothing", folder)
        return [Trace.load(file) for file in files]


def _torch(folder: Path, ranks: int) -> list[subprocess.Popen]:
    module = [sys.executable, "-m", "harness.backends.torch_rank", str(folder), str(ranks)]
    return [_start([*module, str(r)], folder, f"rank_{r}") for r in range(ranks)]


def _mindspore(folder: Path, ranks: int) -> list[subprocess.Popen]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    return [_start([
        sys.executable, "-m", "mindspore.parallel.cluster.run",  # which the script msrun runs
        f"--worker_num={ranks}", f"--local_worker_num={ranks}", f"--master_port={port}",
        f"--log_dir={folder}", "--join=True", "--cluster_time_out=60",
        "python", "-m", "harness.backends.mindspore_rank", str(folder),
    ], folder, "msrun")]  # fmt: skip


def _start(command: list[str], folder: Path, name: str) -> subprocess.Popen:
    # Python's own library first: mixed precision leaves a folder of MindSpore's with a math.py at
    # the head of the path, which a running process no longer minds.
    library = sysconfig.get_path("stdlib"), sysconfig.get_config_var("DESTSHARED")
    entries = sorted(sys.path, key=lambda entry: entry not in library)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry or os.getcwd() for entry in entries),
        # msrun starts what "python" is on the path.
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
    }
    with open(folder / f"{name}.log", "w") as log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )


def _wait(processes: list[subprocess.Popen], framework: str, folder: Path, timeout: float) -> None:
    """Until all have ended; the others are stopped where one fails."""
    ends = time.monotonic() + timeout + _GRACE
    try:
        while any(process.poll() is None for process in processes):
            if any(process.poll() for process in processes):
                break
            if time.monotonic() > ends:
                _fail(f"{framework}: the processes did not end within {timeout:g} s", folder)
            time.sleep(0.05)
        failed = [number for number, process in enumerate(processes) if process.poll()]
        if failed:
            which = "msrun" if framework == "mindspore" else f"rank {failed[0]}"
            code = processes[failed[0]].returncode
            _fail(f"{framework}: {which} ended with exit code {code}", folder)
    finally:
        for process in processes:
            _stop(process)


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # upon which msrun ends its workers
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _fail(how: str, folder: Path) -> None:
    """Raise HarnessError with the end of the logs of ranks that raised, or else of all."""
    logs = {file: file.read_text(errors="replace").splitlines() for file in folder.glob("*.log")}
    ranks = {f: lines for f, lines in logs.items() if f.stem.startswith(("rank_", "worker_"))}
    raised = {f: lines for f, lines in ranks.items() if any("Traceback" in x for x in lines)}
    shown = [
        f"  {file.stem}: {line}"
        for file, lines in sorted((raised or ranks or logs).items())
        for line in [x for x in lines if not x.startswith(_CHATTER)][-_TAIL_LINES:]
    ]
    raise HarnessError("\n".join([f"{how}.", *shown]))
