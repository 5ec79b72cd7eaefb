"""What the installed versions said: signatures, what exists, and how every example came out.

Written by ``python -m harness map --update``, one file for each combination of versions and
device; read by everything else, so that scanning needs no framework.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

FOLDER = Path(__file__).parent / "executed"

POSITIONAL, KEYWORD, VARIADIC, KEYWORDS = "positional", "keyword", "variadic", "keywords"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a signature: its name, kind, and the source of its default (None: none)."""

    name: str
    kind: str
    default: str | None = None


#: Of an API with overloads, several.
Signature = tuple[Parameter, ...]


@dataclass(frozen=True)
class Outcome:
    """One example as it was run: the torch call, the port's, and what came of it.

    agrees: whether the port computes what torch does. found: how it does not, or the kernel that
    the device lacks. naive: the same call with nothing but the API's name changed; naive_found:
    "agrees", or how it does not.
    """

    torch: str
    port: str
    agrees: bool
    found: str = ""
    naive: str = ""
    naive_found: str = ""


@dataclass(frozen=True)
class Ran:
    """A row as it was run.

    torch: overloads. mindspore: form -> its signature; None where the name does not exist or has
    no readable one. forms: form -> "agrees", "no name", or how it differs on the row's examples.
    """

    status: str
    torch: tuple[Signature, ...] = ()
    mindspore: Mapping[str, Signature | None] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Executed:
    """Every row as it was run under some versions."""

    torch: str
    mindspore: str
    device: str
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rows: Mapping[str, Ran] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"torch-{self.torch}-mindspore-{self.mindspore}-{self.device}.json"

    def save(self, folder: Path = FOLDER) -> Path:
        """Write as JSON, rows in order, so that an upgrade's diff is readable."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file_name
        text = json.dumps(_packed(asdict(self)), indent=1, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
        return path


@cache
def load_executed(folder: Path = FOLDER) -> Executed:
    """The newest file there is. Raises HarnessError where there is none or it is damaged."""
    files = sorted(folder.glob("torch-*.json"), key=lambda path: _version(path.stem))
    if not files:
        raise HarnessError(f"{folder}: the API map was never run; see 'map --update'.")
    return read_executed(files[-1])


def read_executed(path: Path) -> Executed:
    """One file. Raises HarnessError where it is damaged."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = {name: _ran(row) for name, row in data.pop("rows").items()}
        return Executed(**data, rows=rows)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessError(f"{path.name} is no executed API map: {error}") from error


def _ran(row: Mapping[str, Any]) -> Ran:
    return Ran(
        status=row["status"],
        torch=tuple(_signature(overload) for overload in row.get("torch", ())),
        mindspore={
            form: None if found is None else _signature(found)
            for form, found in row.get("mindspore", {}).items()
        },
        outcomes=tuple(Outcome(**outcome) for outcome in row.get("outcomes", ())),
        forms=row.get("forms", {}),
    )


def _signature(packed: str) -> Signature:
    return parse_signature(packed)


def _packed(value: Any) -> Any:
    """Signatures as the one line a person would write."""
    data = dict(value)
    data["rows"] = {
        name: {
            **row,
            "torch": [_line(overload) for overload in row["torch"]],
            "mindspore": {f: None if s is None else _line(s) for f, s in row["mindspore"].items()},
        }
        for name, row in data["rows"].items()
    }
    return data


def _line(signature: Sequence[Mapping[str, Any]]) -> str:
    return written([Parameter(**parameter) for parameter in signature])


def written(signature: Sequence[Parameter]) -> str:
    """``(input, dim, *, out=None)``; the inverse of ``parse_signature``."""
    parts: list[str] = []
    star = False
    for parameter in signature:
        if parameter.kind == VARIADIC:
            parts.append("*" + parameter.name)
            star = True
            continue
        if parameter.kind == KEYWORDS:
            parts.append("**" + parameter.name)
            continue
        if parameter.kind == KEYWORD and not star:
            parts.append("*")
            star = True
        given = "" if parameter.default is None else f"={parameter.default}"
        parts.append(parameter.name + given)
    return f"({', '.join(parts)})"


@cache
def parse_signature(text: str) -> Signature:
    """Parameters of ``(input, dim, *, out=None)``. Raises SyntaxError for anything else."""
    node = ast.parse(f"def f{text}: ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    found = [
        Parameter(a.arg, POSITIONAL, _source(default))
        for a, default in zip(positional, [*missing, *arguments.defaults])
    ]
    if arguments.vararg:
        found.append(Parameter(arguments.vararg.arg, VARIADIC))
    found += [
        Parameter(a.arg, KEYWORD, _source(default))
        for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults)
    ]
    if arguments.kwarg:
        found.append(Parameter(arguments.kwarg.arg, KEYWORDS))
    return tuple(found)


def _source(node: ast.expr | None) -> str | None:
    return None if node is None else ast.unparse(node)


def _version(stem: str) -> list[tuple[int, ...]]:
    """Versions in a file's name, for ordering: torch-2.13.0-mindspore-2.10.0-CPU."""
    return [
        tuple(int(number) for number in part.split(".") if number.isdigit())
        for part in stem.split("-")
    ]
