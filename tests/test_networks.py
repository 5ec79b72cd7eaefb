"""The battery over every registered network."""

from harness import parametrize_pairs


@parametrize_pairs(kind="networks")
def test_network(check):
    """The two networks are equivalent in what this case checks."""
    check()
