"""Every registered initializer, drawn several times on both sides."""

from collections.abc import Callable

from harness import parametrize_pairs


@parametrize_pairs(kind="initializers")
def test_initializer(check: Callable[[], object]) -> None:
    """Both sides leave the same fixed values, or draw from the same distribution."""
    check()
