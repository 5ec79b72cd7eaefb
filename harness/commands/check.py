"""``check``: run the battery on a pair and give the verdict."""

import argparse
from dataclasses import replace
from pathlib import Path

from harness import budget, known, moduletree
from harness.budget import Budget
from harness.commands import common
from harness.commands.keeping import Keeper, outcome
from harness.errors import HarnessError
from harness.pair import MODES, Pair, checks_of
from harness.report import failure, text, tree
from harness.report.console import console
from harness.report.messages import catalogue
from harness.verdict import Verdict

#: Exit code where nothing is wrong as far as a budget let it be judged.
UNFINISHED = 3


def run(arguments: argparse.Namespace) -> int:
    """Print a line a check, the page of each failure, the layers, and the closing sentence."""
    keeper = Keeper(arguments)
    pair, variant = common.chosen(arguments)
    checks = _checks(arguments, pair)
    ledger = _ledger(arguments, pair)
    data, notes = common.given(arguments, pair, variant)
    for note in notes:
        print(catalogue(arguments.lang)("note: {note}", note=note))
    variants = list(pair.variants) if arguments.all_variants else [variant]
    verdicts: list[Verdict] = []
    settings = replace(common.settings_of(arguments), budget=_budget(arguments))
    cases = common.cases_of(pair, variants, checks, arguments.seed)
    with common.runner(arguments, len(cases)) as runner:
        for name in variants:
            verdicts += common.run_battery(
                runner, pair, name, checks, arguments.seed, settings, data, arguments.bundle_dir
            )
    if not verdicts:
        raise HarnessError(f"{pair.name} has none of the checks {', '.join(checks)}.")
    verdicts = [known.excused(verdict, ledger) for verdict in verdicts]
    reference = arguments.pair if ":" in arguments.pair else ""
    print_verdicts(verdicts, arguments.verbose, reference, arguments.lang)
    tests = [
        outcome(
            verdict, arguments.lang, reference=reference, strict_latent=arguments.strict_latent,
            known=known.reasons(verdict, ledger),
        )
        for verdict in verdicts
    ]  # fmt: skip
    keeper.write(tests)
    if any(test.failed for test in tests):
        return 1
    return UNFINISHED if any(v.unfinished for v in verdicts) else 0


def print_verdicts(
    verdicts: list[Verdict], verbose: bool, reference: str = "", lang: str = "en"
) -> None:
    """Everything a person reads about some verdicts, the sentence last.

    reference: the "module:name" by which their pair was named.
    """
    say = catalogue(lang)
    labels = next((v.labels for v in verdicts if len(v.labels) == 2), {})
    if labels:
        print(say("{reference}  vs  {candidate}, seed {seed}", **labels, seed=verdicts[0].seed))
        print()
    for verdict in [v for v in verdicts if not v.not_run]:
        print(text.one_line(verdict, say))
    not_run = {v.case: v.not_run for v in verdicts if v.not_run}
    if not_run:
        print(text.left_out(not_run, say))
    notes = dict.fromkeys(note for v in verdicts for note in v.notes)
    for note in notes:
        print(f"  {say('note: {note}', note=note)}")
    pairs = [pair for kind in moduletree.kinds(verdicts) for pair in kind.children]
    if any(pair.modules for pair in pairs):
        print()
        print(say("Each module alone, fed torch's input:"))
        tree.show(console(), pairs, tree.ALL if verbose else tree.BLOCKS, say)
    for verdict in verdicts:
        if verdict.failed and not verdict.blocked_by:
            print(f"\n{'-' * 88}\n{failure.page(verdict, reference, lang)}")
    for verdict in [v for v in verdicts if v.passed and v.latent]:
        print("\n".join(failure.latent(verdict, lang)))
    print(f"\n{text.summary(verdicts, say)}")


def _budget(arguments: argparse.Namespace) -> Budget:
    """The budget, whose minutes run from now on; a run that keeps to it does not hang."""
    found = budget.parse(arguments.budget).begun() if arguments.budget else Budget()
    arguments.timeout += 60 * (found.minutes or 0)
    return found


def _ledger(arguments: argparse.Namespace, pair: Pair) -> tuple[known.Known, ...]:
    if not arguments.known:
        return ()
    path = Path(arguments.known)
    found = known.read_ledger(path)
    left = known.unmatched(found, [case.id for case in pair.cases()], complete=False)
    if left:
        raise HarnessError(known.complaint(path, left))
    return found


def _checks(arguments: argparse.Namespace, pair: Pair) -> list[str]:
    known = checks_of(pair.kind)
    chosen = arguments.checks.split(",") if arguments.checks else list(known)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise HarnessError(f"--checks: unknown {', '.join(unknown)}; there are {', '.join(known)}.")
    return [name for name in chosen if arguments.mode in (None, MODES[name])]
