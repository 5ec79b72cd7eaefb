"""``bench``: what the harness costs beside the bare work, as ratios within their limits."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from harness import benchmarks
from harness.benchmarks import RATIOS, Turns
from harness.errors import HarnessError
from harness.report import bench
from harness.report.console import console

_ROOT = Path(__file__).parents[2]
_TESTS = _ROOT / "tests" / "test_benchmarks.py"


def run(arguments: argparse.Namespace) -> int:
    """Measure, or read what was measured; 1 where a limit is missed or a ratio grew."""
    old = benchmarks.load(Path(arguments.compare)) if arguments.compare else None
    if arguments.results:
        found = benchmarks.load(Path(arguments.results))
    else:
        found = _measured(arguments.only)
    wanted = [name for name in RATIOS if name in found or not arguments.only]
    missed = benchmarks.missed(found, wanted)
    growths = benchmarks.grown(old, found) if old else []
    bench.show(console(), found, wanted, old)
    print(bench.verdict(wanted, missed, growths))
    if arguments.json:
        benchmarks.save(Path(arguments.json), found)
    if arguments.update_readme:
        readme = _ROOT / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(bench.in_readme(text, found), encoding="utf-8")
    return 1 if missed or growths else 0


def _measured(only: str | None) -> dict[str, Turns]:
    """Run the benchmarks of this clone. Raises HarnessError where that is not possible."""
    if not _TESTS.is_file():
        raise HarnessError("The benchmarks are in a clone of the repository, not in the package.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "benchmarks.json"
        command = [
            sys.executable, "-m", "pytest", str(_TESTS), "-q", "-m", "", "--benchmark-only",
            "--benchmark-columns=min,median,iqr,rounds", f"--benchmark-json={file}",
            *(["-k", only] if only else []),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": _path()}
        done = subprocess.run(command, cwd=_ROOT, env=environment)
        # Exit code 1: a limit is missed, which the table says.
        if done.returncode not in (0, 1) or not file.is_file() or not file.stat().st_size:
            raise HarnessError(f"pytest ended with exit code {done.returncode}; see above.")
        return benchmarks.load(file)


def _path() -> str:
    return os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
