"""What crashes or hangs in native code is named and fails alone."""

import ctypes
import time
from collections.abc import Iterator

import pytest

from harness.errors import PairError
from harness.worker import Worker, WorkerFailure


def crash() -> None:
    """Read address 0: a segmentation fault in native code."""
    ctypes.string_at(0)


def hang() -> None:
    """Sleep in native code with the GIL held, where no signal handler runs."""
    ctypes.PyDLL(None).sleep(600)


def add(a: int, b: int) -> int:
    return a + b


def wrong_pair() -> None:
    raise PairError("change line 3")


def broken() -> None:
    raise ValueError("not foreseen")


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


def test_a_crash_is_named_with_its_traceback_and_the_next_call_works(worker: Worker) -> None:
    with pytest.raises(WorkerFailure) as caught:
        worker.call("layers.bad:default", 60.0, crash)
    said = str(caught.value)
    assert "layers.bad:default" in said
    assert "SIGSEGV" in said
    assert "in crash" in said
    assert worker.call("fine", 60.0, add, 2, 3) == 5


def test_a_hang_is_stopped_named_and_the_next_call_works(worker: Worker) -> None:
    began = time.monotonic()
    with pytest.raises(WorkerFailure) as caught:
        worker.call("layers.slow:default", 1.0, hang)
    assert time.monotonic() - began < 300
    said = str(caught.value)
    assert "layers.slow:default" in said
    assert "in hang" in said
    assert worker.call("fine", 60.0, add, 2, 3) == 5


def test_errors_of_the_user_cross_the_border_as_they_are(worker: Worker) -> None:
    with pytest.raises(PairError, match="change line 3"):
        worker.call("x", 60.0, wrong_pair)


def test_other_errors_come_with_their_traceback(worker: Worker) -> None:
    with pytest.raises(WorkerFailure, match="not foreseen"):
        worker.call("x", 60.0, broken)
