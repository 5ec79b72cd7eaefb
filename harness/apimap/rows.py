"""Rows of the API map: one torch API, its MindSpore counterpart, and every argument's fate.

Read from ``rows/*.toml``, a table a torch name::

    ["torch.nn.Conv2d"]
    to = "mindspore.nn.Conv2d"
    also = ["mindspore.mint.nn.Conv2d"]
    status = "differs"
    note = "pad_mode is 'same' unless told; has_bias is False."
    pair = "layers.conv2d"
    on = ["image"]
    examples = ["torch.nn.Conv2d(3, 4, 3, padding=1)"]
    always = { pad_mode = "'pad'" }
    [...args]
    groups = "group"

The words of a row are documented at ``Row`` and ``Argument``.
"""

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

FOLDER = Path(__file__).parent / "rows"

SAME, DIFFERS, MISSING, NOT_ON_CPU = "same", "differs", "missing", "not on CPU"
STATUSES = (SAME, DIFFERS, MISSING, NOT_ON_CPU)


@dataclass(frozen=True)
class Argument:
    """What becomes of one torch argument.

    to: MindSpore's name for it. by: how its value changes, a template over ``{}`` such as
    ``1 - {}``, or a name in ``harness.apimap.rewrite.CHANGES``. default: what is passed where the
    call leaves the argument out, a template over torch's argument names; torch's own default, where
    it differs from MindSpore's, by itself. drop: why it can be left out. absent: why a person must
    see to it, where its value is not torch's default. when: a literal value -> arguments that
    MindSpore takes in its place. unsure: what to look at where its value is no literal.
    """

    to: str = ""
    by: str = ""
    default: str = ""
    drop: str = ""
    absent: str = ""
    when: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unsure: str = ""


@dataclass(frozen=True)
class Row:
    """One torch API.

    torch: its public name. to: the MindSpore API that a port should use; "" where there is none.
    also: further MindSpore forms. status: "same" (the call is the same but for the API's name),
    "differs", "missing", "not on CPU". note: the difference in a sentence. args: torch argument ->
    Argument, where it does not keep its name. always: MindSpore arguments that every call needs.
    call: the whole MindSpore expression, a template over torch's argument names, ``{self}`` and
    ``{*}`` (all arguments as they are), where renaming arguments is not enough. signature: torch's,
    as ``(input, dim, *, out=None)``, where neither Python nor torch's documentation tells it.

    What stands behind it, of which a row needs one. examples: torch calls, whose MindSpore calls
    are derived and run; free names are inputs, see ``harness.apimap.examples.INPUTS``. on: the
    inputs that a module which an example builds is called on. both: (torch, MindSpore) expressions
    whose values are equal. pair: the registered pair. proof: the id of a test.
    unlike: (torch, MindSpore) expressions that show the difference where the derived naive call
    does not.
    """

    torch: str
    status: str
    to: str = ""
    also: tuple[str, ...] = ()
    note: str = ""
    args: Mapping[str, Argument] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)
    call: str = ""
    signature: str = ""
    examples: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    both: tuple[tuple[str, str], ...] = ()
    unlike: tuple[tuple[str, str], ...] = ()
    pair: str = ""
    proof: str = ""

    @property
    def family(self) -> str:
        """ "torch.nn", "torch.Tensor", ...: the name without its last part."""
        return self.torch.rpartition(".")[0]

    @property
    def local(self) -> str:
        return self.torch.rpartition(".")[2]


@cache
def load_rows(folder: Path = FOLDER) -> dict[str, Row]:
    """torch name -> Row of every file. Raises HarnessError that names the file and the row."""
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise HarnessError(f"{path.name} is not readable as TOML: {error}") from None
        for name, table in data.items():
            if name in found:
                raise HarnessError(f"{path.name}: {name} has a row already.")
            found[name] = _row(name, table, f"{path.name}: {name}")
    return found


def _row(name: str, table: Mapping[str, Any], where: str) -> Row:
    known = {f.name for f in fields(Row)} - {"torch"}
    unknown = sorted(set(table) - known)
    if unknown:
        raise HarnessError(f"{where} has unknown keys {unknown}; there are {sorted(known)}.")
    if table.get("status") not in STATUSES:
        raise HarnessError(f"{where}: status = {table.get('status')!r}; use {STATUSES}.")
    values = {key: _frozen(value) for key, value in table.items() if key != "args"}
    args = {arg: _argument(rule, f"{where}: {arg}") for arg, rule in table.get("args", {}).items()}
    row = Row(torch=name, args=args, **values)
    for text in (*row.examples, *(side for both in (*row.both, *row.unlike) for side in both)):
        try:
            ast.parse(text)
        except SyntaxError as error:
            raise HarnessError(f"{where}: {text!r} is no Python: {error.msg}.") from None
    if not (row.examples or row.both or row.pair or row.proof or row.status == MISSING):
        raise HarnessError(f"{where}: nothing stands behind it; give examples, a pair or a proof.")
    if row.status == MISSING and row.to:
        raise HarnessError(f"{where}: it is missing, and goes to {row.to}.")
    if row.status != MISSING and not (row.to or row.call):
        raise HarnessError(f"{where}: say what it goes to.")
    return row


def _argument(rule: Any, where: str) -> Argument:
    if isinstance(rule, str):
        return Argument(to=rule)
    unknown = sorted(set(rule) - {f.name for f in fields(Argument)})
    if unknown:
        raise HarnessError(f"{where} has unknown keys {unknown}.")
    return Argument(**rule)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
