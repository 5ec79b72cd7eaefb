"""``merge``: what ``pytest --results`` kept on several machines, as one report."""

import argparse
from pathlib import Path

from harness import results
from harness.report import text
from harness.results import Outcome, Results


def run(arguments: argparse.Namespace) -> int:
    """Print the table that closes a run, what did not pass, and how many tests there are of each
    outcome."""
    runs = [Results.load(Path(path)) for path in arguments.results]
    merged = results.merge(arguments.results, runs)
    if arguments.output:
        merged.save(Path(arguments.output))
    for name, each in zip(arguments.results, runs):
        seconds = sum(test.seconds for test in each.tests)
        print(f"part {each.part} of {each.of}: {len(each.tests)} tests, {seconds:.0f} s  {name}")
    print(f"\n{_report(merged)}")
    if arguments.verbose:
        for test in merged.failures:
            print(f"\n{'-' * 88}\n{test.text}")
    return 0 if merged.passed else 1


def _report(merged: Results) -> str:
    tests = [*merged.tests, *merged.uncollected]
    verdicts = [test.verdict for test in tests if test.verdict]
    skipped = {test.nodeid: test.reason for test in tests if test.outcome == "skipped"}
    not_run = merged.left_out | skipped
    lines = []
    if verdicts:
        lines += [text.closing(verdicts, not_run), *text.masked(verdicts), ""]
    elif not_run:
        lines += [text.left_out(not_run), ""]
    lines += [_line(test) for test in tests if test.outcome not in ("passed", "skipped")]
    if merged.selected > len(merged.tests):
        lines.append(f"{merged.selected - len(merged.tests)} tests were not reached")
    if not merged.passed and not merged.failures:
        lines.append("no test failed, but pytest ended with exit code 1")
    lines.append(", ".join(f"{number} {outcome}" for outcome, number in merged.outcomes.items()))
    return "\n".join(lines)


def _line(test: Outcome) -> str:
    """A test that did not pass, in one line."""
    if test.verdict and test.failed:
        found = test.verdict
        worst = found.worst_ratio if found.results else None
        return text.case_line(test.outcome.upper(), found.case, found.compared, test.seconds, worst)
    return f"{test.outcome.upper():<7}  {test.nodeid}  {test.reason}".rstrip()
