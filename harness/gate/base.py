"""What changed in a tree since a commit, by git."""

import subprocess
from pathlib import Path

from harness.errors import HarnessError


def changed_since(root: Path, reference: str) -> frozenset[str]:
    """The files that differ from those of a commit, new and deleted ones included, as the tree
    calls them. Raises HarnessError where git or the commit is not there."""
    names = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", reference, "--")
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(filter(None, (names + new).split("\0")))


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
    except OSError as error:
        raise HarnessError(f"--gate-base needs git: {error}") from None
    if done.returncode:
        first = next(iter(done.stderr.strip().splitlines()), "it failed")
        raise HarnessError(f"--gate-base: git {arguments[0]}: {first}")
    return done.stdout
