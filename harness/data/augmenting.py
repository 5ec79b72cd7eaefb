"""Whether random transforms draw what torch's draw: each decision is read off the outputs.

What a recipe's crops and flips can make of one image is a finite set. Every output of either side
must be one of it, value for value, which tells the crop's offset and the flip that were drawn; over
many draws of one image those must be as frequent as torch's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from harness.cifar import SIZE, Records
from harness.compare import judge
from harness.data.hypotheses import FILLS, misread, padded
from harness.data.sides import NAMES, SIDES, batches, pipeline, trains
from harness.data.tagged import middle
from harness.pipelines import Pipeline, both_sides, padding_of, settings_of
from harness.recipe import Setting, random_in_evaluation
from harness.stages.stage import Stage, concluded
from harness.tolerance import AUGMENTATION_DRAWS, AUGMENTATION_FALSE_ALARMS
from harness.verdict import AGREES, Finding, Verdict

BATCH = 16

#: Values of each output that tell the candidates apart, before the whole is compared.
_PROBES = 512


@dataclass(frozen=True)
class Drawn:
    """One decision: where the crop starts in the padded image, whether the image is flipped."""

    row: int = 0
    column: int = 0
    flip: bool = False


class Candidates:
    """Everything that random transforms can make of one image.

    how: what crops pad with, and fewer or other sides; flips: the axis that is mirrored.
    """

    def __init__(
        self,
        pixels: np.ndarray,
        settings: Sequence[Setting],
        made: Pipeline,
        fill: dict[str, object] | None = None,
        flips: int = 1,
        misreading: str = "",
    ) -> None:
        grown = [(Drawn(), pixels)]
        for setting, transform in zip(settings, made.transforms):
            if setting.name == "random_crop":
                sides = padding_of(setting)
                sides = misread(*sides)[misreading] if misreading else sides
                grown = [new for old in grown for new in _crops(*old, setting, sides, fill or {})]
            elif setting.name == "random_horizontal_flip":
                grown += [
                    (Drawn(d.row, d.column, True), np.ascontiguousarray(np.flip(x, flips)))
                    for d, x in grown
                ]
            else:
                grown = [(drawn, transform.run(x)) for drawn, x in grown]
        self.drawn = [drawn for drawn, _ in grown]
        self.images = [image for _, image in grown]
        size = self.images[0].size
        self._at = np.random.default_rng(size).integers(0, size, _PROBES)
        self._probes = np.stack([image.ravel()[self._at] for image in self.images])

    def match(self, output: np.ndarray) -> Drawn | None:
        """The decision that gives this output in every value; None where no decision does."""
        if output.shape != self.images[0].shape:
            return None
        off = np.abs(self._probes - output.ravel()[self._at]).max(axis=1)
        at = int(np.argmin(off))
        wanted = self.images[at]
        found = judge(output.astype(wanted.dtype), wanted, wanted.astype(np.float64))
        return self.drawn[at] if found.status == AGREES else None


def _crops(
    drawn: Drawn,
    pixels: np.ndarray,
    setting: Setting,
    sides: tuple[int, int, int, int],
    fill: dict[str, object],
) -> Iterator[tuple[Drawn, np.ndarray]]:
    large = padded(pixels, sides, **fill)
    height, width = both_sides(setting)
    for row in range(large.shape[0] - height + 1):
        for column in range(large.shape[1] - width + 1):
            cut = np.ascontiguousarray(large[row : row + height, column : column + width])
            yield Drawn(row, column, drawn.flip), cut


def check_augmentation(stage: Stage) -> Verdict:
    """Every augmented image is one that torch could have made, drawn as often as torch draws it;
    nothing is random where images are tested."""
    if not trains(stage):
        return _deterministic(stage)
    settings = settings_of(stage.recipe, True)
    if not any(setting.name.startswith("random_") for setting in settings):
        return _deterministic(stage)
    recipe = replace(stage.recipe, batch_size=BATCH)
    pixels = np.random.default_rng([stage.entropy, 3]).integers(0, 256, (3, SIZE, SIZE), np.uint8)
    images = np.repeat(pixels[None], AUGMENTATION_DRAWS, 0)
    records = Records(images, np.zeros(len(images), np.uint8), "one image")
    findings: list[Finding] = []
    compared = 0
    for side in SIDES:
        made = pipeline(stage, side, records, recipe)
        reference = pipeline(stage, "torch", records, recipe)
        epochs = [_images(side, made, epoch) for epoch in (0, 1)]
        if not all(map(len, epochs)):
            findings.append(Finding("data.records", f"{NAMES[side]} delivers nothing."))
            continue
        compared += sum(map(len, epochs))
        found = _judged(side, records.pixels(0), settings, reference, made, epochs)
        findings += found
    note = f"{AUGMENTATION_DRAWS} draws an epoch, {AUGMENTATION_FALSE_ALARMS:g} false alarms a test"
    return concluded("augmentation", findings, compared=compared, notes=[note])


def _images(side: str, made: Pipeline, epoch: int) -> np.ndarray:
    found = [images for images, _ in batches(side, made, epoch)]
    return np.concatenate(found) if found else np.empty((0, 3, SIZE, SIZE), np.float32)


def _judged(
    side: str,
    pixels: np.ndarray,
    settings: Sequence[Setting],
    reference: Pipeline,
    made: Pipeline,
    epochs: Sequence[np.ndarray],
) -> list[Finding]:
    name = NAMES[side]
    candidates = Candidates(pixels, settings, reference)
    if candidates.match(epochs[0][0]) is None and side != "torch":
        # Fixed transforms that are wrong are another check's matter: take the side's own.
        own = [t.name for t in made.transforms] == [s.name for s in settings]
        candidates = Candidates(pixels, settings, made) if own else candidates
    drawn = [[candidates.match(image) for image in images] for images in epochs]
    unknown = sum(d is None for epoch in drawn for d in epoch)
    if unknown:
        total = sum(map(len, drawn))
        outputs = [o for d, i in zip(drawn, epochs) for o, each in zip(i, d) if each is None]
        place, why = _explained(pixels, settings, reference, outputs)
        sentence = (
            f"{unknown} of {total} images of {name} are none that torch's random transforms "
            f"can make{why}."
        )
        return [Finding(place, sentence)]
    first, second = ([d for d in epoch if d is not None] for epoch in drawn)
    if len(set(first)) == 1:
        return [
            Finding(
                "data.augmentation",
                f"{name}'s augmentation is frozen: all {len(first)} draws are {first[0]}. Eager "
                f"vision transforms repeat one decision after mindspore.set_seed.",
            )
        ]
    if first == second:
        return [
            Finding(
                "data.augmentation", f"{name} draws the same {len(first)} decisions in every epoch."
            )
        ]
    findings = []
    for setting in settings:
        if setting.name == "random_horizontal_flip":
            findings += _flips(name, side, first + second, setting)
        if setting.name == "random_crop":
            findings += _offsets(name, side, first + second, candidates.drawn)
    return findings


def _flips(name: str, side: str, drawn: list[Drawn], setting: Setting) -> list[Finding]:
    wanted, flipped = float(setting.arguments.get("p", 0.5)), sum(d.flip for d in drawn)
    chance = stats.binomtest(flipped, len(drawn), wanted).pvalue
    if chance >= AUGMENTATION_FALSE_ALARMS:
        return []
    return [
        Finding(
            "data.random_horizontal_flip",
            f"{name} flips {flipped} of {len(drawn)} images; a flip of p = {wanted:g} does so with "
            f"a chance of {chance:.1g}.",
            **{side: f"{flipped / len(drawn):.2f}"},
        )
    ]


def _offsets(name: str, side: str, drawn: list[Drawn], possible: list[Drawn]) -> list[Finding]:
    findings = []
    for axis in ("row", "column"):
        places = sorted({getattr(d, axis) for d in possible})
        if len(places) < 2:
            continue
        counts = [sum(getattr(d, axis) == place for d in drawn) for place in places]
        chance = float(stats.chisquare(counts).pvalue)
        if chance >= AUGMENTATION_FALSE_ALARMS:
            continue
        often = places[int(np.argmax(counts))]
        always = f"always starts at {axis} {often}" if max(counts) == len(drawn) else ""
        words = always or f"starts at {axis} {often} in {max(counts)} of {len(drawn)} images"
        findings.append(
            Finding(
                "data.random_crop",
                f"{name}'s crop {words} of {places[0]} to {places[-1]}; drawn evenly that has a "
                f"chance of {chance:.1g}.",
                **{side: f"{axis}s drawn {counts}"},
            )
        )
    return findings


def _explained(
    pixels: np.ndarray, settings: Sequence[Setting], reference: Pipeline, outputs: list[np.ndarray]
) -> tuple[str, str]:
    """The place, and the mistake that makes all of the outputs."""

    def fits(candidates: Candidates) -> bool:
        return all(candidates.match(output) is not None for output in outputs[:BATCH])

    names = [setting.name for setting in settings]
    if "random_horizontal_flip" in names and fits(Candidates(pixels, settings, reference, flips=0)):
        return "data.random_horizontal_flip", ": they are flipped upside down"
    for setting in settings:
        if setting.name != "random_crop":
            continue
        for words, how in FILLS.items():
            if fits(Candidates(pixels, settings, reference, fill=how)):
                return "data.random_crop", f": the padding {words}, torch's is 0"
        for words in misread(*padding_of(setting)):
            try:
                if fits(Candidates(pixels, settings, reference, misreading=words)):
                    return "data.random_crop", f": the padding is wrong: {words}"
            except (ValueError, IndexError):
                continue  # too small to be cropped when it is padded so
    return "data.augmentation", ""


def _deterministic(stage: Stage) -> Verdict:
    """Two passes over what is tested must be bit-identical, on each side."""
    recipe = replace(stage.recipe, batch_size=BATCH)
    rng = np.random.default_rng([stage.entropy, 5])
    images = rng.integers(0, 256, (2 * BATCH, 3, SIZE, SIZE), np.uint8)
    records = Records(images, np.zeros(len(images), np.uint8), "noise")
    findings, compared = [], 0
    for side in SIDES:
        made = pipeline(stage, side, records, recipe)
        first, second = (
            [image for images, _ in batches(side, made, epoch) for image in images]
            for epoch in (0, 1)
        )
        if trains(stage):  # in another order each epoch
            first, second = (
                sorted(each, key=lambda x: middle(x).tolist()) for each in (first, second)
            )
        compared += len(first)
        changed = sum(not np.array_equal(a, b) for a, b in zip(first, second))
        if changed or len(first) != len(second):
            findings.append(_random(stage, side, made, changed, len(first)))
    return concluded("augmentation", findings, compared=compared)


def _random(stage: Stage, side: str, made: Pipeline, changed: int, count: int) -> Finding:
    left = random_in_evaluation(stage.recipe)
    named = [t.name for t in made.transforms if t.random] or left
    where = f"data.{named[0]}" if named else "data.augmentation"
    what = f"{', '.join(named)} is left on" if named else "something random is left on"
    words = "evaluation" if not trains(stage) else "pipeline without augmentation"
    whose = " The recipe itself says so." if left else ""
    return Finding(
        where,
        f"Two passes over {NAMES[side]}'s {words} differ in {changed} of {count} images: {what}, "
        f"so that an accuracy is another one each time.{whose}",
        **{side: "random"},
    )
