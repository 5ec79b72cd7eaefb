"""judge: what agrees, what diverges and why, what may not count as a pass."""

import tracemalloc

import numpy as np
import pytest

from harness import deviations
from harness.compare import judge
from harness.deviations import Deviations
from harness.tolerance import FACTOR
from harness.verdict import AGREES, DIVERGES, UNINFORMATIVE

RNG = np.random.default_rng(0)
ORACLE = RNG.standard_normal((2, 4, 8, 8))
REFERENCE = ORACLE.astype(np.float32)


def _noisy(scale: float) -> np.ndarray:
    return (ORACLE + RNG.standard_normal(ORACLE.shape) * scale).astype(np.float32)


def test_identical_arrays_agree_exactly() -> None:
    found = judge(REFERENCE.copy(), REFERENCE, ORACLE)
    assert (found.status, found.exact) == (AGREES, True)


def test_an_error_like_the_references_own_agrees() -> None:
    assert judge(_noisy(1e-7), _noisy(1e-7), ORACLE, channel_axis=1).status == AGREES


def test_an_error_far_beyond_the_references_own_diverges_and_is_located() -> None:
    wrong = REFERENCE.copy()
    wrong[1, 2, 3, 4] += 1e-3
    found = judge(wrong, REFERENCE, ORACLE)
    assert (found.status, found.kind, found.worst) == (DIVERGES, "value", (1, 2, 3, 4))
    assert found.ratio > FACTOR


def test_a_small_channel_is_not_hidden_by_large_ones() -> None:
    oracle = ORACLE * np.array([1e4, 1e4, 1e-2, 1e4]).reshape(1, 4, 1, 1)
    reference = oracle.astype(np.float32)
    wrong = reference.copy()
    wrong[:, 2] *= 1.001
    assert judge(wrong, reference, oracle).status == AGREES
    assert judge(wrong, reference, oracle, channel_axis=1).status == DIVERGES


def test_a_lucky_reference_is_measured_again_before_an_alarm() -> None:
    found = judge(_noisy(1e-4), REFERENCE, ORACLE)
    assert found.status == DIVERGES
    calm = judge(_noisy(1e-4), REFERENCE, ORACLE, nudged=lambda: [_noisy(1e-4)])
    assert calm.status == AGREES


def test_a_limit_that_could_hide_anything_is_no_pass() -> None:
    assert judge(_noisy(1e-3), _noisy(1e-2), ORACLE).status == UNINFORMATIVE


@pytest.mark.parametrize(
    ("candidate", "kind"),
    [
        (None, "missing"),
        (REFERENCE[:, :3], "shape"),
        (REFERENCE.astype(np.float16), "dtype"),
        (np.where(ORACLE > 2, np.nan, REFERENCE).astype(np.float32), "nonfinite"),
        (np.where(ORACLE > 2, np.inf, REFERENCE).astype(np.float32), "nonfinite"),
    ],
    ids=["missing", "shape", "dtype", "nan", "inf"],
)
def test_what_cannot_be_compared_diverges_with_its_kind(candidate, kind: str) -> None:
    found = judge(candidate, REFERENCE, ORACLE)
    assert (found.status, found.kind) == (DIVERGES, kind)


def test_nan_on_both_sides_is_told_and_the_rest_is_compared() -> None:
    both = REFERENCE.copy()
    both[0, 0, 0, 0] = np.nan
    found = judge(both.copy(), both, ORACLE)
    assert found.status == AGREES
    assert "1 elements are not finite on both sides" in found.note
    wrong = both.copy()
    wrong[1, 1] += 0.1
    assert judge(wrong, both, ORACLE).status == DIVERGES


def test_exact_operations_allow_no_rounding_but_flushed_denormals() -> None:
    wrong = REFERENCE.copy()
    wrong[0, 0, 0, 0] = np.nextafter(wrong[0, 0, 0, 0], np.float32(9))
    assert judge(wrong, REFERENCE, ORACLE).status == AGREES
    assert judge(wrong, REFERENCE, ORACLE, exact=True).status == DIVERGES
    tiny = np.full((4,), 1e-40, np.float32)
    assert judge(np.zeros_like(tiny), tiny, tiny.astype(float), exact=True).status == AGREES


def test_integers_are_compared_for_equality() -> None:
    labels = np.arange(5)
    assert judge(labels, labels.copy(), labels).status == AGREES
    assert judge(labels + 1, labels, labels).status == DIVERGES


@pytest.mark.parametrize(
    ("port", "reference", "status", "far"),
    [
        (1e-7, 1e-7, "agrees", ""),
        (1e-2, 1e-7, "diverges", "mindspore"),
        (1e-7, 1e-4, "agrees", "torch"),
        (1e-7, 1e-2, "uninformative", "torch"),
        (5e-2, 1e-2, "uninformative", "both"),
        (5e-1, 1e-2, "diverges", "both"),
    ],
)
def test_the_side_that_is_far_from_float64_is_named(
    port: float, reference: float, status: str, far: str
) -> None:
    true = np.random.default_rng(0).uniform(0.5, 1.0, (4, 64))
    ours, want = ((true * (1 + e)).astype(np.float32) for e in (port, reference))
    found = judge(ours, want, true)
    assert (found.status, found.far) == (status, far)


@pytest.mark.parametrize("block", [64, 1000, deviations.BLOCK])
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize(
    "shape", [(7,), (2, 3, 50), (40, 5), (3, 70, 4, 4), (5, 2, 1700), (1, 2, 9000)]
)
@pytest.mark.parametrize("much", [1e-6, 1e-2], ids=["near", "far"])
def test_blocks_find_what_whole_arrays_show(
    monkeypatch: pytest.MonkeyPatch, block: int, axis: int | None, shape: tuple, much: float
) -> None:
    """Largest errors, counts and indices bit for bit; sums in another order, to 12 digits."""
    monkeypatch.setattr(deviations, "BLOCK", block)
    monkeypatch.setattr(deviations, "_kept", type("_", (), {})())
    rng = np.random.default_rng(len(shape))
    oracle = rng.standard_normal(shape)
    ours, want = (
        (oracle * (1 + e * rng.standard_normal(shape))).astype("f4") for e in (much, 1e-7)
    )
    found = Deviations(ours, want, oracle, axis)
    error, own = np.abs(ours - oracle), np.abs(want - oracle)
    for metrics, values in ((found.port, error), (found.own, own), (found.scale, abs(oracle))):
        assert metrics["max"][0] == values.max()
        np.testing.assert_allclose(metrics["L2"], np.sqrt((values**2).mean()), rtol=1e-12)
        if "channel max" in metrics:
            rest = tuple(a for a in range(len(shape)) if a != axis)
            np.testing.assert_array_equal(metrics["channel max"], values.max(axis=rest))
            by_channel = np.sqrt((values**2).mean(axis=rest))
            np.testing.assert_allclose(metrics["channel L2"], by_channel, rtol=1e-12)
    assert found.worst == np.unravel_index(error.argmax(), shape)
    assert found.share == (error > found.limit).mean()
    np.testing.assert_allclose(found.mean, error.mean(), rtol=1e-12)
    told_apart = axis is not None and len(shape) > max(axis, 1) and oracle.size // shape[axis] >= 16
    assert ("channel max" in found.port) == (told_apart and shape[axis] > 1)


def test_arrays_of_any_size_take_the_same_memory() -> None:
    """Beside the arrays themselves: a block, not a copy."""
    peaks = []
    for rows in (8, 64):
        oracle = np.random.default_rng(0).standard_normal((rows, 4, 1 << 15))
        ours, want = oracle.astype("f4") * np.float32(1.01), oracle.astype("f4")
        judge(ours, want, oracle, channel_axis=1)  # the room for a block is kept
        tracemalloc.start()
        assert judge(ours, want, oracle, channel_axis=1).share > 0.9
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] < ours.nbytes / 8
