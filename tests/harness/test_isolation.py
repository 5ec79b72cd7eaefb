"""Units: what is played, what runs, and what a container's own construct is judged by."""

import numpy as np
import pytest

from harness import alone
from harness.evidence import Evidence
from harness.isolation import nudge
from harness.registry import find_pair

pytestmark = pytest.mark.usefixtures("frameworks")


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(find_pair("blocks.bottleneck"), "stride2")


def test_children_come_before_containers_and_shared_calls_are_numbered(evidence: Evidence) -> None:
    names = [unit.name for unit in evidence.record("eval", backward=False).units]
    assert names[-1] == ""
    assert {"relu", "relu#1", "relu#2"} < set(names)
    assert names.index("downsample.0") < names.index("downsample") < names.index("")


def test_a_leaf_runs_and_a_container_is_played(evidence: Evidence) -> None:
    units = {unit.name: unit for unit in evidence.record("eval", backward=False).units}
    assert not units["bn1"].wiring
    assert set(units[""].played) == {
        "conv1", "bn1", "relu", "conv2", "bn2", "conv3", "bn3", "downsample"
    }  # fmt: skip
    assert len(units[""].played["relu"]) == 3


def test_parameters_belong_to_exactly_one_unit(evidence: Evidence) -> None:
    units = evidence.record("eval", backward=False).units
    owned = [name for unit in units for name in unit.parameters]
    trainable = [p.name for p in evidence.torch.inventory.parameters if p.trainable]
    assert sorted(owned) == sorted(trainable)


def test_recorded_arrays_survive_isolation(evidence: Evidence) -> None:
    """autograd accumulates in place; it must never reach into the recording."""
    recording = evidence.record("train", backward=True)
    before = {u.name: {k: g.copy() for k, g in u.call.cotangents.items()} for u in recording.units}
    for unit in recording.units:
        first = alone.reference_run(evidence, unit, "train", backward=True).grad_inputs
        first = {k: g.copy() for k, g in first.items()}
        again = alone.reference_run(evidence, unit, "train", backward=True).grad_inputs
        assert all((first[k] == again[k]).all() for k in first), unit.name
    for unit in recording.units:
        for leaf, gradient in unit.call.cotangents.items():
            assert (gradient == before[unit.name][leaf]).all(), unit.name


def test_models_are_as_before_after_measuring(evidence: Evidence) -> None:
    sides = (evidence.torch, evidence.oracle, evidence.port)
    before = [side.backend.read(side.model) for side in sides]
    evidence.isolated("train")
    for side, arrays in zip(sides, before):
        after = side.backend.read(side.model)
        assert all((after[name] == array).all() for name, array in arrays.items())


def test_nothing_is_shared_between_the_frameworks(evidence: Evidence) -> None:
    ours = evidence.torch.backend.read(evidence.torch.model)
    theirs = evidence.port.backend.read(evidence.port.model)
    for a in ours.values():
        assert not any(np.shares_memory(a, b) for b in theirs.values())


def test_a_nudge_is_one_ulp_and_keeps_zeros() -> None:
    array = np.array([1.0, -2.0, 0.0, np.inf, 1e-3], np.float32)
    moved = nudge(array, np.random.default_rng(0))
    assert moved[2] == 0
    assert np.isinf(moved[3])
    finite = [0, 1, 4]
    steps = np.abs(moved[finite] - array[finite]) / np.spacing(np.abs(array[finite]))
    assert ((steps > 0) & (steps <= 1)).all()
