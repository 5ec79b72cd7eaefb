"""The battery over every registered function."""

from harness import parametrize_pairs


@parametrize_pairs(kind="functions")
def test_function(check):
    """The two functions are equivalent in what this case checks."""
    check()
