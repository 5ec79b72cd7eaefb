"""The battery over registered losses: value and gradient, eager and compiled."""

from collections.abc import Callable

import numpy as np
import pytest

from harness import parametrize_pairs, registry
from harness.backends import open_backend
from harness.inputs import draw_inputs
from harness.pair import Case


@parametrize_pairs(kind="losses")
def test_loss(check: Callable[[], object]) -> None:
    """The two losses are equivalent in what this case checks."""
    check()


@pytest.mark.usefixtures("frameworks")
def test_every_setting_of_every_variant_shows_in_the_loss() -> None:
    """A port that drops the setting is wrong on the very inputs that the variant draws."""
    torch = open_backend("torch")
    blind, tried = [], 0
    for pair in registry.all_pairs().values():
        for name, variant in pair.variants.items() if pair.kind == "losses" else ():
            inputs = draw_inputs(
                pair.signature_of(name).leaves, Case(pair, name, "forward_eval").entropy
            )
            for dropped in variant.kwargs:
                values = []
                for left_out in ("", dropped):
                    kwargs = {k: v for k, v in variant.kwargs.items() if k != left_out}
                    model = torch.build(pair.factory("torch"), kwargs, 0)
                    values.append(torch.run(model, inputs, train=False).output[""])
                tried += 1
                same = values[0].shape == values[1].shape and np.array_equal(*values)
                if same and variant.kwargs[dropped] != "mean":  # which is the default
                    blind.append(f"{pair.name}:{name} {dropped}")
    assert tried > 50
    assert blind == []
