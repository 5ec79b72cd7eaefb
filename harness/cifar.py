"""CIFAR-10 in its official binary layout, read, written and checked; NumPy only.

A record is 3,073 bytes: the label, then the red, green and blue planes of 32x32 pixels. Source:
https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from harness.errors import HarnessError

SIZE, CLASSES = 32, 10
PIXELS = 3 * SIZE * SIZE
RECORD = 1 + PIXELS

#: Where the files of either half may lie below the folder that the user names; "" is itself.
TRAIN_FOLDERS = ("cifar-10-batches-bin", "")
TEST_FOLDERS = ("cifar-10-verify-bin", "cifar-10-batches-bin", "")
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"

#: Of scikit-learn's 1,797 handwritten digits, in its own order, the first so many are for training.
#: The order is by writer, so that most of those of the test half wrote none of the training half.
DIGITS_TRAIN = 1500

#: How strongly a digit shows in the red, green and blue plane: no channel may stand for another.
_INK = (1.0, 0.75, 0.5)


@dataclass(frozen=True)
class Records:
    """Labelled images.

    images: uint8 (N, 3, H, W), planes red, green, blue; H and W are 32 in CIFAR-10's files. labels:
    uint8 (N,), 0 to 9 there. origin: where they come from, in words. Raises HarnessError for arrays
    that do not fit each other.
    """

    images: np.ndarray
    labels: np.ndarray
    origin: str = ""

    def __post_init__(self) -> None:
        images, labels = self.images, self.labels
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1] != 3:
            raise HarnessError(
                f"{self.origin or 'records'}: images are {images.dtype} {images.shape}, not uint8 "
                f"(N, 3, H, W)."
            )
        if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise HarnessError(
                f"{self.origin or 'records'}: labels are {labels.dtype} {labels.shape}, not uint8 "
                f"({len(images)},): one for each image."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def pixels(self, index: int) -> np.ndarray:
        """One image as transforms take it: uint8 (H, W, 3), contiguous."""
        return np.ascontiguousarray(self.images[index].transpose(1, 2, 0))

    def first(self, count: int) -> "Records":
        """The first so many records."""
        return Records(self.images[:count], self.labels[:count], self.origin)


def read_file(path: Path) -> Records:
    """The records of one binary file, however many it holds.

    Raises HarnessError, naming the file, its byte count and the record, where it is missing, empty,
    cut off inside a record, or has a label above 9.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise HarnessError(f"{path}: no readable file of CIFAR-10 records: {error}") from error
    if not data.size:
        raise HarnessError(f"{path} is empty: 0 bytes; a CIFAR-10 record is {RECORD} bytes.")
    whole, rest = divmod(data.size, RECORD)
    if rest:
        raise HarnessError(
            f"{path}: {data.size} bytes is no whole number of CIFAR-10 records of {RECORD} bytes: "
            f"record {whole} is cut off after {rest} bytes. The file is truncated, or no binary "
            f"version of CIFAR-10."
        )
    table = data.reshape(whole, RECORD)
    labels = table[:, 0]
    _check_labels(labels, f"{path} ({data.size} bytes)")
    images = table[:, 1:].reshape(whole, 3, SIZE, SIZE)
    return Records(np.ascontiguousarray(images), labels.copy(), str(path))


def write_file(path: Path, records: Records) -> None:
    """Write one binary file. Raises HarnessError for images of another size, labels above 9."""
    if not len(records):
        raise HarnessError(f"{path}: there are no records to write.")
    if records.images.shape[1:] != (3, SIZE, SIZE):
        raise HarnessError(
            f"{path}: images are {records.images.shape[1:]}, not {(3, SIZE, SIZE)} as in CIFAR-10."
        )
    _check_labels(records.labels, str(path))
    table = np.empty((len(records), RECORD), np.uint8)
    table[:, 0] = records.labels
    table[:, 1:] = records.images.reshape(len(records), PIXELS)
    path.parent.mkdir(parents=True, exist_ok=True)
    table.tofile(path)


def _check_labels(labels: np.ndarray, where: str) -> None:
    wrong = np.flatnonzero(labels >= CLASSES)
    if wrong.size:
        first = int(wrong[0])
        raise HarnessError(
            f"{where}: record {first} has label {int(labels[first])}; labels of CIFAR-10 are 0 to "
            f"{CLASSES - 1} ({wrong.size} of {len(labels)} records are wrong)."
        )


def files_of(folder: Path, train: bool) -> tuple[Path, ...]:
    """The files of the training or test half. Raises HarnessError that lists what is missing."""
    names = TRAIN_FILES if train else (TEST_FILE,)
    places = [folder / name for name in (TRAIN_FOLDERS if train else TEST_FOLDERS)]
    # A place that has some of the files is the one meant: what it lacks is then named.
    found = next((p for p in places if any((p / n).exists() for n in names)), None)
    if found is None:
        wanted = " or ".join(str(place / names[0]) for place in places)
        raise HarnessError(
            f"{folder}: no CIFAR-10 {'training' if train else 'test'} files; looked for {wanted}."
        )
    missing = [name for name in names if not (found / name).exists()]
    if missing:
        raise HarnessError(f"{found} lacks {', '.join(missing)} of CIFAR-10's {len(names)} files.")
    return tuple(found / name for name in names)


def read_folder(folder: Path, train: bool) -> Records:
    """The training records (five files, in order) or the test records below a folder.

    The files lie in ``cifar-10-batches-bin``, the test file also in ``cifar-10-verify-bin``, or in
    the folder itself. In its place a ``.npz`` with x uint8 (N, 32, 32, 3) and y gives test records.
    """
    if folder.suffix == ".npz":
        if train:
            raise HarnessError(f"{folder} is a test set; name a folder with data_batch_1.bin ff.")
        return _read_archive(folder)
    parts = [read_file(path) for path in files_of(folder, train)]
    images = np.concatenate([part.images for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    return Records(images, labels, f"{len(labels)} CIFAR-10 records of {folder}")


def _read_archive(path: Path) -> Records:
    try:
        with np.load(path, allow_pickle=False) as archive:
            pixels, labels = archive["x"], archive["y"]
    except (OSError, ValueError, KeyError) as error:
        raise HarnessError(f"{path} is no .npz with arrays x and y: {error}") from error
    if pixels.ndim != 4 or pixels.shape[1:] != (SIZE, SIZE, 3) or pixels.dtype != np.uint8:
        raise HarnessError(f"{path}: x is {pixels.dtype} {pixels.shape}, not uint8 (N, 32, 32, 3).")
    if labels.shape != pixels.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
        raise HarnessError(
            f"{path}: y is {labels.dtype} {labels.shape}, not {len(pixels)} whole numbers."
        )
    negative = np.flatnonzero(labels < 0)
    if negative.size:
        raise HarnessError(f"{path}: record {negative[0]} has label {labels[negative[0]]}.")
    _check_labels(labels, str(path))
    images = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    return Records(images, labels.astype(np.uint8), f"{len(labels)} images of {path}")


def write_folder(folder: Path, train: Records | None, test: Records | None) -> None:
    """Lay records out as CIFAR-10 does: training records over five files, the test file apart."""
    if train is not None:
        parts = np.array_split(np.arange(len(train)), len(TRAIN_FILES))
        for name, part in zip(TRAIN_FILES, parts):
            some = Records(train.images[part], train.labels[part], train.origin)
            write_file(folder / TRAIN_FOLDERS[0] / name, some)
    if test is not None:
        write_file(folder / TEST_FOLDERS[0] / TEST_FILE, test)


def load(folder: Path | None, train: bool) -> Records:
    """The records below a folder, or the digits where none is named."""
    return digits(train) if folder is None else read_folder(folder, train)


@cache
def digits(train: bool) -> Records:
    """Real images that need no download: scikit-learn's handwritten digits as CIFAR-10 records.

    1,500 for training and 297 for testing, always the same; 8x8 enlarged to 32x32 (bilinear), inked
    differently in each plane. Raises HarnessError where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise HarnessError(
            "The built-in data are scikit-learn's digits: install scikit-learn, or name a folder "
            "with CIFAR-10."
        ) from error
    found = load_digits()
    chosen = slice(None, DIGITS_TRAIN) if train else slice(DIGITS_TRAIN, None)
    small = found.images[chosen] * (255 / 16)
    rows, columns = (bilinear_weights(size, SIZE) for size in small.shape[1:])
    large = rows @ small @ columns.T
    planes = np.stack([large * ink for ink in _INK], axis=1)
    labels = found.target[chosen].astype(np.uint8)
    half = "training" if train else "test"
    images = np.rint(planes).astype(np.uint8)
    for array in (images, labels):
        array.flags.writeable = False  # every caller has the same
    origin = f"{len(labels)} {half} images of scikit-learn's handwritten digits"
    return Records(images, labels, origin)


def bilinear_weights(size: int, wanted: int) -> np.ndarray:
    """The matrix (wanted, size) that resizes a line of pixels between its nearest two."""
    at = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
    return np.clip(1 - np.abs(at[:, None] - np.arange(size)), 0, None)
