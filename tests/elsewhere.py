"""pytest in a user's folder, which is no clone of this repository."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pytest_in(folder: Path, *arguments: str) -> tuple[int, str]:
    """What pytest ends with and says, started in a folder as a user starts it.

    The harness is importable as an installed one is, and is this clone's.
    """
    command = [sys.executable, "-P", "-m", "pytest"]  # -P: the command does not add the folder
    done = subprocess.run(
        [*command, "-p", "harness.plugin", "-p", "no:cacheprovider", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
