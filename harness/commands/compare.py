"""``compare``: judge three traces; needs neither framework."""

import argparse
from pathlib import Path

from harness import localize, registry, tracing
from harness.commands.check import print_verdicts
from harness.errors import PairError
from harness.inventory import Inventory
from harness.pair import CHECKS, Pair
from harness.profile import load_profile
from harness.report.messages import catalogue
from harness.trace import Trace
from harness.verdict import Verdict


def run(arguments: argparse.Namespace) -> int:
    """Print one line a check, the layers and the verdict."""
    say = catalogue(arguments.lang)
    candidate, reference, oracle = (
        Trace.load(Path(path))
        for path in (arguments.candidate, arguments.reference, arguments.oracle)
    )
    try:
        pair: Pair | None = registry.find_pair(reference.meta["pair"])
    except PairError:
        pair = None  # recorded elsewhere; rules that follow from the types still hold
        print(say("note: {pair} is not registered here; its own rules do not apply",
                  pair=reference.meta["pair"]))  # fmt: skip
    _, version, device, _ = candidate.meta["label"].split()
    profile = load_profile(device, arguments.profile, version)
    results = tracing.compare_traces(candidate, reference, oracle, pair, profile)
    if all(result.scope == "whole" for result in results):
        print(say("note: the candidate was recorded without --from, so no module was judged alone"))
    labels = {"reference": reference.meta["label"], "candidate": candidate.meta["label"]}
    torch = Inventory.from_json(reference.meta["inventory"])
    port = Inventory.from_json(candidate.meta["inventory"])
    modules, _ = tracing.maps(pair, torch, port)
    verdicts = []
    for check in CHECKS:
        mine = tuple(r for r in results if localize.check_of(r) == check)
        if mine:
            verdicts.append(
                Verdict(
                    f"{reference.meta['pair']}:{reference.meta['variant']}-{check}-pynative-f32",
                    check,
                    reference.meta["seed"],
                    labels,
                    mine,
                    localize.culprits(torch, port, modules, mine),
                    right=localize.right_units(mine),
                    compared=len(mine),
                )
            )
    print_verdicts(verdicts, arguments.verbose, lang=arguments.lang)
    return 0 if all(v.passed for v in verdicts) else 1
