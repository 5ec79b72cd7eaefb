"""What the gate says: what ran and why, what took longest, one sentence at the end."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.report.words import listing

NEVER_PASSED = "no pass is kept"
IN_DOUBT = "in doubt: reads more than its imports tell"

_NAMED = 3
_REASONS = 12
_SLOWEST = 8


def changed(files: Sequence[str]) -> str:
    """Why a test runs whose files changed; "" where none did."""
    if not files:
        return ""
    shown = [_shown(file) for file in files[:_NAMED]]
    more = len(files) - len(shown)
    names = f"{', '.join(shown)} and {more} more" if more else listing(shown)
    return f"{names} changed"


def _shown(name: str) -> str:
    kind, colon, rest = name.partition(":")
    if not colon:
        return "some file" if name == "*" else name
    return f"what is in {rest or 'the root'}/" if kind == "list" else f"the ledger about {rest}"


def touches_everything(files: Sequence[str]) -> str:
    """Why all tests run: a file that any of them may depend on."""
    return f"{changed(files)}, which any test may depend on"


def another(what: Sequence[str]) -> str:
    """Why all tests run: the last ones ran under another setting."""
    more = f" and {len(what) - _NAMED} more" if len(what) > _NAMED else ""
    return f"other than at the last run: {', '.join(what[:_NAMED])}{more}"


def late(count: int) -> str:
    """Of passes that do not count."""
    return f"{count} passed on files that were changed meanwhile; they will run again"


def not_kept(folder: Path, error: Exception) -> str:
    """Of a folder that cannot be written."""
    return f"what passed could not be kept in {folder}: {error}"


def header(unchanged: int, changed: int, notes: Sequence[str]) -> list[str]:
    """What is known before tests are collected."""
    known = f"gate: {_count(unchanged + changed)} known to have passed"
    if unchanged + changed:
        known += f", nothing has changed for {unchanged:,} of them"
    return [known, *(f"gate: {note}" for note in notes)]


def summary(
    counts: Mapping[str, Any],
    dates: Sequence[str],
    base: str,
    seconds: Mapping[str, float],
) -> Iterator[str]:
    """What ran, what did not, why; where the time went."""
    reasons = counts.get("reasons", {})
    total = counts.get("collected", 0)
    yield f"{sum(reasons.values()):,} of {_count(total)} to run"
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    for reason, count in ordered[:_REASONS]:
        yield f"{count:8,}  {reason}"
    if len(ordered) > _REASONS:
        rest = sum(count for _, count in ordered[_REASONS:])
        yield f"{rest:8,}  {len(ordered) - _REASONS} other reasons"
    if counts.get("unchanged"):
        yield f"{counts['unchanged']:8,}  left out, unchanged since they passed{_between(dates)}"
    if counts.get("untouched"):
        yield f"{counts['untouched']:8,}  left out, not reached by the changes since {base}"
    if seconds:
        whole = sum(seconds.values())
        yield f"slowest of {whole:.1f} s in all:"
        for name, spent in sorted(seconds.items(), key=lambda item: -item[1])[:_SLOWEST]:
            yield f"{spent:8.1f} s {spent / max(whole, 1e-9):4.0%}  {name}"


def references(counts: Mapping[str, int]) -> Iterator[str]:
    """How often torch was run, and how often what it computed before was taken."""
    taken, ran = counts.get("taken", 0), counts.get("run", 0)
    if taken or ran:
        yield f"torch: {taken:,} runs taken from the cache, {ran:,} made"
    if damaged := counts.get("damaged", 0):
        yield f"torch: {damaged:,} damaged entr{'y' if damaged == 1 else 'ies'} deleted, run again"


def closing(counts: Mapping[str, Any], found: Mapping[str, int], code: int) -> str:
    """The gate in one sentence."""
    total = counts.get("collected", 0)
    ran, failed = found["ran"], found["failed"]
    said = f"{ran:,} of {_count(total)} ran"
    if failed:
        said += f" and {failed:,} failed"
    elif ran:
        said += " and none failed"
    if found["skipped"]:
        said += f", {found['skipped']:,} {_were(found['skipped'])} skipped"
    left = [f"{counts[key]:,} {'is' if counts[key] == 1 else 'are'} {words}" for key, words in (
        ("unchanged", "unchanged since they passed"), ("untouched", "not reached by the change"),
    ) if counts.get(key)]  # fmt: skip
    rest = f"; {', '.join(left)}" if left else ""
    if code == 0:
        return f"GATE PASSED: {said}{rest}."
    if not failed:
        said = f"pytest ended with exit code {code}; {said}"
    return f"GATE FAILED: {said}{rest}."


def _between(dates: Sequence[str]) -> str:
    days = sorted({date[:10] for date in dates})
    if not days:
        return ""
    return f" on {days[0]}" if len(days) == 1 else f" from {days[0]} to {days[-1]}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _count(number: int) -> str:
    return f"{number:,} test{'s' * (number != 1)}"
