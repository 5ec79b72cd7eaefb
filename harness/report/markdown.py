"""A run as a Markdown summary for a CI job's page, such as ``$GITHUB_STEP_SUMMARY``."""

import re
from collections.abc import Iterable, Sequence

from harness import changes
from harness.moduletree import variant_of
from harness.report import overview, text
from harness.report.messages import Catalogue, catalogue
from harness.report.words import listing, place, ratio
from harness.results import OUTCOMES, Outcome, Results
from harness.verdict import KNOWN, Verdict

#: Bytes that GitHub shows of a step's summary; it shows nothing of a longer one. All but the
#: failures get half of them.
LIMIT = 1024 * 1024
#: Rows of a list, characters of a name, entries of a failing case, lines of one that has none.
_ROWS, _NAME, _ENTRIES, _LINES = 50, 300, 10, 40

#: What Markdown, HTML or a table could read as more than itself.
_SPECIAL = re.compile(r"""[!"#$&'*<>?@[\\\]^_`{|}~]""")


def summary(run: Results, lang: str = "en", before: Results | None = None) -> str:
    """The summary, of at most ``LIMIT`` bytes; before: an older run that it is set beside."""
    say = catalogue(lang)
    head = [f"## {_plain(overview.sentence(run, say), None)}", _outcomes(run, say)]
    room = LIMIT // 2
    sections = []
    for section in (_changed(before, run, say), _latent(run, say), _known(run, say),
                    _left_out(run, say), _slowest(run, say), _environment(run, say)):  # fmt: skip
        fits = _size(section) <= room
        sections.append(section if fits else _plain(say("(a list that is too long for a summary)")))
        room -= _size(section) if fits else 0
    room = LIMIT - sum(map(_size, [*head, *sections])) - _size(_too_many(len(run.tests), say))
    blocks = [*head, sections[0], *_failures(run.failures, room, say), *sections[1:]]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _size(block: str) -> int:
    return len(block.encode()) + len("\n\n")


def _too_many(number: int, say: Catalogue) -> str:
    return _plain(say("and {n} more, which a summary has no room for", n=number))


def _failures(failed: Sequence[Outcome], room: int, say: Catalogue) -> list[str]:
    """What did not pass, as much as there is room for; the rest is counted."""
    if not failed:
        return []
    blocks = [f"### {say('Failing')} ({len(failed)})"]
    room -= _size(blocks[0])
    for number, test in enumerate(failed):
        block = _failure(test, say)
        room -= _size(block)
        if room < 0:
            return [*blocks, _too_many(len(failed) - number, say)]
        blocks.append(block)
    return blocks


def _failure(test: Outcome, say: Catalogue) -> str:
    found = test.verdict
    if found is None:
        lines = (test.text or test.reason).strip().splitlines()[-_LINES:]
        said = _pre("\n".join(lines))
        return _details(f"{_code(test.nodeid)} {_plain(test.reason)}", said)
    title = _code(found.case)
    if starts := starts_at(found, say):
        title += " " + say("starts at {places}", places=_listed(starts, say))
    if found.results:
        title += _plain(say(", worst e/r {ratio}", ratio=ratio(found.worst_ratio)))
    blocks = [_plain(f"- {problem}") for problem in found.problems]
    blocks += [_plain(f"- {finding.place}: {finding.sentence}") for finding in found.findings]
    facts = [
        (_code(culprit.path or say("the root")), _code(name), _code(str(ours)), _code(str(theirs)))
        for culprit in found.culprits
        for name, ours, theirs in culprit.facts
    ]
    if facts:
        titles = (say("module"), say("setting that differs"), "torch", "MindSpore")
        blocks.append(_table(titles, facts, say))
    if entries := sorted(found.divergences, key=lambda r: r.measurement.ratio, reverse=True):
        titles = (say("entry"), say("mindspore err"), say("torch's own err"), "e/r")
        rows = [
            (_code(r.entry), f"{m.error:.1e}", f"{m.reference:.1e}", ratio(m.ratio))
            for r in entries
            for m in [r.measurement]
        ]
        blocks.append(_table(titles, rows, say, _ENTRIES))
    if found.blocked_by:
        blocks.append(_plain(say("Not run: blocked by {check}.", check=found.blocked_by)))
    blocks.append(_pre(_command(found)))
    return _details(title, "\n\n".join(blocks))


def starts_at(verdict: Verdict, say: Catalogue) -> list[str]:
    """Where a case starts to differ: in the whole network, or else alone, or in its stages."""
    found = [row.name for row in verdict.trace if row.place == "starts here"]
    found = found or [culprit.path for culprit in verdict.culprits]
    named = [name or say("the root") for name in found]
    return list(dict.fromkeys(named or [finding.place for finding in verdict.findings]))


def _command(verdict: Verdict) -> str:
    """What runs a failing case again."""
    if verdict.bundle:
        return f"python -m harness replay {place(verdict.bundle)}"
    return f'pytest -k "{verdict.case}"'


def _outcomes(run: Results, say: Catalogue) -> str:
    """Tests by kind of pair and outcome."""
    kinds: dict[str, dict[str, int]] = {}
    for test in (*run.tests, *run.uncollected):
        kind = test.verdict.kind if test.verdict else say("other tests")
        counts = kinds.setdefault(kind, {})
        counts[test.outcome] = counts.get(test.outcome, 0) + 1
    shown = [name for name in OUTCOMES if any(counts.get(name) for counts in kinds.values())]
    titles = (say("kind"), *(text.outcome(name, say) for name in shown), say("entries"))
    entries: dict[str, int] = {}
    for verdict in overview.judged(run):
        entries[verdict.kind] = entries.get(verdict.kind, 0) + verdict.compared
    rows = [
        (_plain(kind), *(str(counts.get(name, "")) for name in shown), str(entries.get(kind, "")))
        for kind, counts in kinds.items()
    ]
    if len(rows) > 1:
        sums = [str(run.outcomes.get(name, 0)) for name in shown]
        rows.append((say("all"), *sums, str(sum(entries.values()))))
    return _table(titles, rows, say)


def _changed(before: Results | None, run: Results, say: Catalogue) -> str:
    if before is None:
        return ""
    found = changes.between(before, run)
    if found.nothing:
        return _plain(say("Nothing changed from the older run to this one."))
    blocks = [f"### {say('Changed from the older run to this one')}"]
    for title, rows, _ in overview.changed(found, say):
        blocks.append(_details(_plain(title), _list(map(_code, rows), say)))
    return "\n\n".join(blocks)


def _latent(run: Results, say: Catalogue) -> str:
    rows = [
        (_code(verdict.case), _listed([culprit.path for culprit in verdict.latent], say))
        for verdict in overview.judged(run)
        if verdict.latent
    ]
    if not rows:
        return ""
    said = _plain(say("Wrong alone, where the network's own structure masks it."))
    table = _table((say("case"), say("modules")), rows, say)
    return _details(f"{say('Latent')} ({len(rows)})", f"{said}\n\n{table}")


def _known(run: Results, say: Catalogue) -> str:
    rows = [
        (_code(test.verdict.case if test.verdict else test.nodeid), _plain(test.reason))
        for test in run.tests
        if test.outcome == "xfailed" or (test.verdict and test.verdict.counts.get(KNOWN))
    ]
    table = _table((say("case"), say("reason")), rows, say)
    return _details(f"{say('Known')} ({len(rows)})", table) if rows else ""


def _left_out(run: Results, say: Catalogue) -> str:
    reasons = overview.not_run(run)
    if not reasons:
        return ""
    found = sorted(text.by_reason(reasons).items())
    rows = [(str(len(names)), _plain(why), _listed(names[:2], say)) for why, names in found]
    table = _table(("", say("reason"), say("such as")), rows, say)
    return _details(f"{say('Not run')} ({len(reasons)})", table)


def _slowest(run: Results, say: Catalogue) -> str:
    """Where the time went, by variant of a pair, or by file."""
    seconds: dict[str, float] = {}
    for test in run.tests:
        case = test.verdict.case if test.verdict else ""
        home = variant_of(case) if case else test.nodeid.partition("::")[0]
        seconds[home] = seconds.get(home, 0.0) + test.seconds
    total = sum(seconds.values())
    if not total:
        return ""
    slowest = sorted(seconds.items(), key=lambda item: item[1], reverse=True)[:10]
    rows = [(_code(home), f"{time:.1f}", f"{time / total:.0%}") for home, time in slowest]
    table = _table((say("slowest"), say("seconds"), say("share")), rows, say)
    return _details(_plain(say("{seconds} s of tests", seconds=f"{total:.0f}")), table)


def _environment(run: Results, say: Catalogue) -> str:
    rows = [(_plain(name), _code(value)) for name, value in run.settings.items()]
    return _details(say("Environment"), _table(("", ""), rows, say))


def _details(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(
    titles: Sequence[str], rows: Sequence[Sequence[str]], say: Catalogue, most: int = _ROWS
) -> str:
    """Cells are Markdown already; of many rows the rest is counted."""
    lines = [titles, ["---"] * len(titles), *rows[:most]]
    found = ["| " + " | ".join(line) + " |" for line in lines]
    if len(rows) > most:
        found += ["", _plain(say("and {n} more", n=len(rows) - most))]
    return "\n".join(found)


def _list(lines: Iterable[str], say: Catalogue) -> str:
    found = [f"- {line}" for line in lines]
    if len(found) > _ROWS:
        found = [*found[:_ROWS], "", _plain(say("and {n} more", n=len(found) - _ROWS))]
    return "\n".join(found)


def _listed(names: Sequence[str], say: Catalogue) -> str:
    return listing([_code(name or say("the root")) for name in names], say)


def _plain(said: str, most: int | None = _NAME) -> str:
    """Text on one line that is read as nothing but text, in a table too."""
    line = " ".join(said.split())
    short = line if most is None or len(line) <= most else f"{line[:most]}..."
    return _SPECIAL.sub(_entity, short)


def _entity(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _code(name: str) -> str:
    return f"<code>{_plain(name)}</code>"


def _pre(said: str) -> str:
    """Lines as they are; a line break would end the block where the line after it is empty."""
    lines = [_SPECIAL.sub(_entity, line[: 5 * _NAME]) for line in said.splitlines()]
    return f"<pre>{'&#10;'.join(lines)}</pre>"
