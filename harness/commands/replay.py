"""``replay``: repeat a failing case from its bundle alone, in a process of its own."""

import argparse
from pathlib import Path

from harness import session
from harness.bundle import differing_versions, read_bundle, sources_first
from harness.commands import common
from harness.report import failure, text
from harness.report.messages import catalogue


def run(arguments: argparse.Namespace) -> int:
    """Print the page again; exit 1 where the failure repeats, 0 where it does not."""
    say = catalogue(arguments.lang)
    with sources_first(Path(arguments.bundle)):
        bundle = read_bundle(Path(arguments.bundle))
        for difference in differing_versions(bundle):
            print(say("note: {note}", note=difference))
        with common.runner(arguments) as runner:
            verdict = runner.call(
                bundle.case.id, session.run_case, bundle.case, bundle.settings, bundle.given
            )
    if verdict.passed:
        print("\n".join(failure.latent(verdict, arguments.lang)))
        print(text.one_line(verdict, say))
        print(f"\n{say('The failure does not repeat here.')}" if not verdict.latent else "")
        return 0
    print(failure.page(verdict, lang=arguments.lang))
    return 1
