"""Real images as network inputs: the user's files, or photographs that scikit-learn ships."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import HarnessError
from harness.pair import Preprocess

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".ppm")


@dataclass(frozen=True)
class Images:
    """A batch (N, 3, H, W) float32, a name for each image, labels (N,) where they are known."""

    batch: np.ndarray
    names: tuple[str, ...]
    labels: np.ndarray | None = None
    origin: str = ""


def load_images(path: Path | None, preprocess: Preprocess) -> Images:
    """Read images and normalise them. Raises HarnessError for what cannot be read.

    path: an image, a folder of images, or ``.npz`` with ``x`` uint8 (N, H, W, 3), optional ``y``;
    None takes four crops of each of scikit-learn's two sample photographs.
    """
    labels = None
    if path is None:
        pictures, origin = list(_sample_photographs()), "scikit-learn's sample photographs"
    elif path.suffix == ".npz":
        pictures, labels = _labelled(path)
        origin = str(path)
    else:
        pictures, origin = list(_files(path)), str(path)
    planes = [normalise(fit(picture, preprocess.size), preprocess) for _, picture in pictures]
    return Images(np.stack(planes), tuple(name for name, _ in pictures), labels, origin)


def fit(picture: Any, size: tuple[int, int]) -> np.ndarray:
    """Crop to the aspect ratio around the centre, resize (bilinear): uint8 (H, W, 3)."""
    from PIL import Image, ImageOps

    height, width = size
    if (picture.height, picture.width) != size:
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)
    return np.asarray(picture)


def normalise(pixels: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """uint8 (H, W, 3) to float32 (3, H, W): scaled to 0..1, mean subtracted, divided by std."""
    scaled = pixels.astype(np.float32) / np.float32(255)
    mean, std = (np.array(v, np.float32) for v in (preprocess.mean, preprocess.std))
    return np.ascontiguousarray(((scaled - mean) / std).transpose(2, 0, 1))


def _sample_photographs() -> Iterator[tuple[str, Any]]:
    from PIL import Image
    from sklearn.datasets import load_sample_images

    found = load_sample_images()
    for name, pixels in zip(found.filenames, found.images):
        picture = Image.fromarray(pixels)
        width, height = picture.width * 3 // 5, picture.height * 3 // 5
        for place, left, top in (
            ("top left", 0, 0),
            ("top right", picture.width - width, 0),
            ("bottom left", 0, picture.height - height),
            ("bottom right", picture.width - width, picture.height - height),
        ):
            crop = picture.crop((left, top, left + width, top + height))
            yield f"{Path(name).name}, {place}", crop


def _files(path: Path) -> Iterator[tuple[str, Any]]:
    from PIL import Image, UnidentifiedImageError

    if not path.exists():
        raise HarnessError(f"{path}: no such image or folder.")
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
    for file in files if path.is_dir() else [path]:
        try:
            with Image.open(file) as picture:
                yield file.name, picture.convert("RGB")
        except (UnidentifiedImageError, OSError) as error:
            raise HarnessError(f"{file} is not a readable image: {error}") from error
    if path.is_dir() and not files:
        raise HarnessError(f"{path} holds no images ({', '.join(IMAGE_SUFFIXES)}).")


def _labelled(path: Path) -> tuple[list[tuple[str, Any]], np.ndarray | None]:
    from PIL import Image

    try:
        with np.load(path, allow_pickle=False) as archive:
            pixels = archive["x"]
            labels = archive["y"].astype(np.int64) if "y" in archive.files else None
    except (OSError, ValueError, KeyError) as error:
        raise HarnessError(f"{path} is no .npz with an array x: {error}") from error
    if pixels.ndim != 4 or pixels.shape[3] != 3 or pixels.dtype != np.uint8:
        raise HarnessError(f"{path}: x is {pixels.dtype} {pixels.shape}, not uint8 (N, H, W, 3).")
    return [(str(i), Image.fromarray(p)) for i, p in enumerate(pixels)], labels
