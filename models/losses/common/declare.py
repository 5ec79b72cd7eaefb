"""What the pairs of losses share."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness import Input, Pair, Variant

#: Every loss reduces in three ways.
REDUCTIONS: dict[str, dict[str, Any]] = {how: {"reduction": how} for how in ("mean", "sum", "none")}


def loss(
    name: str,
    torch: str,
    mindspore: str,
    inputs: Sequence[Input],
    variants: Mapping[str, Mapping[str, Any]] = REDUCTIONS,
    **settings: Any,
) -> Pair:
    """A pair of losses; a variant's "inputs" are its own inputs, the rest its arguments."""
    return Pair(
        name=f"losses.{name}",
        torch=torch,
        mindspore=mindspore,
        has_parameters=False,
        has_state=False,
        variants={
            variant: Variant(
                {key: value for key, value in given.items() if key != "inputs"},
                given.get("inputs", inputs),
            )
            for variant, given in variants.items()
        },
        **settings,
    )
