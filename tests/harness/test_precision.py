"""The audit of precisions reads dtypes off the operations themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from deferred import ms, nn

from harness.pair import resolve_factory
from harness.precision import audit
from harness.registry import find_pair
from harness.subject import Subject

pytestmark = pytest.mark.usefixtures("frameworks")


def half_inside(**kwargs: Any) -> nn.Cell:
    """One convolution computes in float16 and hands float32 on."""
    block = resolve_factory("models.blocks.bottleneck.ms:build", "test")(**kwargs)
    own = block.conv2.construct

    def construct(x: ms.Tensor) -> ms.Tensor:
        return own(x.astype(ms.float16)).astype(ms.float32)

    block.conv2.to_float(ms.float16)
    block.conv2.__dict__["construct"] = construct
    return block


def _differing(mindspore: Any, level: str) -> dict[str, tuple[str, str]]:
    pair = find_pair("blocks.bottleneck")
    if mindspore:
        pair = replace(pair, mindspore=mindspore)
    rows = list(audit(Subject(pair, "stride2"), level, train=False))
    assert {"conv1", "bn1", "relu", ""} <= {row.path for row in rows}
    return {row.path: (row.torch, row.mindspore) for row in rows if row.differs}


def test_without_mixed_precision_all_twins_agree() -> None:
    assert _differing(None, "O0") == {}


def test_a_module_that_computes_in_half_is_named() -> None:
    assert _differing(half_inside, "O0") == {"conv2": ("float32", "float16")}


def test_whole_half_precision_agrees() -> None:
    assert _differing(None, "O3") == {}


def test_o1_leaves_what_torch_autocasts_in_float32() -> None:
    """MindSpore's O1 keeps BatchNorm's input in float32, torch's autocast does not."""
    found = _differing(None, "O1")
    assert {"bn1", "bn2", "bn3"} <= set(found)
    assert set(found.values()) == {("float16", "float32")}
