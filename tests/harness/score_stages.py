"""Score the detector on the bugs planted in data, losses, optimizers, schedules and loops.

python tests/harness/score_stages.py [--write-readme]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from seeded_stages import (  # noqa: E402  after the paths are known
    data_bugs,
    init_bugs,
    loop_bugs,
    loss_bugs,
    optimizer_bugs,
    schedule_bugs,
)
from seeded_stages.bug import StageBug, found, named  # noqa: E402

STAGES: Mapping[str, Sequence[StageBug]] = {
    "data": data_bugs.BUGS,
    "losses": loss_bugs.BUGS,
    "optimizers": optimizer_bugs.BUGS,
    "schedules": schedule_bugs.BUGS,
    "initializers": init_bugs.BUGS,
    "loops": loop_bugs.BUGS,
}
BEGIN, END = "<!-- stages -->", "<!-- /stages -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write-readme", action="store_true", help="replace README's table")
    options = parser.parse_args()
    os.chdir(tempfile.mkdtemp())  # MindSpore writes into the working directory
    table = "\n".join(_table())
    print(table)
    if options.write_readme:
        file = ROOT / "README.md"
        before, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        file.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def _table() -> Iterator[str]:
    yield "| stage | planted | found | named at its place | seconds |"
    yield "|---|---|---|---|---|"
    totals = [0, 0, 0, 0.0]
    for stage, bugs in STAGES.items():
        began = time.perf_counter()
        verdicts = [(bug, found(bug)) for bug in bugs]
        row = [
            len(bugs),
            sum(not verdict.passed for _, verdict in verdicts),
            sum(named(bug, verdict) for bug, verdict in verdicts),
            time.perf_counter() - began,
        ]
        for bug, verdict in verdicts:
            if verdict.passed or not named(bug, verdict):
                print(f"{bug.name}: {verdict.findings}", file=sys.stderr)
        totals = [a + b for a, b in zip(totals, row)]
        yield f"| {stage} | {row[0]} | {row[1]} | {row[2]} | {row[3]:.0f} |"
    yield f"| all | {totals[0]} | {totals[1]} | {totals[2]} | {totals[3]:.0f} |"


if __name__ == "__main__":
    main()
