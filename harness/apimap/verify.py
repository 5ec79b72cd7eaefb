"""Hold the API map against a run: what a row claims and the run does not show."""

from collections.abc import Iterator, Mapping

from harness.apimap import execute
from harness.apimap.executed import Executed, Ran
from harness.apimap.rows import DIFFERS, MISSING, NOT_ON_CPU, Row


def complaints(row: Row, ran: Ran) -> Iterator[str]:
    """Sentences on everything in which a row and its run disagree."""
    if ran.status != row.status:
        yield f"is said to be {row.status!r} and is {ran.status!r} when run"
    for outcome in ran.outcomes:
        if not outcome.agrees and row.status != NOT_ON_CPU:
            yield f"{outcome.torch} becomes {outcome.port}: {outcome.found}"
    if row.to and row.to not in ran.mindspore:
        yield f"{row.to} does not exist"
    for form, found in ran.forms.items():
        if found == execute.NO_NAME:
            yield f"{form} does not exist"
    if row.status == MISSING:
        for name in execute.namesakes(row):
            yield f"is said to be missing, and there is {name}"
    if row.status == DIFFERS and not row.note:
        yield "differs, and does not say how"
    for default in execute.uncovered_defaults(row, ran):
        yield f"says nothing of a default that differs: {default}"
    known = {p.name for overload in ran.torch for p in overload}
    for name in row.args:
        if ran.torch and not row.signature and name not in known:
            yield f"has a rule for {name!r}, which torch does not take"


def changes(before: Executed, after: Executed) -> Iterator[str]:
    """What another run, of other versions perhaps, found otherwise."""
    for name in sorted(before.rows.keys() | after.rows.keys()):
        old, new = before.rows.get(name), after.rows.get(name)
        if old is None or new is None:
            yield f"{name}: {'new' if old is None else 'gone'}"
            continue
        if old.status != new.status:
            yield f"{name}: was {old.status}, is {new.status}"
        if old.torch != new.torch:
            yield f"{name}: torch's signature changed"
        yield from _forms(name, old, new)
        found = {outcome.torch: outcome for outcome in old.outcomes}
        for outcome in new.outcomes:
            earlier = found.get(outcome.torch)
            if earlier and (earlier.agrees, earlier.found) != (outcome.agrees, outcome.found):
                said = earlier.found or execute.AGREES
                yield f"{name}: {outcome.port}: {said} -> {outcome.found or execute.AGREES}"


def _forms(name: str, old: Ran, new: Ran) -> Iterator[str]:
    for form, signature in new.mindspore.items():
        if form in old.mindspore and old.mindspore[form] != signature:
            yield f"{name}: the signature of {form} changed"
    for form, found in new.forms.items():
        if form in old.forms and old.forms[form] != found:
            yield f"{name}: {form}: {old.forms[form]} -> {found}"


def by_status(rows: Mapping[str, Row]) -> dict[str, int]:
    """Number of rows by status."""
    counts: dict[str, int] = {}
    for row in rows.values():
        counts[row.status] = counts.get(row.status, 0) + 1
    return counts
