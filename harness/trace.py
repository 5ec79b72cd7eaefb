"""Trace: everything one backend produced for a case, as named arrays with their provenance.

Stored as ``.npz`` without pickle: one member an entry, and ``meta`` holding JSON.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import HarnessError

FORMAT = 1
_META = "meta"


@dataclass
class Trace:
    """``entries`` is ordered: entry name -> array. ``meta`` is JSON: who, what, with which seed."""

    meta: dict[str, Any]
    entries: dict[str, np.ndarray] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the trace; the file appears whole or not at all."""
        text = json.dumps({"format": FORMAT, **self.meta}, ensure_ascii=False)
        arrays = {_META: np.frombuffer(text.encode(), np.uint8), **self.entries}
        with atomic_file(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)

    @staticmethod
    def load(path: Path) -> "Trace":
        """Read a trace. Raises HarnessError for anything that is not one."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
            meta = json.loads(arrays.pop(_META).tobytes())
        except FileNotFoundError as error:
            raise HarnessError(f"{path}: no such file.") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError,
                zipfile.BadZipFile) as error:  # fmt: skip
            raise HarnessError(f"{path} is not a trace written by 'record': {error}") from error
        if meta.get("format") != FORMAT:
            raise HarnessError(f"{path} has trace format {meta.get('format')}; this is {FORMAT}.")
        return Trace(meta, arrays)


class atomic_file:
    """Context manager: a temporary path that replaces ``path`` on success, vanishes on failure."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def __enter__(self) -> Path:
        if not self.path.parent.is_dir():
            raise HarnessError(f"{self.path.parent} is not a folder; create it first.")
        # The suffix is kept: some writers choose the format by it.
        handle, name = tempfile.mkstemp(
            prefix=f".{self.path.name}.", suffix=self.path.suffix, dir=self.path.parent
        )
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            umask = os.umask(0)
            os.umask(umask)
            self.temporary.chmod(0o666 & ~umask)
            os.replace(self.temporary, self.path)
        else:
            self.temporary.unlink(missing_ok=True)


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """A hash of named arrays: names, dtypes, shapes and bits, independent of order."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        total.update(f"{name}|{array.dtype.str}|{array.shape}|".encode())
        total.update(array.tobytes())
    return total.hexdigest()
