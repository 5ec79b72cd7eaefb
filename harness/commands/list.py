"""``list``: the registered pairs, networks with what they measured; imports no framework."""

import argparse

from harness import measured, registry
from harness.commands import common
from harness.errors import HarnessError
from harness.measured import Measured
from harness.pair import Pair
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Print each pair with its variants, or every case id; with --measure, measure them first."""
    pairs = registry.all_pairs(arguments.pair)
    if not pairs:
        raise HarnessError("No pairs were found: no models/ here, no --pair, none installed.")
    if arguments.measure is not None:
        return _measure(arguments, pairs)
    if arguments.cases:
        for pair in pairs.values():
            for case in pair.cases():
                print(case.id + ("  slow" if case.slow else ""))
        return 0
    others = [pair for pair in pairs.values() if pair.kind != "networks"]
    for pair in others:
        variants = " ".join(f"{name}{_star(pair, name)}" for name in pair.variants)
        print(f"{pair.name:<28} {variants}")
        _left_out(pair)
    networks = [pair for pair in pairs.values() if pair.kind == "networks"]
    if networks:
        _table(networks)
    cases = sum(len(pair.cases()) for pair in pairs.values())
    print(f"\n{len(pairs)} pairs, {cases} cases; * is slow (pytest -m slow)")
    return 0


def _star(pair: Pair, variant: str) -> str:
    return "*" if pair.slow or pair.variants[variant].slow else ""


def _left_out(pair: Pair) -> None:
    for check, why in pair.without.items():
        print(f"{'':<28} without {check}: {why}")


def _table(networks: list[Pair]) -> None:
    known = measured.read()
    rows = []
    for pair in networks:
        for variant in pair.variants:
            found = known.get(pair.name, {}).get(variant)
            rows.append((pair.name, variant + _star(pair, variant), found))
    wide = max(len(f"{name}:{variant}") for name, variant, _ in rows)
    print(f"\n{'network':<{wide}}  parameters  modules  seconds  worst e/r")
    for name, variant, found in rows:
        said = "  not measured" if found is None else (
            f"  {found.parameters:>10,}  {found.modules:>7}  {found.seconds:>7.1f}"
            f"  {found.ratio:>9.1f}"
        )  # fmt: skip
        print(f"{f'{name}:{variant}':<{wide}}{said}")
    for pair in networks:
        _left_out(pair)


def _measure(arguments: argparse.Namespace, pairs: dict[str, Pair]) -> int:
    """Run the battery of networks and write down what it measured; 1 where one is divergent."""
    names = arguments.measure or [name for name, pair in pairs.items() if pair.kind == "networks"]
    chosen = [registry.find_pair(name) for name in names]
    table = measured.read()
    failed = False
    cases = sum(len(pair.cases()) for pair in chosen)
    with common.runner(arguments, cases) as runner:
        for pair in chosen:
            for variant in pair.variants:
                row, passed = _measured(runner, pair, variant, arguments)
                failed |= not passed
                if passed:
                    table.setdefault(pair.name, {})[variant] = row
                    measured.write(table)
    return 1 if failed else 0


def _measured(
    runner: common.Runner, pair: Pair, variant: str, arguments: argparse.Namespace
) -> tuple[Measured, bool]:
    from harness import session

    settings = common.settings_of(arguments)
    checks, data = list(pair.checks), common.Given()
    verdicts = common.run_battery(runner, pair, variant, checks, arguments.seed, settings, data)
    for verdict in verdicts:
        print(text.one_line(verdict), flush=True)
    passed = all(verdict.passed for verdict in verdicts)
    parameters, modules = (0, 0)
    if passed:
        parameters, modules = runner.call(
            f"{pair.name}:{variant}", session.size_of, pair, variant, arguments.seed, settings
        )
    ratio = max(verdict.worst_ratio for verdict in verdicts)
    return Measured(parameters, modules, sum(v.seconds for v in verdicts), ratio), passed
