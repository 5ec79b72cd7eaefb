"""A whole run in a terminal: the tree, what was counted, what did not pass, what changed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from harness import changes as changes_module
from harness import moduletree
from harness.changes import Change, Changes
from harness.report import text, tree
from harness.report.messages import Catalogue
from harness.report.words import ENGLISH, left, listing, ratio
from harness.results import Outcome, Results
from harness.tolerance import FACTOR, GROWN
from harness.verdict import KNOWN, Verdict

#: Lines of a list of changes before the rest is only counted.
_ROWS = 20
_STYLES = {"failed": "bold red", "error": "bold red", "xpassed": "bold red"}


def show(
    console: Console,
    run: Results,
    verbose: bool = False,
    say: Catalogue = ENGLISH,
    before: Results | None = None,
) -> None:
    """Print a run, its sentence last. verbose: every module, and the page of every failure."""
    tests = [*run.tests, *run.uncollected]
    verdicts = judged(run)
    if verdicts:
        tree.show(console, moduletree.kinds(verdicts), tree.ALL if verbose else tree.CLOSED, say)
        _print(console, "")
    reasons = not_run(run)
    if verdicts:
        _print(console, text.closing(verdicts, reasons, say))
    elif reasons:
        _print(console, text.left_out(reasons, say))
    for line in text.masked(verdicts, say):
        _print(console, line, "yellow")
    _print(console, "")
    for test in tests:
        if test.outcome not in ("passed", "skipped"):
            _print(console, _line(test, say), _STYLES.get(test.outcome, "yellow"))
    if not run.passed and not run.failures:
        _print(console, say("no test failed, but the run ended with exit code 1"))
    _print(console, counted(run, say))
    if verbose:
        for test in run.failures:
            _print(console, f"\n{'-' * 88}\n{test.text or test.reason}")
    if before:
        _print(console, "")
        for line, style in _changed(changes_module.between(before, run), verbose, say):
            _print(console, line, style)
    _print(console, f"\n{sentence(run, say)}", "bold")


def judged(run: Results) -> list[Verdict]:
    """The verdicts of a run's cases."""
    return [test.verdict for test in run.tests if test.verdict]


def not_run(run: Results) -> dict[str, str]:
    """What is declared and was left out, and what was skipped -> why."""
    skipped = [test for test in (*run.tests, *run.uncollected) if test.outcome == "skipped"]
    return run.left_out | {test.nodeid: test.reason for test in skipped}


def counted(run: Results, say: Catalogue = ENGLISH) -> str:
    """``9 passed, 1 failed``."""
    return _counts(run.outcomes, say)


def _counts(outcomes: Mapping[str, int], say: Catalogue) -> str:
    found = [f"{number} {text.outcome(name, say)}" for name, number in outcomes.items()]
    return say(", ").join(found)


def sentence(run: Results, say: Catalogue = ENGLISH) -> str:
    """What a run found, in one sentence."""
    verdicts, failures = judged(run), run.failures
    entries = sum(verdict.compared for verdict in verdicts)
    counts = Counter[str]()
    for verdict in verdicts:
        counts.update(verdict.counts)
    rest = text.undecided(counts, say)
    total = len(run.tests) + len(run.uncollected)
    if failures or not run.passed:
        homes = dict.fromkeys(_home(test) for test in failures)
        where = say(", in {places}", places=listing(list(homes), say)) if homes else ""
        return say(
            "DIVERGENT: {failed} of {total} tests fail{where}; {entries} entries compared{rest}.",
            failed=len(failures), total=total, where=where, entries=entries, rest=rest,
        )  # fmt: skip
    if len(run.tests) < run.selected or run.exit not in (0, 5):
        return say(
            "UNFINISHED: {n} of {selected} tests ran, and none of them fails.",
            n=len(run.tests), selected=run.selected,
        )  # fmt: skip
    if not entries:
        return say("NOTHING COMPARED: {n} tests ran, and none fails.", n=total)
    masked = list(dict.fromkeys(f"{v.case.partition('-')[0]}" for v in verdicts if v.latent))
    but = say(" as far as it was judged") if any(v.unfinished for v in verdicts) else ""
    if counts.get(KNOWN):
        but += say(" but for {n} known divergences", n=counts[KNOWN])
    if masked:
        but += say(", with latent faults in {pairs}", pairs=listing(masked, say))
    worst = max(verdict.worst_ratio for verdict in verdicts)
    return say(
        "EQUIVALENT{but}: {n} tests, none fails; {entries} entries compared{rest}, the largest "
        "error is {ratio} times torch's own (limit {limit}).",
        but=but, n=total, entries=entries, rest=rest, ratio=ratio(worst), limit=f"{FACTOR:g}",
    )  # fmt: skip


def _home(test: Outcome) -> str:
    """The pair's variant that a test is of, or else its file."""
    if test.verdict:
        return moduletree.variant_of(test.verdict.case)
    return test.nodeid.partition("::")[0]


def _line(test: Outcome, say: Catalogue) -> str:
    """A test that did not pass, in one line."""
    word = text.outcome(test.outcome, say).upper()
    if test.verdict and test.failed:
        found = test.verdict
        worst = found.worst_ratio if found.results else None
        return text.case_line(word, found.case, found.compared, test.seconds, worst, say)
    return f"{left(word, 7)}  {test.nodeid}  {test.reason}".rstrip()


def _changed(found: Changes, verbose: bool, say: Catalogue) -> Iterator[tuple[str, str]]:
    """Lines on what changed, each with its style."""
    if found.nothing:
        yield say("Nothing changed from the older run to this one."), ""
        return
    yield say("Changed from the older run to this one:"), ""
    most = None if verbose else _ROWS
    for title, rows, style in changed(found, say):
        yield f"  {title}", style
        for row in rows[:most]:
            yield f"    {row}", ""
        if len(rows[:most]) < len(rows):
            yield f"    {say('and {n} more', n=len(rows) - _ROWS)}", ""


def changed(found: Changes, say: Catalogue) -> Iterator[tuple[str, list[str], str]]:
    """(title, lines, style) of each kind of change that there is."""
    lists = (
        (found.failing, say("{n} newly failing", n=len(found.failing)), "bold red"),
        (found.passing, say("{n} newly passing", n=len(found.passing)), "green"),
        (found.stopped, say("{n} not run any more", n=len(found.stopped)), "yellow"),
    )
    for tests, title, style in lists:
        if tests:
            yield title, [_change(change, say) for change in tests], style
    one_sided = (
        (found.gone, say("{n} gone", n=len(found.gone)), "yellow"),
        (found.new, say("{n} new", n=len(found.new)), ""),
    )
    for tests, title, style in one_sided:
        if tests:
            yield title, _by_home([c.before or c.after for c in tests], say), style
    if found.grown:
        title = say(
            "{n} with an e/r more than {factor} times as large",
            n=len(found.grown), factor=f"{GROWN:g}",
        )  # fmt: skip
        rows = [f"{g.name}  {ratio(g.before)} -> {ratio(g.after)}" for g in found.grown]
        yield title, rows, "yellow"
    if found.settings:
        title = say("{n} that the results may depend on", n=len(found.settings))
        rows = [f"{name}  {old or '-'} -> {new or '-'}" for name, old, new in found.settings]
        yield title, rows, "yellow"


def _change(change: Change, say: Catalogue) -> str:
    before, after = (
        text.outcome(test.outcome, say) if test else say("absent")
        for test in (change.before, change.after)
    )
    return f"{change.name}  {before} -> {after}"


def _by_home(tests: Sequence[Outcome | None], say: Catalogue) -> list[str]:
    """Tests by pair or file, with how many of each outcome."""
    homes: dict[str, Counter[str]] = {}
    for test in filter(None, tests):
        homes.setdefault(_home(test), Counter()).update([test.outcome])
    return [f"{home}  {_counts(counts, say)}" for home, counts in homes.items()]


def _print(console: Console, line: str, style: str = "") -> None:
    """As it is: no line is broken, no name read as markup."""
    console.print(Text(line, style=style), soft_wrap=True)
