"""Data pipelines that are ported wrong."""

from typing import Any

import numpy as np

from harness import Pair, Variant
from harness.recipe import Recipe, Setting
from seeded_stages import data_ms as ms
from seeded_stages.bug import StageBug

_LARGE, _SMALL = "pipelines.cifar10", "pipelines.cifar10_small"
_MEAN, _STD = [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]
_SIDES = "harness.backends.torch_pipelines:pipeline", ms.right


def _of(*evaluation: Setting, **settings: Any) -> Pair:
    recipe = Recipe("networks.none", evaluation=evaluation, batch_size=8, **settings)
    variants = {"evaluation": Variant({"train": False})}
    return Pair("pipelines.seeded", *_SIDES, recipe=recipe, variants=variants)


_TENSOR = Setting("to_tensor")
_BOTH = _of(Setting("resize", {"size": [20, 28]}), _TENSOR)
_PADDED = _of(Setting("pad", {"padding": [1, 2, 3, 4]}), _TENSOR)
_CENTRE = _of(Setting("center_crop", {"size": 25}), _TENSOR)


def _bug(name: str, pair: Any, check: str, wrong: Any, place: str, says: str = "") -> StageBug:
    return StageBug(f"data.{name}", pair, check, wrong, f"data.{place}", says)


def _normalized(name: str, mean: list[float], std: list[float], says: str) -> StageBug:
    wrong = ms.changed("normalize", lambda v: [v.Normalize(mean, std, is_hwc=False)])
    return _bug(name, f"{_SMALL}:evaluation", "transforms", wrong, "normalize", says)


def _resized(name: str, pair: Any, make: Any, says: str) -> StageBug:
    return _bug(name, pair, "transforms", ms.changed("resize", make), "resize", says)


def _picture(size: Any, kind: str = "BILINEAR") -> Any:
    """Resize on a PIL image."""

    def make(vision: Any) -> list[Any]:
        return [vision.ToPIL(), vision.Resize(size, vision.Inter[kind]), np.array]

    return make


def _cropped(name: str, check: str, make: Any, says: str) -> StageBug:
    wrong = ms.changed("random_crop", make)
    return _bug(name, f"{_SMALL}:train", check, wrong, "random_crop", says)


def _flipped(name: str, make: Any, says: str) -> StageBug:
    wrong = ms.changed("random_horizontal_flip", make)
    return _bug(name, f"{_SMALL}:train", "augmentation", wrong, "random_horizontal_flip", says)


def _float(x: np.ndarray) -> np.ndarray:
    return x.astype(np.float32)


_TESTED, _TRAINED = f"{_SMALL}:evaluation", f"{_SMALL}:train"

BUGS = [
    # Transforms.
    _bug("rescale_missing", _TESTED, "transforms",
         ms.changed("to_tensor", lambda v: [v.HWC2CHW(), _float]), "to_tensor",
         "Rescale(1/255) is missing"),
    _bug("rescaled_twice", _TESTED, "transforms",
         ms.changed("to_tensor", lambda v: [v.ToTensor(), v.Rescale(1 / 255, 0.0)]), "to_tensor",
         "scaled twice"),
    _normalized("statistics_reversed", _MEAN[::-1], _STD[::-1], "reversed order"),
    _normalized("mean_reversed", _MEAN[::-1], _STD, "mean is in reversed order"),
    _normalized("statistics_in_255", [m * 255 for m in _MEAN], [s * 255 for s in _STD],
                "mean and std are in 0..255"),
    _normalized("mean_in_255", [m * 255 for m in _MEAN], _STD, "the mean is in 0..255"),
    _bug("normalize_missing", _TESTED, "transforms", ms.without("normalize"), "normalize",
         "has no normalize"),
    _bug("bgr_to_tensor", _TESTED, "transforms", ms.after("to_tensor", lambda x: x[::-1].copy()),
         "to_tensor", "BGR"),
    _bug("h_and_w_swapped", _TESTED, "transforms",
         ms.after("to_tensor", lambda x: x.transpose(0, 2, 1).copy()), "to_tensor",
         "H and W are swapped"),
    _bug("hwc_left", _of(_TENSOR), "transforms",
         ms.changed("to_tensor", lambda v: [v.Rescale(1 / 255, 0.0)]), "to_tensor", "(H, W, C)"),
    _bug("hwc_left_in_batches", _of(_TENSOR), "batches",
         ms.changed("to_tensor", lambda v: [v.Rescale(1 / 255, 0.0)]), "layout", "(N, H, W, C)"),
    _resized("resize_nearest", _BOTH, _picture((20, 28), "NEAREST"), "nearest"),
    _resized("resize_bicubic", _BOTH, _picture((20, 28), "BICUBIC"), "bicubic"),
    _resized("resize_arrays", _BOTH, lambda v: [v.Resize((20, 28), v.Inter.BILINEAR)],
             "no antialiasing"),
    _resized("resize_both_sides", f"{_LARGE}:evaluation", _picture((224, 224)),
             "the shorter side"),
    _resized("resize_shorter_side", _BOTH, _picture(20), "sets both"),
    _resized("resize_turned", _BOTH, _picture((28, 20)), "H and W are swapped"),
    _bug("centre_rounded_down", _CENTRE, "transforms",
         ms.changed("center_crop", lambda v: [v.CenterCrop(25)]), "center_crop", "starts at row"),
    _bug("padding_as_convolutions", _PADDED, "transforms",
         ms.changed("pad", lambda v: [v.Pad((2, 4, 1, 3))]), "pad", "nn.Conv2d's"),
    _bug("padding_of_borders", _PADDED, "transforms",
         ms.changed("pad", lambda v: [v.Pad((1, 2, 3, 4), padding_mode=v.Border.EDGE)]), "pad",
         "repeats the border"),
    _bug("batches_of_other_pixels", _TESTED, "transforms",
         ms.batched(lambda rows: ((x[:, ::-1].copy(), y) for x, y in rows)), "batch", "BGR"),
    # Augmentation.
    _cropped("crop_of_the_centre", "augmentation",
             lambda v: [v.Pad((4, 4, 4, 4)), v.CenterCrop(32)], "always starts at row 4"),
    _cropped("crop_fills_white", "augmentation",
             lambda v: [v.RandomCrop((32, 32), (4, 4, 4, 4), fill_value=255)], "fills with 255"),
    _cropped("crop_mirrors_the_border", "augmentation",
             lambda v: [v.RandomCrop((32, 32), (4,) * 4, padding_mode=v.Border.REFLECT)],
             "mirrors the image"),
    _cropped("crop_from_two_rows", "augmentation",
             lambda v: [v.Pad((4, 0, 4, 0)), v.RandomCrop((32, 32))], ""),
    _flipped("flip_always", lambda v: [v.RandomHorizontalFlip(1.0)], "flips 640 of 640"),
    _flipped("flip_never", lambda v: [v.RandomHorizontalFlip(0.0)], "flips 0 of 640"),
    _flipped("flip_rarely", lambda v: [v.RandomHorizontalFlip(0.3)], "a flip of p = 0.5"),
    _flipped("flip_upside_down", lambda v: [v.RandomVerticalFlip(0.5)], "upside down"),
    _bug("frozen", _TRAINED, "augmentation", ms.frozen, "augmentation", "frozen"),
    _bug("same_decisions_each_epoch", _TRAINED, "augmentation", ms.each_epoch_the_same,
         "augmentation", "in every epoch"),
    _bug("flip_left_in_evaluation", _TESTED, "augmentation",
         ms.flip_left_on("random_horizontal_flip"), "random_horizontal_flip",
         "MindSpore's evaluation"),
    _bug("crop_left_in_evaluation", _TESTED, "transforms", ms.flip_left_on("random_crop"),
         "random_crop", "the recipe has not"),
    StageBug("data.flip_left_in_torchs_evaluation", _TESTED, "augmentation", None,
             "data.random_horizontal_flip", "torch's evaluation", {"torch": ms.torch_with_flip}),
    _bug("trained_on_the_evaluation_pipeline", _TRAINED, "transforms", ms.called(train=False),
         "random_crop", "evaluation pipeline"),
    # Order.
    _bug("shuffled_evaluation", _TESTED, "order", ms.trained_order_in_evaluation, "shuffle",
         "shuffle=False"),
    _bug("not_shuffled", _TRAINED, "order", ms.told(shuffle=False), "shuffle",
         "without shuffling"),
    _bug("same_order_each_epoch", _TRAINED, "order", ms.each_epoch_the_same, "shuffle",
         "same order in every epoch"),
    _bug("forty_shards", _TRAINED, "order", ms.left_from_profiling, "shards", "1/40"),
    _bug("forty_shards_in_evaluation", _TESTED, "order", ms.left_from_profiling, "shards", "1/40"),
    _bug("shards_overlap", _TRAINED, "order", ms.overlapping_shards, "shards", "more than once"),
    _bug("ranks_ignored", _TESTED, "order", ms.called(rank=0, ranks=1), "shards",
         "more than once"),
    _bug("repeat_in_order", _TRAINED, "order", ms.repeated(3), "repeat", "3 times"),
    # Batches.
    _bug("remainder_dropped_in_evaluation", _TESTED, "batches", ms.batched(
        lambda rows: ((x, y) for x, y in rows if len(y) == 32)), "drop_remainder", "1563"),
    _bug("remainder_kept_in_training", _TRAINED, "batches", ms.told(drop_last=False),
         "drop_remainder", "1562"),
    _bug("remainder_dropped_in_training", f"{_LARGE}:train", "batches", ms.told(drop_last=True),
         "drop_remainder", "1563"),
    _bug("repeat", _TRAINED, "batches", ms.repeated(3), "repeat", "3 epochs"),
    _bug("batch_size", _TRAINED, "batches", ms.told(batch_size=16), "batch_size", "16, not 32"),
    _bug("length_claimed", _TRAINED, "batches", ms.claimed(4), "length", "claims 4"),
    # Records.
    _bug("labels_float", _TESTED, "records", ms.labelled(lambda y: y.astype(np.float32)), "labels",
         "float32"),
    _bug("labels_int64", _TESTED, "records", ms.labelled(lambda y: y.astype(np.int64)), "labels",
         "int64"),
    _bug("labels_off_by_one", _TESTED, "records", ms.labelled(lambda y: y + 1), "labels", "by +1"),
    _bug("records_bgr", _TESTED, "records", ms.read_as(lambda x: x[:, ::-1]), "records", "BGR"),
    _bug("records_turned", _TESTED, "records", ms.read_as(lambda x: x.transpose(0, 1, 3, 2)),
         "records", "H and W"),
    _bug("records_interleaved", _TESTED, "records", ms.read_as(
        lambda x: x.reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2)), "records", "interleaved"),
]  # fmt: skip
