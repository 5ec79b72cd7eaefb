"""``calibrate``: the distribution of e/r over clean pairs, which the factors are read off."""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

from harness import profile, registry
from harness.availability import lacking
from harness.commands.common import settings_of
from harness.evidence import Evidence
from harness.report import text
from harness.report.bar import listening
from harness.verdict import AGREES, Result

_MODES = ("eval", "train")
#: Kinds that show a single kernel each, which a device profile is measured on.
_SMALL = ("layers", "functions")
#: Forms other than the one that a port should use: they may be another kernel.
_FORMS = ("ops", "mint", "nn")


def run(arguments: argparse.Namespace) -> int:
    """Measure every entry of every pair under several seeds and print the table."""
    settings = settings_of(arguments)
    writing = arguments.write_profile
    if arguments.pairs:
        pairs = [registry.find_pair(name) for name in arguments.pairs]
    else:
        found = registry.all_pairs().values()
        pairs = [pair for pair in found if pair.kind in _SMALL or not writing]
    work = [
        (pair, variant, seed)
        for pair in pairs
        for variant, v in pair.variants.items()
        if arguments.variant in (None, variant)
        if arguments.pairs or not (pair.slow or v.slow)
        for seed in range(arguments.seeds)
    ]
    rows: list[tuple[str, str, float]] = []
    counts: Counter[str] = Counter()
    alarms: list[str] = []
    alone: list[tuple[str, str, Result]] = []
    missing: dict[str, dict[str, str]] = {}
    with listening() as listener:
        for done, (pair, variant, seed) in enumerate(work):
            listener.step(f"{pair.name}:{variant} seed {seed}", done, len(work))
            evidence = Evidence(pair, variant, seed=seed, settings=settings)
            if writing:
                if seed == 0 and (found_lacking := lacking(evidence)):
                    missing[f"{pair.name}:{variant}"] = found_lacking
                evidence.profile = replace(evidence.profile, missing=missing)
            if "forward" in evidence.profile.lacks(pair, variant):
                counts["not on the device"] += 1
                continue
            results = [r for mode in _MODES for r in evidence.isolated(mode)]
            results += [r for mode in _MODES for r in evidence.whole(mode) if _decides(r)]
            types = {path: m.type for path, m in evidence.torch.inventory.paths.items()}
            alone += [
                (pair.name, types[r.unit.partition("#")[0]], r)
                for r in results
                if r.scope == "isolated" and pair.name.rpartition(".")[2] not in _FORMS
            ]
            for result in results:
                counts[result.measurement.status] += 1
                if result.measurement.status == AGREES:
                    rows.append((pair.kind, _label(result), result.measurement.ratio))
            wrong = [r.entry for r in results if r.diverges]
            if wrong:
                alarms.append(f"{pair.name}:{variant} seed {seed}: {', '.join(wrong[:3])}")
    kernels = {}
    if writing:
        from harness.backends import elementwise

        kernels = elementwise.errors()
    fresh = profile.measured(arguments.ms_device, arguments.seeds, alone, missing, kernels)
    if writing:
        fresh.save(Path(writing))
        print(text.profile_table(fresh))
        return 0
    print(text.ratio_table(rows))
    parts = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    print(f"\n{len(work)} runs, {counts.total()} entries: {parts}")
    for alarm in alarms:
        print(f"false alarm: {alarm}")
    # Rule of three: with no event in n runs, the rate is below 3/n with 95 % confidence.
    bound = 3 / len(work) if not alarms else None
    print(
        f"{len(alarms)} runs with a false alarm"
        + (f"; the rate a run is below {bound:.2%} with 95 % confidence" if bound else "")
    )
    stored = profile.load_profile(arguments.ms_device, settings.profile)
    stale = [] if arguments.pairs else profile.unneeded(stored, fresh)
    for name in stale:
        print(f"the device profile excuses {name}, whose kernel does not need it: remove it")
    return 1 if alarms or stale else 0


def _decides(result: Result) -> bool:
    return not result.entry.endswith(":grad")


def _label(result: Result) -> str:
    if result.entry.endswith(":state"):
        what = "state"
    else:
        gradient = "grad" in result.entry.rpartition(":" if ":" in result.entry else "<")[2]
        what = "backward" if gradient else "forward"
    return f"{what} {result.mode}" + (" whole" if result.scope == "whole" else "")
