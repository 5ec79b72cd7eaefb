"""``--results`` of a command: the verdicts it came to, as the files that pytest's option writes."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from harness import results
from harness.report import failure, files
from harness.report.messages import catalogue
from harness.report.words import listing
from harness.results import Outcome
from harness.verdict import KNOWN, Verdict


class Keeper:
    """The files that a command was asked for; made before anything runs, which checks them."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.targets = files.targets("--results", arguments.results, Path().absolute())
        self.started = results.now()

    def write(self, tests: Sequence[Outcome]) -> None:
        """Write the files."""
        chosen = self.arguments
        found = results.of_command(tests, chosen.ms_device, chosen.seed, self.started)
        for target in self.targets:
            files.write(target, found, chosen.lang)


def outcome(
    verdict: Verdict,
    lang: str = "en",
    *,
    reference: str = "",
    strict_latent: bool = False,
    known: str = "",
    page: str = "",
) -> Outcome:
    """A case as pytest would report it.

    reference: the "module:name" that its pair was named by. known: why its known divergences are
    there. page: what to keep of a failure, in place of its page.
    """
    say = catalogue(lang)
    latent = strict_latent and bool(verdict.latent)
    if verdict.failed or verdict.blocked_by or latent:
        said = page or failure.page(verdict, reference, lang)
        return Outcome(verdict.case, "failed", verdict.seconds, _why(verdict, lang), said, verdict)
    if verdict.unfinished:
        reason = verdict.not_run or say("a part of it was not judged")
        return Outcome(verdict.case, "skipped", verdict.seconds, reason, verdict=verdict)
    if verdict.counts.get(KNOWN):
        return Outcome(verdict.case, "xfailed", verdict.seconds, known, verdict=verdict)
    return Outcome(verdict.case, "passed", verdict.seconds, verdict=verdict)


def _why(verdict: Verdict, lang: str) -> str:
    """One line on why a case did not pass."""
    say = catalogue(lang)
    if verdict.blocked_by:
        return say("Not run: blocked by {check}.", check=verdict.blocked_by)
    said = [*verdict.problems, *(finding.sentence for finding in verdict.findings)]
    if said:
        return said[0].splitlines()[0]
    places = [c.path or say("the root") for c in (*verdict.culprits, *verdict.latent)]
    places += [result.entry for result in verdict.divergences[: 0 if places else 3]]
    return say("differs at {places}", places=listing(list(dict.fromkeys(places)), say))
