"""What the page's scripts draw from, as small as it gets: columns, and names written once."""

from collections.abc import Sequence
from typing import Any

from harness import records
from harness.report.messages import Catalogue
from harness.report.results_html import labels, retold
from harness.report.results_html.subjects import Line, Subject
from harness.report.told import told
from harness.report.words import place
from harness.tolerance import FACTOR
from harness.verdict import AGREES, Culprit, Verdict

#: Entries of a case whose worst element, limit and note are kept: those that differ come first.
_DETAILED = 200
#: Characters of a failure's text that are kept.
_TEXT = 20_000


class Names:
    """Texts, each numbered when it is first met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def column(self, values: list[str] | str) -> list[int] | int:
        return self.number(values) if isinstance(values, str) else [self.number(v) for v in values]


def of(subjects: Sequence[Subject], say: Catalogue) -> dict[str, Any]:
    """All of it, as JSON can hold it."""
    names = Names()
    found = [_subject(subject, names, say) if subject.kind else None for subject in subjects]
    return {
        "factor": FACTOR,
        "words": labels.view(say),
        "statuses": labels.statuses(say),
        "curves": labels.curves(say),
        "subjects": found,
        "names": list(names.numbers),
    }


def _subject(subject: Subject, names: Names, say: Catalogue) -> dict[str, Any]:
    verdicts = [line.test.verdict for line in subject.lines if line.test.verdict]
    return {
        "name": subject.name,
        "modules": _first(verdicts, lambda v: [[m.path, m.torch, m.mindspore] for m in v.modules]),
        "parameters": _first(
            verdicts,
            lambda v: [
                [p.torch, p.mindspore, list(p.shape), p.layout, told(p.reason, say)]
                for p in v.parameters
            ],
        ),
        "settings": _first(
            verdicts, lambda v: [[s.path, s.name, s.torch, s.mindspore] for s in v.settings]
        ),
        "cases": [
            _case(line, line.test.verdict, names, say)
            for line in subject.lines
            if line.test.verdict
        ],  # fmt: skip
    }


def _first(verdicts: Sequence[Verdict], read: Any) -> list[Any]:
    """What the first verdict holds that holds any."""
    return next((found for verdict in verdicts if (found := read(verdict))), [])


def _case(line: Line, verdict: Verdict, names: Names, say: Catalogue) -> dict[str, Any]:
    found = {
        "name": line.name,
        "check": verdict.check,
        "state": line.state,
        "text": retold.text(line.test, say)[:_TEXT],
        "problems": [retold.lines(problem, say) for problem in verdict.problems],
        "findings": [
            [f.place, *(told(said, say) for said in (f.sentence, f.torch, f.mindspore))]
            for f in verdict.findings
        ],
        "culprits": [_culprit(culprit) for culprit in verdict.culprits],
        "latent": [_culprit(culprit) for culprit in verdict.latent],
        "notes": [told(note, say) for note in verdict.notes],
        "trace": [
            [row.name, _short(row.error), _short(row.reference), _short(row.ratio), row.place,
             told(row.note, say)]
            for row in verdict.trace
        ],
        "curves": [
            {name: records.plain(value) for name, value in vars(curve).items()}
            for curve in verdict.curves
        ],
        "bundle": place(verdict.bundle) if verdict.bundle else "",
        "entries": _entries(verdict, names, say),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _culprit(culprit: Culprit) -> dict[str, Any]:
    return {
        "path": culprit.path,
        "torch": culprit.torch_type,
        "mindspore": culprit.mindspore_type,
        "wiring": culprit.wiring,
        "facts": [[name, str(ours), str(theirs)] for name, ours, theirs in culprit.facts],
        "source": place(culprit.source) if culprit.source else "",
    }


def _entries(verdict: Verdict, names: Names, say: Catalogue) -> dict[str, Any]:
    """The columns of all entries, and ``details`` of those worth a look."""
    if not verdict.results:
        return {}
    entries = records.columns(verdict.results)
    found: dict[str, Any] = {
        name: names.column(getattr(entries, name))
        for name in ("entry", "unit", "mode", "scope", "status")
    }
    found |= {name: _numbers(getattr(entries, name), digits)
              for name, digits in (("error", 2), ("reference", 2), ("ratio", 3))}  # fmt: skip
    found["count"] = entries.count
    found["details"] = _details(entries, say)
    return found


def _details(entries: records.Entries, say: Catalogue) -> list[list[Any]]:
    placed = {worst.entry: worst for worst in entries.worst}
    differ = [n for n in range(entries.count) if _at(entries.status, n) != AGREES]
    kept = dict.fromkeys([*differ, *placed])
    return [
        [
            n,
            list(placed[n].index) if n in placed else [],
            [_precise(value) for value in placed[n].values] if n in placed else [],
            _short(_at(entries.limit, n)),
            _short(_at(entries.share, n)),
            _at(entries.kind, n),
            told(_at(entries.note, n), say),
            _at(entries.far, n),
        ]
        for n in list(kept)[:_DETAILED]
    ]


def _at(column: Any, number: int) -> Any:
    return column[number] if isinstance(column, list) else column


def _numbers(column: list[float] | float, digits: int) -> Any:
    if isinstance(column, list):
        return [_short(value, digits) for value in column]
    return _short(column, digits)


def _short(value: float, digits: int = 3) -> Any:
    """A number to the digits that are read; texts for those that JSON does not have."""
    if value == 0:
        return 0
    rounded = float(f"{value:.{digits}g}")
    return records.plain(int(rounded) if rounded.is_integer() and rounded < 1e15 else rounded)


def _precise(value: float) -> Any:
    return records.plain(float(f"{value:.8g}"))
