"""What ``pytest --pair MODULE[:NAME]`` runs where no test file is named: the pairs' battery."""

from collections.abc import Callable

from harness.plugin import named_pairs
from harness.verdict import Verdict


@named_pairs
def test_pair(check: Callable[[], Verdict]) -> None:
    """The two sides are equivalent in what this case checks."""
    check()
