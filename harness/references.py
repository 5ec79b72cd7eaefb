"""What torch computed, kept in a folder by what it was computed from, so that an unchanged
reference is not run again.

An entry is one file: the SHA-256 of all that follows, a line; JSON, a line; the arrays' bytes. An
entry that is damaged is deleted and counts for nothing. Entries are written whole or not at all,
several processes may share a folder, and the ones that were not used for longest make room.
"""

import dataclasses
import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.trace import atomic_file

#: Bytes that a folder may hold, and may hold after room was made.
LIMIT, ROOM = 4 * 10**9, 3 * 10**9
_SUFFIX = ".run"
_ALIGNED = 64

#: What this process did: runs "taken" and "run"; entries "kept", "damaged" (deleted) and "unlike"
#: (of other gradients); runs that are "not plain".
COUNTS: Counter[str] = Counter()


def counts() -> dict[str, int]:
    """COUNTS, to ask another process for."""
    return dict(COUNTS)


#: Folder -> bytes that it held when last measured, and that this process wrote since.
_HELD: dict[Path, tuple[int, int]] = {}


class NotPlain(Exception):
    """A value that no entry can hold."""


@dataclass
class Packed:
    """A nested value as JSON, and its arrays, each once."""

    arrays: list[np.ndarray] = field(default_factory=list)
    _known: dict[int, int] = field(default_factory=dict)

    def array(self, value: np.ndarray) -> Any:
        """What stands for an array."""
        if id(value) not in self._known:
            self._known[id(value)] = len(self.arrays)
            self.arrays.append(value)
        return self._known[id(value)]

    def pack(self, value: Any) -> Any:
        """The JSON of a value. Raises NotPlain for what it cannot hold."""
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                raise NotPlain(str(value.dtype))
            return {"array": self.array(value)}
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value) in (tuple, list):
            return {type(value).__name__: [self.pack(item) for item in value]}
        if isinstance(value, Mapping) and type(value) is dict:
            return {"dict": [[self.pack(key), self.pack(item)] for key, item in value.items()]}
        kind, items = _taken_apart(value)
        return {"object": [kind.__module__, kind.__qualname__, self.pack(items)]}


def _taken_apart(value: Any) -> tuple[type, Any]:
    """The class and the content of what model libraries return, as ``harness.tree`` knows it."""
    kind = type(value)
    if not _is_container(kind):
        raise NotPlain(f"{kind.__module__}.{kind.__qualname__}")
    if isinstance(value, Mapping):
        return kind, dict(value)
    if isinstance(value, (tuple, list)):
        return kind, list(value)
    return kind, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def _is_container(kind: Any) -> bool:
    if not isinstance(kind, type):
        return False
    return issubclass(kind, (Mapping, tuple, list)) or dataclasses.is_dataclass(kind)


def _put_together(module: str, name: str, content: Any) -> Any:
    """The value of a class that is loaded; raises ValueError where it is none of a container."""
    kind: Any = getattr(sys.modules.get(module), name, None)
    if not _is_container(kind):
        raise ValueError(f"{module}.{name} is no container that is loaded")
    if isinstance(content, dict):
        return kind(**content)
    return kind(*content) if hasattr(kind, "_fields") else kind(content)


class _Told(Packed):
    """The same, each array told by a hash of its own."""

    def array(self, value: np.ndarray) -> str:
        total = hashlib.sha256(f"{value.dtype.str}|{value.shape}|".encode())
        total.update(np.ascontiguousarray(value).data if value.size else b"")
        return total.hexdigest()


def unpack(value: Any, arrays: list[np.ndarray]) -> Any:
    """The value that was packed."""
    if not isinstance(value, dict):
        return value
    ((kind, inside),) = value.items()
    if kind == "array":
        return arrays[inside]
    if kind == "object":
        module, name, content = inside
        return _put_together(module, name, unpack(content, arrays))
    if kind == "dict":
        return {unpack(key, arrays): unpack(item, arrays) for key, item in inside}
    return {"tuple": tuple, "list": list}[kind](unpack(item, arrays) for item in inside)


def fingerprint(value: Any) -> str:
    """A hash of a nested value, bit for bit. Raises NotPlain for what has none."""
    return hashlib.sha256(_json(_Told().pack(value))).hexdigest()


class Store:
    """A folder of entries. limit, room: bytes, see LIMIT and ROOM."""

    def __init__(self, folder: Path, limit: int = LIMIT, room: int = ROOM) -> None:
        self.folder, self.limit, self.room = Path(folder), limit, room

    def path(self, key: str) -> Path:
        """Where an entry lies."""
        return self.folder / key[:2] / f"{key}{_SUFFIX}"

    def read(self, key: str) -> Any:
        """What is kept under a key; None where there is nothing, or nothing whole."""
        path = self.path(key)
        try:
            data = bytearray(path.read_bytes())
        except OSError:
            return None
        try:
            found = _unframed(key, data)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            COUNTS["damaged"] += 1
            path.unlink(missing_ok=True)
            return None
        with suppress(OSError):
            os.utime(path)  # used: others make room first
        return found

    def write(self, key: str, value: Any) -> None:
        """Keep a value. Does nothing where it cannot be held, or the folder cannot be written."""
        try:
            parts = _framed(key, value)
        except NotPlain:
            COUNTS["not plain"] += 1
            return
        size = sum(len(part) for part in parts)
        if size > self.limit // 4:
            return
        path = self.path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(path) as temporary, temporary.open("wb") as file:
                for part in parts:
                    file.write(part)
            COUNTS["kept"] += 1
            self._grow(size)

    def _grow(self, by: int) -> None:
        """Make room once the folder holds too much. It is measured when first written to, and
        anew whenever this process has written a sixteenth of the limit: others write to it, too."""
        held, written = _HELD.get(self.folder, (0, self.limit))
        written += by
        if written > self.limit // 16:
            held, written = sum(size for _, size, _ in self._entries()), 0
        if held + written > self.limit:
            held, written = self._make_room(), 0
        _HELD[self.folder] = held, written

    def _make_room(self) -> int:
        """Delete the entries that were not used for longest; returns the bytes that are left."""
        held = left = 0
        for _, size, path in sorted(self._entries(), reverse=True):
            held += size
            if held > self.room:
                path.unlink(missing_ok=True)
            else:
                left = held
        return left

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """(last used, bytes, path) of all."""
        for path in self.folder.glob(f"*/*{_SUFFIX}"):
            with suppress(OSError):
                stat = path.stat()
                yield stat.st_mtime, stat.st_size, path


def _framed(key: str, value: Any) -> list[bytes | memoryview]:
    packed = Packed()
    tree = packed.pack(value)
    arrays: list[list[Any]] = []
    data: list[bytes | memoryview] = []
    at = 0
    for array in packed.arrays:
        flat = np.ascontiguousarray(array)
        arrays.append([array.dtype.str, list(array.shape), at])
        padding = -flat.nbytes % _ALIGNED
        if flat.nbytes:
            data += [flat.reshape(-1).view(np.uint8).data, bytes(padding)]
        at += flat.nbytes + padding
    header = _json({"key": key, "value": tree, "arrays": arrays, "bytes": at})
    parts: list[bytes | memoryview] = [header, b"\n", *data]
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
    return [total.hexdigest().encode(), b"\n", *parts]


def _unframed(key: str, data: bytearray) -> Any:
    view = memoryview(data)
    first = data.index(b"\n")
    if hashlib.sha256(view[first + 1 :]).hexdigest() != data[:first].decode():
        raise ValueError("the checksum is wrong")
    second = data.index(b"\n", first + 1)
    header = json.loads(data[first + 1 : second])
    if header["key"] != key or len(data) != second + 1 + header["bytes"]:
        raise ValueError("it is another entry")
    arrays = []
    for kind, shape, at in header["arrays"]:
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        held = np.frombuffer(data, dtype, count, second + 1 + at) if count else np.empty(0, dtype)
        # A copy each, so that one array does not keep the memory of all.
        arrays.append(held.reshape(shape).copy())
    return unpack(header["value"], arrays)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
