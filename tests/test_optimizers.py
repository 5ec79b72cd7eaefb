"""Every registered optimizer, stepped beside torch's from the same gradients."""

from collections.abc import Callable

from harness import parametrize_pairs


@parametrize_pairs(kind="optimizers")
def test_optimizer(check: Callable[[], object]) -> None:
    """Both sides move every parameter alike, at every step."""
    check()
