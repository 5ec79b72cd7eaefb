"""The battery over registered losses: value and gradient, eager and compiled."""

from collections.abc import Callable

from harness import parametrize_pairs


@parametrize_pairs(kind="losses")
def test_loss(check: Callable[[], object]) -> None:
    """The two losses are equivalent in what this case checks."""
    check()
