"""Score the detector on the seeded bugs and their controls.

    python tests/harness/score.py [--only NAME ...] [--seed N] [--write-readme]

NAME is a bug's, a control's, a base's or a stage's name, or a pattern such as ``L*``. Every
PyNative check runs on every bug and control, except that bugs are not stepped: none is the
optimizer's, and MindSpore's optimizers keep up to 20 MB each for as long as the process lives.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from seeded.bases import BASES  # noqa: E402
from seeded.kinds import STAGES, Bug, Control  # noqa: E402
from seeded.suite import (  # noqa: E402
    BUGS,
    CONTROLS,
    Alarm,
    Outcome,
    try_bug,
    try_control,
)

from harness.pair import CHECKS  # noqa: E402  after the paths are known

_CHECKS = [c for c, mode in CHECKS.items() if mode == "pynative" and c != "optimizer_step"]
BEGIN, END = "<!-- score -->", "<!-- /score -->"
_HEADER = ("planted", "found", "by its check", "exactly located", "in the right block", "seconds")


def main() -> None:
    options = _options()
    bugs = [bug for bug in BUGS if _wanted(bug, options.only)]
    controls = [control for control in CONTROLS if _wanted(control, options.only)]
    if not bugs and not controls:
        raise SystemExit(f"No bug and no control is called {', '.join(options.only)}.")
    outcomes, alarms = [], []
    for bug in bugs:
        outcomes.append(try_bug(bug, _CHECKS, options.seed))
        _tell(bug.name, outcomes[-1].failed, outcomes[-1].seconds)
    for control in controls:
        alarms.append(try_control(control, seed=options.seed))
        _tell(control.name, alarms[-1].failed, alarms[-1].seconds)
    table = "\n".join(_report(outcomes, alarms))
    print(table)
    if options.write_readme:
        _write(ROOT / "README.md", table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--seed", type=int, default=0, help="of parameters and inputs")
    parser.add_argument("--write-readme", action="store_true", help="replace README's table")
    return parser.parse_args()


def _wanted(seeded: Bug | Control, only: Sequence[str]) -> bool:
    names = [seeded.name, seeded.base, seeded.stage if isinstance(seeded, Bug) else "controls"]
    return not only or any(fnmatchcase(name, pattern) for name in names for pattern in only)


def _tell(name: str, failed: Sequence[str], seconds: float) -> None:
    print(f"{name}: {', '.join(failed) or 'nothing'}, {seconds:.1f} s", file=sys.stderr, flush=True)


def _report(outcomes: Sequence[Outcome], alarms: Sequence[Alarm]) -> Iterator[str]:
    """Tables and lists in Markdown, without a machine's paths."""
    if outcomes:
        yield from _table("stage", STAGES, {o.bug.name: o.bug.stage for o in outcomes}, outcomes)
        networks = dict.fromkeys(base.network for base in BASES.values())
        by_network = {o.bug.name: BASES[o.bug.base].network for o in outcomes}
        yield ""
        yield from _table("network", networks, by_network, outcomes)
    if alarms:
        raised = [alarm for alarm in alarms if alarm.failed]
        unwarned = [a for a in alarms if a.latent != set(a.control.latent)]
        yield ""
        yield (
            f"{len(alarms)} controls that compute the same: {len(raised)} false alarms, "
            f"{len(unwarned)} with other latent modules than there are; "
            f"{sum(alarm.seconds for alarm in alarms):.0f} s."
        )
    yield from _listed("Not found", [_missed(o) for o in outcomes if not o.failed])
    yield from _listed(
        "Found, but not by the check that should",
        [f"`{o.bug.name}`: {', '.join(o.failed)} in place of {o.bug.check}"
         for o in outcomes if o.failed and not o.in_its_check],
    )  # fmt: skip
    yield from _listed(
        "Found, but located elsewhere", [_mislocated(o) for o in outcomes if _elsewhere(o)]
    )
    yield from _listed(
        "False alarms", [f"`{a.control.name}`: {', '.join(a.failed)}" for a in alarms if a.failed]
    )


def _table(
    title: str, order: Iterable[str], group: dict[str, str], outcomes: Sequence[Outcome]
) -> Iterator[str]:
    rows: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        rows[group[outcome.bug.name]].append(outcome)
    yield f"| {title} | {' | '.join(_HEADER)} |"
    yield "|---" * (1 + len(_HEADER)) + "|"
    for name in order:
        if name in rows:
            yield _row(name, rows[name])
    yield _row("all", outcomes)


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    counts = (
        len(outcomes),
        sum(bool(o.failed) for o in outcomes),
        sum(o.in_its_check for o in outcomes),
        sum(o.in_its_check and o.exact for o in outcomes),
        sum(o.in_its_check and (o.exact or o.near) for o in outcomes),
        round(sum(o.seconds for o in outcomes)),
    )
    return f"| {name} | {' | '.join(map(str, counts))} |"


def _elsewhere(outcome: Outcome) -> bool:
    return outcome.in_its_check and not outcome.exact


def _missed(outcome: Outcome) -> str:
    bug = outcome.bug
    return f"`{bug.name}` ({bug.stage}, {bug.base}), planted at {_places(bug.at)}"


def _mislocated(outcome: Outcome) -> str:
    near = "" if outcome.near else ", another block"
    places = f"planted at {_places(outcome.bug.at)}, named {_places(outcome.named)}"
    return f"`{outcome.bug.name}`: {places}{near}"


def _places(paths: Sequence[str], most: int = 4) -> str:
    shown = [f"`{path}`" if path else "the root" for path in paths[:most]]
    rest = f" and {len(paths) - most} more" if len(paths) > most else ""
    return (", ".join(shown) + rest) or "nothing"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title}:\n"
        yield from (f"- {line}" for line in lines)


def _write(readme: Path, table: str) -> None:
    text = readme.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{readme.name} has no lines {BEGIN} and {END} to write between.")
    readme.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
