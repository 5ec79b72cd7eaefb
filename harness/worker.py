"""A process of its own for the frameworks: what hangs or crashes in native code fails alone.

The parent sends (function, arguments); the worker answers with the result or the exception. A
worker that dies or overruns its time is named, with the native traceback, and replaced.
"""

import atexit
import faulthandler
import multiprocessing
import os
import shutil
import signal
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import fields
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from harness import session
from harness.errors import HarnessError
from harness.progress import SILENT, Listener

#: Seconds the parent waits beyond the worker's own watchdog.
_GRACE = 10.0
_TAIL_LINES = 25
#: What the worker tells while it runs: the fields of a Listener.
_NEWS = tuple(field.name for field in fields(Listener))


class WorkerFailure(Exception):
    """The worker crashed or overran its time; names what ran, shows the native traceback."""


class Worker:
    """One child process, started when first needed and restarted after a failure."""

    def __init__(self) -> None:
        self._process: Any = None
        self._connection: Connection | None = None
        self._folder = ""
        atexit.register(self.close)

    def call(
        self,
        what: str,
        timeout: float,
        function: Callable[..., Any],
        *args: Any,
        listener: Listener = SILENT,
    ) -> Any:
        """Run an importable function in the worker.

        what: names the work in errors. timeout: seconds. listener: hears of what the worker does.
        Raises what the function raised if it is a HarnessError, WorkerFailure otherwise.
        """
        if not self.alive:
            self._start()
        assert self._connection is not None
        try:
            self._connection.send((function, args, timeout))
            kind, value = self._receive(what, timeout)
            while kind in _NEWS:
                getattr(listener, kind)(*value)
                kind, value = self._receive(what, timeout)
        except (EOFError, ConnectionError, BrokenPipeError):
            self._process.join(_GRACE)
            self._fail(what, _cause_of_death(self._process.exitcode, timeout))
        if kind == "result":
            return value
        if isinstance(value, HarnessError):
            raise value
        raise WorkerFailure(f"{what} raised:\n{value}")

    def _receive(self, what: str, timeout: float) -> tuple[str, Any]:
        assert self._connection is not None
        if not self._connection.poll(timeout + _GRACE):
            self._fail(what, f"hung for more than {timeout:g} s in native code and was stopped")
        return self._connection.recv()

    @property
    def alive(self) -> bool:
        """Whether the process runs, and holds what earlier calls left in it."""
        return self._process is not None and self._process.is_alive()

    def close(self) -> None:
        """End the process and remove its folder."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join(2.0)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process, self._connection, self._folder = None, None, ""

    def _start(self) -> None:
        self.close()
        self._folder = tempfile.mkdtemp(prefix="harness-worker-")
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._folder), daemon=False)
        self._process.start()
        theirs.close()

    def _fail(self, what: str, how: str) -> None:
        log = Path(self._folder, "log")
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.close()
        tail = "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:])
        raise WorkerFailure(f"{what}: the process {how}.\n{tail}".rstrip())


def _cause_of_death(exit_code: int | None, timeout: float) -> str:
    if exit_code is not None and exit_code < 0:
        return f"crashed in native code ({signal.Signals(-exit_code).name})"
    if exit_code == 1:
        return f"was stopped after {timeout:g} s: it hung or needs a longer --case-timeout"
    return f"ended with exit code {exit_code}"


def _serve(connection: Connection, folder: str) -> None:
    """The worker's loop; ends when the parent closes the connection."""
    # MindSpore writes kernel_meta/ and the like into the working directory.
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = open(Path(folder, "log"), "w")  # noqa: SIM115  lives as long as the process
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    faulthandler.enable(log)
    listener = Listener(
        **{kind: lambda *news, kind=kind: connection.send((kind, news)) for kind in _NEWS}
    )
    session.listen(listener)
    while True:
        try:
            function, args, timeout = connection.recv()
        except EOFError:
            break
        # The watchdog is a native thread: it fires even while native code holds the GIL.
        faulthandler.dump_traceback_later(timeout, exit=True, file=log)
        try:
            answer = ("result", function(*args))
        except HarnessError as error:
            answer = ("error", error)
        except BaseException:
            answer = ("error", traceback.format_exc())
        faulthandler.cancel_dump_traceback_later()
        connection.send(answer)
    os._exit(0)  # MindSpore's own teardown may hang
