"""The list of cases: by kind, pair and variant, with what each came to."""

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from harness.report.html import css, filters, table, tag, text
from harness.report.messages import Catalogue
from harness.report.results_html import labels, retold
from harness.report.results_html.subjects import STATES, Line, Subject, state_of
from harness.report.words import ratio
from harness.results import Results


def section(
    subjects: Sequence[Subject], before: Results | None, home: str, say: Catalogue
) -> Iterator[str]:
    """Markup of the controls and of the list."""
    counts = {state: sum(subject.counts.get(state, 0) for subject in subjects) for state in STATES}
    yield tag("h2", text(say("Cases")), id="cases")
    yield filters(
        counts,
        say("search: pair, check, test, reason  (/)"),
        say,
        labels=labels.states(say),
        more=_changed(before, say) + _sorting(bool(before), say),
    )
    headings = labels.kinds(say)
    for kind, group in groupby(subjects, key=lambda subject: subject.kind):
        inside = "".join(_subject(subject, bool(before), home, say) for subject in group)
        heading = tag("h2", text(headings.get(kind, kind)))
        yield tag("section", heading + inside, data_group=kind, class_="kind")


def _changed(before: Results | None, say: Catalogue) -> str:
    if before is None:
        return ""
    box = '<input type="checkbox" name="only" value="changed"> '
    return tag("label", box + text(say("only what changed")))


def _sorting(compared: bool, say: Catalogue) -> str:
    ways = {
        "run": say("as run"),
        "worst": say("worst e/r"),
        **({"growth": say("growth of e/r")} if compared else {}),
        "seconds": say("slowest"),
        "name": say("name"),
    }
    options = "".join(tag("option", text(said), value=way) for way, said in ways.items())
    return tag("label", text(say("sort by")) + " " + tag("select", options, name="sort"))


def _subject(subject: Subject, compared: bool, home: str, say: Catalogue) -> str:
    named = labels.states(say)
    counts = "".join(
        tag("span", f"{number} {text(named[state])}", class_=f"count status {css(state)}")
        for state, number in subject.counts.items()
    )
    worst = "" if subject.worst is None else say("worst e/r {ratio}", ratio=ratio(subject.worst))
    summary = tag(
        "summary",
        tag("h3", tag("code", text(subject.name)))
        + tag("span", counts, class_="counts")
        + tag("span", text(worst), class_="soft"),
    )
    heads = [
        say("state"),
        say("check") if subject.kind else say("test"),
        say("e/r"),
        *([say("e/r before")] if compared else []),
        say("entries"),
        say("seconds"),
    ]
    rows = [_line(line, named, compared, home, say) for line in subject.lines]
    inside = tag("div", table(heads, rows, class_="cases"), class_="scroll")
    if subject.kind:
        inside += tag("div", "", class_="view")
    return tag(
        "details",
        summary + inside,
        class_="subject",
        id=f"s{subject.number}",
        data_group=subject.name,
        data_number=str(subject.number),
        data_worst=_plain(subject.worst),
        data_growth=_plain(subject.growth),
        data_seconds=f"{sum(line.test.seconds for line in subject.lines):.3f}",
    )


def _line(line: Line, named: dict[str, str], compared: bool, home: str, say: Catalogue) -> str:
    test, verdict = line.test, line.test.verdict
    said = tag("code", text(line.name))
    if verdict and verdict.blocked_by:
        said += _note(say("blocked by {check}", check=verdict.blocked_by))
    elif line.state != "passed" and (why := retold.reason(test, say)):
        said += _note(why)
    if verdict and verdict.latent:
        paths = ", ".join(culprit.path for culprit in verdict.latent)
        said += _note(say("latent fault at {paths}", paths=paths))
    if line.before and line.changed:
        said += _note(say("before: {state}", state=named[state_of(line.before)]))
    if verdict and verdict.bundle:
        link = tag("a", text(say("bundle")), href=_bundle(verdict.bundle, home))
        said += tag("span", link, class_="note")
    if test.text and not verdict:
        said += tag(
            "details",
            tag("summary", text(say("the whole report"))) + tag("pre", text(test.text), lang="en"),
        )
    return tag(
        "tr",
        tag("td", tag("span", text(named[line.state]), class_=f"status {css(line.state)}"))
        + tag("td", said)
        + tag("td", _ratio(line.worst), class_="number")
        + (tag("td", _ratio(line.older), class_="number") if compared else "")
        + tag("td", f"{verdict.compared:,}" if verdict else "", class_="number")
        + tag("td", f"{test.seconds:.1f}", class_="number"),
        data_status=line.state,
        data_changed=line.changed,
        data_id=verdict.case if verdict else test.nodeid,
        data_worst=_plain(line.worst),
        data_growth=_plain(line.growth),
        data_seconds=f"{test.seconds:.3f}",
    )


def _ratio(worst: float | None) -> str:
    return "" if worst is None else ratio(worst)


def _note(said: str) -> str:
    return tag("span", text(said), class_="note")


def _plain(worst: float | None) -> str:
    """A number as scripts sort by it."""
    return "-1" if worst is None else f"{worst:.3g}".replace("inf", "Infinity")


def _bundle(folder: str, home: str) -> str:
    """Where a bundle lies, seen from the page."""
    return quote(Path(os.path.relpath(folder, home) if home else folder).as_posix())
