"""The battery over every registered layer."""

from harness import parametrize_pairs


@parametrize_pairs(kind="layers")
def test_layer(check):
    """The two layers are equivalent in what this case checks."""
    check()
