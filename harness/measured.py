"""What networks came out as when they were last measured: ``models/networks/measured.json``.

A row a variant: parameters (values, not tensors), modules, seconds of the whole battery, worst e/r.
"""

import importlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from harness.errors import HarnessError
from harness.trace import atomic_file

_FILE = "measured.json"


@dataclass(frozen=True)
class Measured:
    """One variant. seconds: of its battery on the machine that measured; ratio: the worst e/r."""

    parameters: int
    modules: int
    seconds: float
    ratio: float


Table = dict[str, dict[str, Measured]]


def read() -> Table:
    """Pair name -> variant -> what was measured; empty where no models are importable."""
    file = _file()
    if file is None or not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text())
        return {
            pair: {variant: Measured(**row) for variant, row in rows.items()}
            for pair, rows in found.items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        raise HarnessError(f"{file} is not what 'list --measure' writes: {error}") from error


def write(table: Table) -> Path:
    """Write the table, sorted. Raises HarnessError where there is no folder ``models/networks``."""
    file = _file()
    if file is None:
        raise HarnessError("There is no package models.networks here to write measured.json into.")
    plain = {
        pair: {variant: asdict(_rounded(row)) for variant, row in sorted(rows.items())}
        for pair, rows in sorted(table.items())
    }
    with atomic_file(file) as temporary:
        temporary.write_text(json.dumps(plain, indent=1) + "\n")
    return file


def _rounded(row: Measured) -> Measured:
    return replace(row, seconds=round(row.seconds, 1), ratio=round(row.ratio, 2))


def _file() -> Path | None:
    try:
        folder = importlib.import_module("models.networks").__path__[0]
    except ModuleNotFoundError:
        return None
    return Path(folder) / _FILE
