"""What a test reads while it runs: files and folders of the source tree, in all its processes.

Python tells of every file that is opened (audit events). Modules are imported once a process and
pairs are looked up by name, so those who do that say what they ``used``. Processes that a test
starts append what they read to a log, which the environment variable HARNESS_OBSERVED names;
``import harness`` is where they begin to.
"""

import importlib.util
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from harness.gate.importing import is_source

#: When this process imported the harness, less what file systems round their times by.
STARTED = time.time() - 0.05

_VARIABLE = "HARNESS_OBSERVED"
#: A run inside a run has two to tell.
_AND = "\n"
#: Read by a process that cannot be observed: any file of the tree.
ANYTHING = "*"
#: Begins the name of a folder whose entries were listed.
LISTED = "list:"
#: What the frameworks and Python's own library start to ask about the machine.
_ABOUT_THE_MACHINE = {"as", "c++", "cc", "clang", "file", "g++", "gcc", "getconf", "ld", "ldconfig",
                      "lscpu", "lspci", "npu-smi", "nvidia-smi", "objdump", "uname"}  # fmt: skip
#: What pytest's plugins ask about a clone, and what does not depend on its files.
_ABOUT_THE_CLONE = {("git", "rev-parse"), ("hg", "path")}

#: Ends the name of the bytecode of a module whose assertions pytest has rewritten.
_OF_PYTEST = re.compile(r"-pytest-[^/\\]*\.pyc$")

Read = tuple[str, str]


class Log:
    """The events of this process below a root: (what, the file whose import read it or "").

    pending: what was not taken yet. file: where another process's parent reads them, or "".
    """

    def __init__(self, root: str, file: str) -> None:
        self.root, self.file = root, file
        self.pending: list[Read] = []
        self.busy = False

    def add(self, path: str, by: str = "", listed: bool = False) -> None:
        """Note a file or a folder, where it is part of the sources."""
        found = _relative(self.root, path)
        if found is None or (found and not is_source(found.split("/"))):
            return
        event = (
            f"{LISTED}{found}" if listed else found,
            _relative(self.root, by) or "" if by else "",
        )
        self.write(event)

    def write(self, event: Read) -> None:
        """Keep an event, or append it to the file."""
        if not self.file:
            self.pending.append(event)
            return
        with suppress(OSError):  # the run that asked is over
            handle = os.open(self.file, os.O_WRONLY | os.O_APPEND)
            try:
                os.write(handle, f"{json.dumps(event)}\n".encode())
            finally:
                os.close(handle)


_LOGS: list[Log] = []
_HOOKED: list[bool] = []


def follow() -> None:
    """Append what this process reads to the logs that its parents named."""
    for one in filter(None, os.environ.get(_VARIABLE, "").split(_AND)):
        root, _, file = one.partition(os.pathsep)
        if not any(log.file == file for log in _LOGS):
            _start(Log(root, file))


def used(module: Any) -> None:
    """Note that a test depends on a module, whether or not it was imported before."""
    file = getattr(module, "__file__", None)
    if _LOGS and file:
        for log in _LOGS:
            log.add(file)


def _start(log: Log) -> None:
    _LOGS.append(log)
    if not _HOOKED:
        _HOOKED.append(True)
        sys.addaudithook(_audit)  # stays for the life of the process


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _LOGS or event not in ("open", "os.listdir", "os.scandir", "subprocess.Popen"):
        return
    for log in _LOGS:
        if log.busy:
            return
    for log in _LOGS:
        log.busy = True
        try:
            _note(log, event, arguments)
        except Exception:  # whatever goes wrong here is no error of the program that is observed
            log.write((ANYTHING, ""))
        finally:
            log.busy = False


def _note(log: Log, event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        if not _observed(log, *arguments[:4]):
            log.write((ANYTHING, ""))
        return
    path = arguments[0]
    if path is None:
        path = "."
    if not isinstance(path, (str, bytes, os.PathLike)):
        return
    text = _source_of(os.path.abspath(os.fsdecode(path)))
    if not text.startswith(log.root) and not os.path.islink(os.path.dirname(text)):
        text = os.path.realpath(text)
        if not text.startswith(log.root):
            return
    frame = sys._getframe(3)
    importing = "importlib" in frame.f_code.co_filename
    if event != "open":
        if not importing:  # the import system lists the folders that it searches
            log.add(text, listed=True)
    elif not _writes(*arguments[1:3]):
        log.add(text, "" if importing else _importer(log, frame))


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str):
        return not ("r" in mode or "+" in mode)
    return isinstance(flags, int) and flags & os.O_ACCMODE == os.O_WRONLY


def _importer(log: Log, frame: FrameType | None) -> str:
    """The innermost file of the tree that is being imported and whose import reads; "" where only
    source lines of the callers are looked up."""
    while frame is not None:
        code = frame.f_code
        if os.path.basename(code.co_filename) == "linecache.py":
            return ""
        if (
            code.co_name == "<module>"
            and code.co_filename.startswith(log.root)
            and frame.f_globals.get("__name__") != "__main__"
        ):
            return code.co_filename
        frame = frame.f_back
    return ""


def _observed(log: Log, executable: Any, args: Any, cwd: Any, env: Any) -> bool:
    """Whether a process that is started tells what it reads, or reads nothing of the tree."""
    words = [args] if isinstance(args, (str, bytes)) else list(args or ())
    name = os.path.basename(os.fsdecode(executable or (words[0] if words else "")))
    if name in _ABOUT_THE_MACHINE or (name, *map(os.fsdecode, words[1:2])) in _ABOUT_THE_CLONE:
        return True
    told = os.environ if env is None else env
    return name.startswith(("python", "msrun", "torchrun")) and _VARIABLE in told


def _source_of(path: str) -> str:
    """The source of a file of bytecode, Python's or pytest's, wherever it is kept."""
    if path.endswith(".pyc"):
        with suppress(ValueError, NotImplementedError):
            return importlib.util.source_from_cache(_OF_PYTEST.sub(".pyc", path))
    return path


def _relative(root: str, path: str) -> str | None:
    for text in (path, os.path.realpath(path)):
        if text == root:
            return ""
        if text.startswith(root + os.sep):
            return text[len(root) + 1 :].replace(os.sep, "/")
    return None


class Observer:
    """What was read in this process and those that it starts, sorted by whoever asked.

    at_import: file -> what its import read, wherever and whenever it was first imported.
    """

    def __init__(self, root: Path, log: Path) -> None:
        self.at_import: dict[str, set[str]] = {}
        self._open: list[set[str]] = []
        self._path, self._read = log, 0
        log.touch()
        self._log = Log(os.path.realpath(root), "")
        _start(self._log)
        self._outer = os.environ.get(_VARIABLE, "")
        own = f"{self._log.root}{os.pathsep}{log}"
        os.environ[_VARIABLE] = _AND.join(filter(None, (self._outer, own)))

    def close(self) -> None:
        """Stop observing."""
        _LOGS.remove(self._log)
        os.environ[_VARIABLE] = self._outer
        if not self._outer:
            del os.environ[_VARIABLE]

    @contextmanager
    def reads(self) -> Iterator[set[str]]:
        """What is read while inside; filled when it ends, or by ``take``."""
        self.take()
        found: set[str] = set()
        self._open.append(found)
        try:
            yield found
        finally:
            self.take()
            self._open.pop()

    def take(self) -> None:
        """Sort what was read since."""
        events, self._log.pending = self._log.pending, []
        self._log.busy = True
        try:
            with self._path.open("rb") as log:
                log.seek(self._read)
                data = log.read()
        finally:
            self._log.busy = False
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        events += [(what, by) for what, by in map(json.loads, whole.splitlines())]
        for what, by in events:
            if by:
                self.at_import.setdefault(by, set()).add(what)
            for found in self._open:
                found.add(what)
