"""Verdicts as JSON and back."""

import json
import math
from dataclasses import replace

import msgspec
import pytest

from harness import records
from harness.verdict import Culprit, Curve, Measurement, ModuleRow, Result, Setting, Verdict


def _result(entry: str, ratio: float, status: str = "agrees") -> Result:
    measured = Measurement(
        status, "value" if status == "diverges" else "", "max", ratio * 1e-7, 1e-7, 3e-6, ratio,
        1.0, 12, 0.25, (1, 2), (0.1, 0.2, 1 / 3),
    )  # fmt: skip
    return Result(entry, "isolated", entry.partition(":")[0], "eval", measured)


WRONG = _result("bn1:out", math.inf, "diverges")
VERDICT = Verdict(
    "blocks.b:default-forward_eval-pynative-f32", "forward_eval", 3,
    labels={"reference": "torch", "candidate": "mindspore"},
    results=(_result("conv1:out", 2.5), WRONG, _result("bn2:out", 1.0)),
    culprits=(
        Culprit("bn1", "BatchNorm2d", "BatchNorm2d", False, (WRONG,),
                (("eps", 1e-5, 1e-3), ("padding", (1, 1), (0, 0)))),
    ),
    modules=(ModuleRow("bn1", "BatchNorm2d", "BatchNorm2d"),),
    settings=(Setting("bn1", "eps", "1e-05", "0.001"),),
    curves=(Curve("loss", (1.0, 2.0), (2.3, 2.2), (2.3, 2.1), (2.2, 2.1), (2.4, math.nan)),),
    compared=3,
)  # fmt: skip


def _through_a_file(verdict: Verdict) -> Verdict:
    return records.from_json(json.loads(msgspec.json.encode(records.to_json(verdict))))


def test_a_verdict_comes_back_as_it_was() -> None:
    back = _through_a_file(VERDICT)
    assert list(back.results) == list(VERDICT.results)
    assert back.worst_ratio == math.inf
    assert (back.counts, back.kind, back.passed) == ({"agrees": 2, "diverges": 1}, "blocks", False)
    assert math.isnan(back.curves[0].high[1])
    same = replace(back.curves[0], high=VERDICT.curves[0].high)
    assert replace(back, results=VERDICT.results, curves=(same,)) == VERDICT


def test_what_was_read_is_written_the_same_again() -> None:
    once = records.to_json(VERDICT)
    assert records.to_json(_through_a_file(VERDICT)) == once


def test_a_column_that_all_entries_share_is_written_once() -> None:
    entries = records.to_json(VERDICT)["entries"]
    assert entries["scope"] == "isolated"
    assert entries["status"] == ["agrees", "diverges", "agrees"]
    assert entries["ratio"] == [2.5, "inf", 1.0]


def test_only_the_worst_of_many_and_what_differs_keep_their_elements() -> None:
    many = tuple(_result(f"m{n}:out", float(n)) for n in range(50))
    back = _through_a_file(replace(VERDICT, results=(WRONG, *many)))
    kept = [result.entry for result in back.results if result.measurement.worst]
    assert kept == ["bn1:out", *(f"m{n}:out" for n in range(46, 50))]
    assert back.results[-1].measurement.values == (0.1, 0.2, 1 / 3)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data["entries"].update(ratio=[1.0]),
        lambda data: data["entries"].update(ratio=["much", 1.0, 2.0]),
        lambda data: data.pop("case"),
        lambda data: data.update(curves=[{"name": "loss"}]),
    ],
)
def test_what_is_no_verdict_is_refused(damage) -> None:
    data = records.to_json(VERDICT)
    damage(data)
    with pytest.raises(ValueError, match=r"Expected|missing required|ratio"):
        records.from_json(data)


def test_the_schema_describes_what_is_written() -> None:
    described = records.schema()["$defs"]["Record"]["properties"]
    assert set(records.to_json(VERDICT)) <= set(described)
