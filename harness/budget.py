"""Budgets: how much memory and time a check may take, and what the process takes of it."""

import ctypes
import gc
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.errors import BudgetError

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}  # fmt: skip
_SIZE = re.compile(rf"([0-9.]+) *({'|'.join(_UNITS)})", re.IGNORECASE)
_STATM = Path("/proc/self/statm")
#: Of glibc's malloc.h.
_MMAP_THRESHOLD = -3
#: Seconds.
_SAMPLED_EVERY = 0.004


@dataclass(frozen=True)
class Budget:
    """What a check may take.

    memory: bytes that the process that runs the models may have resident at any time; modules are
    then recorded in parts, each at the cost of one more torch forward and backward. minutes: after
    these no further module and no further check is begun. None is no limit. ends: the time.time()
    at which the minutes are over, set by ``begun``.
    """

    memory: int | None = None
    minutes: float | None = None
    ends: float | None = None

    def begun(self) -> "Budget":
        """The budget whose minutes run from now on."""
        if self.minutes is None or self.ends is not None:
            return self
        return replace(self, ends=time.time() + 60 * self.minutes)

    @property
    def over(self) -> bool:
        """Whether its minutes are over."""
        return self.ends is not None and time.time() >= self.ends

    @property
    def words(self) -> str:
        """``the budget of 10 minutes``."""
        return f"the budget of {self.minutes:g} minute{'s' * (self.minutes != 1)}"


def parse(text: str) -> Budget:
    """``memory=4GB,minutes=10``, or one of them. Raises BudgetError for anything else."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in ("memory", "minutes") or name in found:
            raise BudgetError(f"--budget {text}: write memory=4GB,minutes=10, or one of the two.")
        found[name] = _bytes(text, value) if name == "memory" else _minutes(text, value)
    memory = found.get("memory")
    return Budget(None if memory is None else int(memory), found.get("minutes"))


def _bytes(text: str, value: str) -> float:
    match = _SIZE.fullmatch(value)
    number = _number(match[1]) if match else 0.0
    if match is None or number <= 0:
        raise BudgetError(
            f"--budget {text}: {value!r} is no size; write it as 500MB, 4GB or 1.5GiB."
        )
    return number * _UNITS[match[2].upper()]


def _minutes(text: str, value: str) -> float:
    number = _number(value)
    if not 0 < number < float("inf"):
        raise BudgetError(f"--budget {text}: {value!r} is no number of minutes above 0.")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def in_words(size: float) -> str:
    """Bytes in the unit that suits them: ``1.25 GB``."""
    unit = "GB" if size >= 10**9 else "MB"
    return f"{size / _UNITS[unit]:.3g} {unit}"


def resident() -> int:
    """Bytes of this process that are in memory, after what nobody holds was given back.

    Raises BudgetError where the system does not tell.
    """
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):  # glibc alone has these
        # From now on large arrays are given back to the system as soon as they are freed.
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 2**18)
        ctypes.CDLL(None).malloc_trim(0)
    return _resident()


def _resident() -> int:
    try:
        pages = int(_STATM.read_text().split()[1])
    except OSError:
        raise BudgetError(f"A memory budget needs {_STATM}, which this system lacks.") from None
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass
class Peak:
    """The most that was resident while something ran, and before it ran; bytes."""

    before: int
    most: int
    _stop: threading.Event = field(default_factory=threading.Event)

    def sample(self) -> None:
        """Look until told to stop."""
        while not self._stop.wait(_SAMPLED_EVERY):
            self.most = max(self.most, _resident())

    @property
    def growth(self) -> int:
        """By how much the process grew in the meantime."""
        return self.most - self.before


@contextmanager
def peak() -> Iterator[Peak]:
    """Sample the resident memory of this process while inside."""
    now = _resident()
    found = Peak(now, now)
    thread = threading.Thread(target=found.sample, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found._stop.set()
        thread.join()
        found.most = max(found.most, _resident())
