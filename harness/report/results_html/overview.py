"""The top of the page: one sentence, the environment, where it fails; and what was not run."""

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.report.html import table, tag, text
from harness.report.messages import Catalogue
from harness.report.results_html import labels, retold
from harness.report.results_html.subjects import Subject
from harness.report.text import by_reason
from harness.report.told import told
from harness.results import Results
from harness.tolerance import FACTOR
from harness.verdict import AGREES, DIVERGES, Culprit, Verdict

#: Failing pairs listed at the top; the rest are found by the filter.
_LISTED = 30


def header(
    results: Results, before: Results | None, subjects: Sequence[Subject], say: Catalogue
) -> Iterator[str]:
    """Markup of the top."""
    passed = results.passed
    yield tag(
        "p", text(sentence(results, subjects, say)), class_="verdict " + ("ok" if passed else "bad")
    )
    if before:
        yield tag("p", text(_beside(before, subjects, say)))
    yield _environment(results, before, say)
    failing = [subject for subject in subjects if subject.failed]
    if failing:
        items = "".join(_failing(subject, say) for subject in failing[:_LISTED])
        yield tag("h2", text(say("Where it fails")), id="failures")
        yield tag("ul", items, class_="failing")
        if len(failing) > _LISTED:
            more = say("{n} more below", n=len(failing) - _LISTED)
            yield tag("p", text(more), class_="soft")


def sentence(results: Results, subjects: Sequence[Subject], say: Catalogue) -> str:
    """The run in one sentence."""
    counts = Counter(line.state for subject in subjects for line in subject.lines)
    verdicts = [test.verdict for test in results.tests if test.verdict]
    pairs = sum(bool(subject.kind) for subject in subjects)
    compared = sum(verdict.compared for verdict in verdicts)
    failed = counts["failed"] + counts["error"]
    rest = _rest(counts, verdicts, say)
    if failed:
        return say(
            "{failed} of {tests} tests failed, in {where} of {groups} groups; {passed} passed, "
            "{compared:,} entries compared{rest}.",
            failed=failed,
            tests=sum(counts.values()),
            where=sum(subject.failed for subject in subjects),
            groups=len(subjects),
            passed=counts["passed"],
            compared=compared,
            rest=rest,
        )
    if not results.passed:
        return say(
            "The run ended with exit code {code} and no test that failed.", code=results.exit
        )
    if not compared:
        return say(
            "{passed} tests passed{rest}; none compared entries.",
            passed=counts["passed"],
            rest=rest,
        )
    return say(
        "Equivalent: {passed} {passed:test|tests} passed over {pairs} {pairs:pair|pairs}, "
        "{compared:,} entries compared, none that decides is further from float64 than {factor:g} "
        "times torch's own float32 error{rest}.",
        passed=counts["passed"],
        pairs=pairs,
        compared=compared,
        factor=FACTOR,
        rest=rest,
    )


def _beside(before: Results, subjects: Sequence[Subject], say: Catalogue) -> str:
    """How the run differs from an older one, in one sentence."""
    lines = [line for subject in subjects for line in subject.lines]
    known = {line.test.nodeid for line in lines}
    return say(
        "Beside the run of {started}: {changed} came to something else, {new} new, {gone} gone.",
        started=before.started,
        changed=sum(line.changed for line in lines),
        new=sum(line.before is None for line in lines),
        gone=sum(test.nodeid not in known for test in (*before.tests, *before.uncollected)),
    )


def _rest(counts: Counter[str], verdicts: Sequence[Verdict], say: Catalogue) -> str:
    """In brackets, what neither passed nor failed: tests, then entries."""
    named = labels.states(say)
    parts = [
        say("{n} {status}", n=counts[state], status=named[state])
        for state in ("blocked", "partly", "xpassed", "xfailed", "skipped")
        if counts[state]
    ]
    statuses: Counter[str] = Counter()
    for verdict in verdicts:
        statuses.update(verdict.counts)
    entries = [
        say("{n} {status}", n=statuses[status], status=word)
        for status, word in labels.statuses(say).items()
        if status not in (AGREES, DIVERGES) and statuses[status]
    ]
    if entries:
        parts.append(say("of the entries {counted}", counted=say(", ").join(entries)))
    return say(" ({counted})", counted=say("; ").join(parts)) if parts else ""


def _environment(results: Results, before: Results | None, say: Catalogue) -> str:
    named = labels.facts(say)
    facts = {
        **results.versions,
        **results.environment,
        say("device"): results.device,
        say("seed"): str(results.seed),
        say("started"): results.started,
    }
    if results.of > 1:
        facts[say("part")] = f"{results.part}/{results.of}"
    items = [_fact(named.get(name, name), value) for name, value in facts.items()]
    if before:
        older = ", ".join(f"{name} {value}" for name, value in before.versions.items())
        items.append(_fact(say("set beside"), f"{before.started}, {older}"))
    summary = tag(
        "summary", text(say("Environment")) + tag("span", text(_short(results)), class_="soft")
    )
    return tag("details", summary + tag("dl", "".join(items)), class_="environment")


def _short(results: Results) -> str:
    versions = (
        f"{n} {results.versions[n]}" for n in ("torch", "mindspore") if n in results.versions
    )
    return f" {', '.join(versions)}, {results.device}"


def _fact(name: str, value: str) -> str:
    return tag("div", tag("dt", text(name)) + tag("dd", text(value)))


def _failing(subject: Subject, say: Catalogue) -> str:
    """A failing pair, what is wrong in it, in one item."""
    link = tag("a", tag("code", text(subject.name)), href=f"#s{subject.number}")
    said = _wrong(subject, say)
    return tag("li", link + (" " + text(said) if said else ""))


def _wrong(subject: Subject, say: Catalogue) -> str:
    """What a failing pair's verdicts point at: modules, settings, stages, or the first reason."""
    found: dict[str, None] = {}
    for line in subject.lines:
        verdict = line.test.verdict
        for culprit in verdict.culprits if verdict else ():
            facts = ", ".join(f"{n}: torch {a}, MindSpore {b}" for n, a, b in culprit.facts)
            kind = say("its own construct is wrong") if culprit.wiring else _types(culprit)
            name = culprit.path or say("(the whole)")
            found[f"{name} ({kind}{'; ' + facts if facts else ''})"] = None
        for finding in verdict.findings if verdict else ():
            found[f"{finding.place}: {told(finding.sentence, say)}"] = None
    for line in subject.lines:
        verdict = line.test.verdict
        for problem in verdict.problems[:1] if verdict and not found else ():
            found[told(problem.partition("\n")[0], say)] = None
    for line in subject.lines:
        for result in line.test.verdict.divergences if line.test.verdict and not found else ():
            found[result.entry] = None
    if not found:
        reasons = [retold.reason(line.test, say) for line in subject.lines if line.test.failed]
        return next((reason for reason in reasons if reason), "")
    shown = list(found)[:4]
    return "; ".join(shown) + (f"; +{len(found) - 4}" if len(found) > 4 else "")


def _types(culprit: Culprit) -> str:
    ours, theirs = culprit.torch_type, culprit.mindspore_type
    return ours if ours == theirs else f"{ours} / {theirs}"


def left_out(results: Results, say: Catalogue) -> Iterator[str]:
    """What is declared and was not run, by reason."""
    if not results.left_out:
        return
    rows = [
        tag("tr", tag("td", text(len(names)), class_="number") + tag("td", _named(why, names, say)))
        for why, names in sorted(
            by_reason(results.left_out).items(), key=lambda item: -len(item[1])
        )
    ]
    yield tag("h2", text(say("Declared and not run")))
    yield table((say("number"), say("reason")), rows, class_="left-out")


def _named(why: str, names: Sequence[str], say: Catalogue) -> str:
    """A reason, and what it holds for."""
    listed = "<br>".join(text(name) for name in names[1:])
    first = tag("code", text(names[0]))
    inside = tag("details", tag("summary", first) + tag("code", listed)) if listed else first
    return tag("span", text(told(why, say))) + tag("div", inside, class_="soft")
