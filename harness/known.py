"""The ledger of known divergences: exactly which entry of which case differs, how, and why.

Strict in every direction: an entry that matches no case, one that agrees after all, and a
divergence of another kind than declared all fail. A known divergence is never a plain pass.
"""

import ast
import builtins
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.pair import MODES
from harness.verdict import AGREES, KNOWN, Result, Verdict

#: Kinds of a Divergence; "error" stands for any exception, an exception's type name for that one.
KINDS = ("missing", "shape", "dtype", "nonfinite", "value", "error")

_TABLE = "known"
_CASE = re.compile(r"[A-Za-z0-9_]+\.[A-Za-z0-9_.+]+:[A-Za-z0-9_.+]+-(\w+)-(\w+)-\w+")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Known:
    """One known divergence.

    case: a case id. entry: as in Result.entry, e.g. ``act:out``; for an exception the module is
    enough ("" is the root). kind: one of KINDS, or the type name of the exception. repro: a test id
    that shows the cause alone, or a link. torch, mindspore: the versions it was seen on.
    """

    case: str
    entry: str
    kind: str
    reason: str
    repro: str
    torch: str
    mindspore: str

    @property
    def pair(self) -> str:
        return self.case.partition(":")[0]

    def names(self, result: Result) -> bool:
        """Whether the result is of this entry."""
        error = result.measurement.kind == "error"
        return self.entry == result.entry or (error and self.entry == result.unit)

    def expects(self, result: Result) -> bool:
        """Whether the result is this divergence: the entry and the kind."""
        m = result.measurement
        raised = m.note.partition(":")[0] if m.kind == "error" else ""
        return result.diverges and self.names(result) and self.kind in (m.kind, raised)


@dataclass(frozen=True)
class Matched:
    """A verdict's divergences by what the ledger says, and entries that matched none of them."""

    expected: tuple[Result, ...]
    unexpected: tuple[Result, ...]
    unused: tuple[Known, ...]


def match(verdict: Verdict, ledger: Sequence[Known]) -> Matched:
    """Hold a verdict's divergences against the ledger's entries for its case."""
    mine = [known for known in ledger if known.case == verdict.case]
    expected: list[Result] = []
    unexpected: list[Result] = []
    for result in verdict.divergences:
        found = any(known.expects(result) for known in mine)
        (expected if found else unexpected).append(result)
    unused = tuple(k for k in mine if not any(k.expects(result) for result in expected))
    return Matched(tuple(expected), tuple(unexpected), unused)


def excused(verdict: Verdict, ledger: Sequence[Known]) -> Verdict:
    """The verdict with its known divergences marked as such and noted.

    It passes where nothing else diverges; entries that no divergence matched are its problems.
    """
    found = match(verdict, ledger)
    if not (found.expected or found.unused):
        return verdict
    used = [k for k in ledger if k.case == verdict.case and k not in found.unused]
    results = tuple(
        replace(r, measurement=replace(r.measurement, status=KNOWN)) if r in found.expected else r
        for r in verdict.results
    )
    ran = not (verdict.blocked_by or verdict.problems)
    stale = tuple(_stale(known, verdict) for known in found.unused) if ran else ()
    return replace(
        verdict,
        results=results,
        culprits=tuple(c for c in verdict.culprits if not set(c.results) <= set(found.expected)),
        problems=verdict.problems + stale,
        notes=verdict.notes + tuple(f"known: {k.entry or 'the root'}: {k.reason}" for k in used),
    )


def reasons(verdict: Verdict, ledger: Sequence[Known]) -> str:
    """Why a case's known divergences are there, each reason once."""
    return "; ".join(dict.fromkeys(k.reason for k in ledger if k.case == verdict.case))


def _stale(known: Known, verdict: Verdict) -> str:
    results = [result.measurement for result in verdict.results if known.names(result)]
    kinds = {m.kind for m in results if m.kind}
    others = {m.status for m in results} - {AGREES}
    if kinds:
        what = f"is declared as {known.kind!r} and differs in {', '.join(sorted(kinds))}"
    elif others:
        what = f"no longer differs ({', '.join(sorted(others))}): remove it from the ledger"
    elif results or known.kind not in KINDS[:-1]:
        what = "unexpectedly agrees: remove it from the ledger"
    else:
        what = "is no entry of this case: name it as the case's page does"
    return f"The known divergence {known.entry or 'the root'!r} {what}."


def unmatched(ledger: Sequence[Known], cases: Collection[str], complete: bool) -> tuple[Known, ...]:
    """Entries that match none of the case ids, which are all those of every pair among them.

    complete: the case ids are all that there are, so every entry must match.
    """
    pairs = {case.partition(":")[0] for case in cases}
    return tuple(k for k in ledger if k.case not in cases and (complete or k.pair in pairs))


def complaint(path: Path, left: Sequence[Known]) -> str:
    """What to say about entries that match no case."""
    lines = [f"{path}: these entries match no case; mend or remove them:"]
    return "\n".join([*lines, *(f"  {known.case}  {known.entry}" for known in left)])


def read_ledger(path: Path) -> tuple[Known, ...]:
    """Read and validate a ledger (TOML, a table ``[[known]]`` an entry).

    Raises HarnessError that says which entry is wrong and what it must hold.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HarnessError(f"{path}: no ledger of known divergences can be read: {error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HarnessError(f"{path} is not readable as TOML: {error}") from None
    tables = data.pop(_TABLE, [])
    if data or not isinstance(tables, list):
        raise HarnessError(f"{path}: only [[{_TABLE}]] tables belong here, not {list(data)}.")
    found: list[Known] = []
    for number, table in enumerate(tables, start=1):
        known = _known(table, path, f"{path}: entry {number}")
        same = (known.case, known.entry, known.kind)
        if same in [(k.case, k.entry, k.kind) for k in found]:
            raise HarnessError(f"{path}: entry {number} repeats {known.case} {known.entry!r}.")
        found.append(known)
    return tuple(found)


def _known(table: Mapping[str, Any], path: Path, where: str) -> Known:
    keys = [field.name for field in fields(Known)]
    missing = [key for key in keys if key not in table]
    unknown = [key for key in table if key not in keys]
    if missing or unknown:
        what = [f"lacks {', '.join(missing)}"] if missing else []
        what += [f"has unknown keys {', '.join(unknown)}"] if unknown else []
        raise HarnessError(f"{where} {' and '.join(what)}; the keys are {', '.join(keys)}.")
    for key, value in table.items():
        # The root's name is empty.
        if not isinstance(value, str) or not (value.strip() or key == "entry"):
            raise HarnessError(f"{where}: {key} = {value!r} must be a text that is not empty.")
    known = Known(**table)
    parts = _CASE.fullmatch(known.case)
    if not parts or MODES.get(parts[1]) != parts[2]:
        raise HarnessError(
            f"{where}: case = {known.case!r} is no case id, such as "
            f"'blocks.bottleneck:stride2-backward-pynative-f32'."
        )
    if known.kind not in KINDS and not _is_exception(known.kind):
        raise HarnessError(
            f"{where}: kind = {known.kind!r}; use {', '.join(KINDS)} or the type name of an "
            f"exception, such as RuntimeError."
        )
    if not known.entry and known.kind in KINDS[:-1]:
        raise HarnessError(f"{where}: entry is empty; only an exception may name the root alone.")
    if not _LINK.fullmatch(known.repro) and not _test_exists(known.repro, path):
        raise HarnessError(
            f"{where}: repro = {known.repro!r} is neither a link nor a test that exists, such as "
            f"'tests/test_framework_bugs.py::test_gradient_of_a_strided_index'."
        )
    return known


def _is_exception(name: str) -> bool:
    builtin = getattr(builtins, name, None)
    if isinstance(builtin, type) and issubclass(builtin, BaseException):
        return True
    return re.fullmatch(r"[A-Z]\w*(Error|Exception)", name) is not None


def _test_exists(test_id: str, ledger: Path) -> bool:
    """Whether ``file::test`` names a test; the file is sought from the ledger's folder upwards."""
    file, *names = test_id.partition("[")[0].split("::")
    homes = [folder / file for folder in ledger.resolve().parents if (folder / file).is_file()]
    if not homes or not names:
        return False
    body: Sequence[ast.stmt] = ast.parse(homes[0].read_text(encoding="utf-8")).body
    for name in names:
        named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        found = [node for node in body if isinstance(node, named) and node.name == name]
        if not found:
            return False
        body = found[0].body
    return True
