"""The battery over registered data pipelines; CIFAR-10's files read, written and refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness import parametrize_pairs
from harness.cifar import (
    DIGITS_TRAIN,
    PIXELS,
    RECORD,
    TEST_FILE,
    TRAIN_FILES,
    Records,
    digits,
    load,
    read_file,
    read_folder,
    write_file,
    write_folder,
)
from harness.errors import HarnessError
from harness.pipelines import order
from harness.recipe import Recipe, Setting


@parametrize_pairs(kind="pipelines")
def test_pipeline(check: Callable[[], object]) -> None:
    """The two pipelines are equivalent in what this case checks."""
    check()


def _records(count: int, seed: int = 0) -> Records:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 3, 32, 32), np.uint8)
    return Records(images, rng.integers(0, 10, count, np.uint8), "noise")


def _equal(one: Records, other: Records) -> bool:
    return np.array_equal(one.images, other.images) and np.array_equal(one.labels, other.labels)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_what_is_written_is_read_back(tmp_path: Path, count: int) -> None:
    write_file(tmp_path / "some.bin", _records(count))
    assert (tmp_path / "some.bin").stat().st_size == count * RECORD
    assert _equal(read_file(tmp_path / "some.bin"), _records(count))


def test_a_record_is_its_label_then_its_red_green_and_blue_planes(tmp_path: Path) -> None:
    record = np.concatenate([[7], np.full(1024, 1), np.full(1024, 2), np.full(1024, 3)])
    (tmp_path / "one.bin").write_bytes(record.astype(np.uint8).tobytes())
    read = read_file(tmp_path / "one.bin")
    assert read.labels.tolist() == [7]
    assert read.pixels(0)[5, 9].tolist() == [1, 2, 3]


def test_a_folder_in_the_official_layout_holds_both_halves(tmp_path: Path) -> None:
    train, test = _records(13), _records(4, seed=1)
    write_folder(tmp_path, train, test)
    assert _equal(read_folder(tmp_path, True), train)
    assert _equal(read_folder(tmp_path, False), test)
    # The test file beside the training files, and the folder itself, are as good.
    moved = tmp_path / "cifar-10-verify-bin" / TEST_FILE
    moved.rename(tmp_path / "cifar-10-batches-bin" / TEST_FILE)
    assert _equal(load(tmp_path, False), test)
    assert _equal(load(tmp_path / "cifar-10-batches-bin", True), train)


def test_an_archive_is_a_test_set(tmp_path: Path) -> None:
    records = _records(5)
    archive = tmp_path / "some.npz"
    np.savez(archive, x=records.images.transpose(0, 2, 3, 1), y=records.labels.astype(np.int64))
    assert _equal(load(archive, False), records)
    with pytest.raises(HarnessError, match=r"some\.npz is a test set"):
        load(archive, True)


def _wrong_label() -> bytes:
    bad = np.zeros((3, RECORD), np.uint8)
    bad[2, 0] = 10
    return bad.tobytes()


WRONG_FILES = {
    "empty": (b"", r"some\.bin is empty: 0 bytes"),
    "truncated": (bytes(2 * RECORD + 5), r"6151 bytes .* record 2 is cut off after 5 bytes"),
    "no label": (bytes(PIXELS), r"3072 bytes .* record 0 is cut off"),
    "label": (_wrong_label(), r"some\.bin \(9219 bytes\): record 2 has label 10"),
}


@pytest.mark.parametrize(("data", "words"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_refused_by_name_size_and_record(
    tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "some.bin").write_bytes(data)
    with pytest.raises(HarnessError, match=words):
        read_file(tmp_path / "some.bin")


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        HarnessError, match=r"no CIFAR-10 training files; looked for .*data_batch_1"
    ):
        read_folder(tmp_path, True)
    write_folder(tmp_path, _records(10), None)
    (tmp_path / "cifar-10-batches-bin" / TRAIN_FILES[2]).unlink()
    with pytest.raises(HarnessError, match=r"lacks data_batch_3\.bin"):
        read_folder(tmp_path, True)
    with pytest.raises(HarnessError, match="no readable file"):
        read_file(tmp_path / "nowhere.bin")


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 3, 32, 32), np.float32), np.zeros(2, np.uint8)),
        (np.zeros((2, 32, 32, 3), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 3, 32, 32), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((2, 3, 32, 32), np.uint8), np.zeros(3, np.uint8)),
    ],
)
def test_records_that_are_none_are_refused(images: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(HarnessError, match="not uint8"):
        Records(images, labels)


def test_records_of_another_size_are_not_written(tmp_path: Path) -> None:
    large = Records(np.zeros((1, 3, 40, 32), np.uint8), np.zeros(1, np.uint8))
    with pytest.raises(HarnessError, match=r"\(3, 40, 32\), not \(3, 32, 32\)"):
        write_file(tmp_path / "some.bin", large)


def test_the_digits_are_real_complete_and_always_the_same() -> None:
    train, test = load(None, True), load(None, False)
    assert (len(train), len(test)) == (DIGITS_TRAIN, 297)
    assert _equal(train, digits(True))
    assert train.images.max() == 255
    assert set(train.labels.tolist()) == set(test.labels.tolist()) == set(range(10))
    assert not np.array_equal(train.images[:, 0], train.images[:, 2])  # BGR would show


def test_the_digits_can_be_learnt() -> None:
    train, test = digits(True), digits(False)
    small = [r.images[:, 0, 2::4, 2::4].reshape(len(r), -1) / 255.0 for r in (train, test)]
    distances = ((small[1][:, None] - small[0][None]) ** 2).sum(axis=2)
    nearest = train.labels[distances.argmin(axis=1)]
    assert (nearest == test.labels).mean() > 0.9


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
@pytest.mark.parametrize("samples", [1, 12, 13])
def test_ranks_share_every_sample_and_pad_with_the_first(samples: int, ranks: int) -> None:
    parts = [order(samples, shuffle=True, seed=3, rank=r, ranks=ranks) for r in range(ranks)]
    assert len({len(part) for part in parts}) == 1
    seen = np.bincount(sum(parts, []), minlength=samples)
    assert seen.min() >= 1
    assert seen.sum() - samples < ranks


def test_an_order_depends_on_seed_and_epoch_and_nothing_else() -> None:
    orders = {(s, e): order(50, shuffle=True, seed=s, epoch=e) for s in (0, 1) for e in (0, 1)}
    assert len({tuple(each) for each in orders.values()}) == 4
    assert orders[1, 1] == order(50, shuffle=True, seed=1, epoch=1)
    with pytest.raises(HarnessError, match="rank 2 of 2"):
        order(4, shuffle=True, rank=2, ranks=2)


@pytest.mark.usefixtures("frameworks")
def test_files_of_full_size_read_by_mindspores_own_class_make_torchs_batches(
    tmp_path: Path,
) -> None:
    from harness.backends import mindspore_pipelines, torch_pipelines

    images = np.resize(digits(True).images, (10_000, 3, 32, 32))
    images[:, 0, 0, 0] = np.arange(10_000) % 251
    records = Records(images, np.resize(digits(True).labels, 10_000))
    write_folder(tmp_path, None, records)
    recipe = Recipe("networks.none", evaluation=[Setting("to_tensor")], batch_size=500)
    source = mindspore_pipelines.official(tmp_path, train=False)
    port = mindspore_pipelines.pipeline(recipe, records, train=False, source=source)
    torch = torch_pipelines.pipeline(recipe, records, train=False)
    count = 0
    for (ours, labels), (theirs, given) in zip(torch.batches(0), port.batches(0)):
        assert np.array_equal(labels, given)
        assert np.array_equal(np.rint(ours * 255), np.rint(theirs * 255))
        count += len(labels)
    assert count == 10_000
