"""What networks take and return: keywords, masks, nested arguments, output classes, losses."""

from harness import parametrize_pairs
from tests.forms.pairs import PAIRS


@parametrize_pairs(PAIRS)
def test_form(check):
    """Equivalent networks with such arguments and outputs pass the battery."""
    check()
