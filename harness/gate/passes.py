"""Which tests passed on which files: one JSON file for each setting that tests are run under.

Format 1 is an object: ``format``, ``checksum`` (of all the rest), ``setting`` (versions, device,
seed, options: see ``Setting``), ``files`` (pairs of a name and a digest), ``sets`` (positions in
``files``) and ``tests`` (test id -> position in ``sets``, when it passed, seconds).

What is damaged, of another format or of another setting counts for nothing and is told.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.trace import atomic_file

FORMAT = 1

#: What the digest of a file says that is not there.
ABSENT = "absent"


@dataclass(frozen=True)
class Passed:
    """A test that passed. reads: what it depends on -> digest, one object for all tests that depend
    on the same. on: UTC date and time."""

    reads: Mapping[str, str]
    on: str
    seconds: float


@dataclass(frozen=True)
class Passes:
    """The tests that passed under a setting. note: why a file that is there was not believed."""

    tests: Mapping[str, Passed]
    note: str = ""


def key(setting: Mapping[str, Any]) -> str:
    """A name for a setting."""
    return hashlib.sha256(_text(setting).encode()).hexdigest()[:16]


def file_of(folder: Path, setting: Mapping[str, Any]) -> Path:
    """Where the tests that passed under a setting are kept."""
    return folder / f"passed-{key(setting)}.json"


def load(folder: Path, setting: Mapping[str, Any]) -> Passes:
    """What is kept of a setting; nothing where there is no file, or one that is not whole."""
    path = file_of(folder, setting)
    try:
        data = _checked(path)
        if data["setting"] != json.loads(_text(setting)):
            raise ValueError("it is of another setting")
        return Passes(dict(_tests(data)))
    except FileNotFoundError:
        return Passes({})
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        return Passes({}, f"{path.name} is damaged and counts for nothing ({error})")


def other_setting(folder: Path, setting: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The setting of the newest file for another one; None where there is none."""
    own = file_of(folder, setting)
    files = [path for path in folder.glob("passed-*.json") if path != own]
    for path in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        with suppress(OSError, ValueError, KeyError):
            return dict(_checked(path)["setting"])
    return None


def update(
    folder: Path,
    setting: Mapping[str, Any],
    passed: Mapping[str, Passed],
    gone: Iterable[str],
) -> None:
    """Add tests that passed, take out those that did not; safe beside other processes."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        tests = {**load(folder, setting).tests}
        for name in gone:
            tests.pop(name, None)
        tests.update(passed)
        data = _stored(setting, tests)
        with atomic_file(file_of(folder, setting)) as temporary:
            temporary.write_text(_text({**data, "checksum": _checksum(data)}) + "\n")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows: two runs at once may forget what one of them found
        yield
        return
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _stored(setting: Mapping[str, Any], tests: Mapping[str, Passed]) -> dict[str, Any]:
    files: dict[tuple[str, str], int] = {}
    sets: dict[tuple[int, ...], int] = {}
    known: dict[int, int] = {}
    rows = {}
    for name, test in sorted(tests.items()):
        if id(test.reads) not in known:
            reads = sorted(files.setdefault(item, len(files)) for item in test.reads.items())
            known[id(test.reads)] = sets.setdefault(tuple(reads), len(sets))
        rows[name] = [known[id(test.reads)], test.on, round(test.seconds, 3)]
    return {"format": FORMAT, "setting": dict(setting), "files": list(files), "sets": list(sets),
            "tests": rows}  # fmt: skip


def _checked(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.pop("checksum") != _checksum(data):
        raise ValueError("its checksum is wrong")
    if data["format"] != FORMAT:
        raise ValueError(f"its format is {data['format']!r}, this is {FORMAT}")
    return data


def _tests(data: Mapping[str, Any]) -> Iterator[tuple[str, Passed]]:
    files = [(str(name), str(digest)) for name, digest in data["files"]]
    sets = [dict(files[position] for position in positions) for positions in data["sets"]]
    for name, (number, on, seconds) in data["tests"].items():
        yield name, Passed(sets[number], str(on), float(seconds))


def _checksum(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(data).encode()).hexdigest()


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))
