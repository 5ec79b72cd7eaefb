"""The battery over every registered block."""

from harness import parametrize_pairs


@parametrize_pairs(kind="blocks")
def test_block(check):
    """The two blocks are equivalent in what this case checks."""
    check()
