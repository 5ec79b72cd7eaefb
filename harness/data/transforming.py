"""Whether each transform makes of torch's own input what torch makes of it."""

from collections.abc import Iterator

import numpy as np

from harness.cifar import digits
from harness.compare import judge
from harness.data.hypotheses import explanation
from harness.data.sides import batches, pipeline, trains
from harness.errors import HarnessError
from harness.pipelines import Pipeline, Transform, settings_of, statistics_of
from harness.recipe import Setting
from harness.stages.stage import Stage, concluded
from harness.verdict import AGREES, Finding, Verdict

#: (height, width) of the images that transforms are tried on: not square, larger and smaller than
#: common crops, an odd side among them.
SHAPES = ((48, 72), (75, 40))

#: Real records that go through both whole evaluation pipelines.
WHOLE = 8


def check_transforms(stage: Stage) -> Verdict:
    """Each transform, fed torch's own input to it, gives torch's output; so does the whole
    pipeline where nothing is random."""
    recipe = stage.recipe
    settings = settings_of(recipe, trains(stage))
    records = digits(False).first(WHOLE)
    torch = pipeline(stage, "torch", records)
    port = pipeline(stage, "mindspore", records)
    names = [setting.name for setting in settings]
    findings = [
        *_sequence("torch", names, [t.name for t in torch.transforms]),
        *_sequence("mindspore", names, [t.name for t in port.transforms]),
    ]
    if findings:
        return concluded("transforms", findings, compared=len(names))
    compared = 0
    wrong: dict[str, Finding] = {}
    for pixels in pictures(stage.entropy):
        given = pixels
        for setting, ours, theirs in zip(settings, torch.transforms, port.transforms):
            if ours.random:
                continue
            expected = ours.run(given)
            compared += 1
            if found := _judged(setting, given, expected, theirs):
                wrong.setdefault(setting.name, found)
            given = expected
    findings = list(wrong.values())
    if not findings and not any(transform.random for transform in torch.transforms):
        whole = list(_whole(stage, torch, port))
        compared += WHOLE
        findings += whole
    return concluded("transforms", findings, compared=compared)


def pictures(entropy: int) -> Iterator[np.ndarray]:
    """Images without any symmetry, uint8 (H, W, 3): coarse shapes under fine noise."""
    rng = np.random.default_rng([entropy, 7])
    for height, width in SHAPES:
        rows, columns = np.arange(height)[:, None] // 8, np.arange(width)[None] // 8
        coarse = rng.integers(0, 160, (height // 8 + 1, width // 8 + 1, 3))[rows, columns]
        yield (coarse + rng.integers(0, 96, (height, width, 3))).astype(np.uint8)


def _sequence(side: str, wanted: list[str], found: list[str]) -> list[Finding]:
    if wanted and not found:
        why = "the pipeline does not show its transforms, so none can be compared alone"
        return [Finding("data.transforms", f"{side}: {why}; see harness.pipelines.Pipeline.")]
    values = {side: " -> ".join(found) or "nothing"}
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    if missing and all(name.startswith("random_") for name in missing) and not extra:
        hint = " The evaluation pipeline trains, or augmentation is off."
    else:
        hint = ""
    findings = [
        Finding(f"data.{name}", f"{side} has no {name}; the recipe does.{hint}", **values)
        for name in missing
    ]
    findings += [
        Finding(f"data.{name}", f"{side} has a {name} that the recipe has not.", **values)
        for name in extra
    ]
    if not findings and found != wanted:
        place = next(name for name, want in zip(found, wanted) if name != want)
        findings.append(
            Finding(f"data.{place}", f"{side} has its transforms in another order.", **values)
        )
    return findings


def _judged(
    setting: Setting, given: np.ndarray, expected: np.ndarray, port: Transform
) -> Finding | None:
    place = f"data.{setting.name}"
    try:
        found = np.asarray(port.run(given))
    except HarnessError:
        raise
    except Exception as error:
        return Finding(place, f"MindSpore's raised {type(error).__name__}: {error}")
    if agree(setting, given, expected, found):
        return None
    why = explanation(setting, given, expected, found)
    because = f": {why}." if why else "."
    if found.shape != expected.shape:
        return Finding(
            place, f"The image has another shape{because}", str(expected.shape), str(found.shape)
        )
    if found.dtype != expected.dtype:
        because = f"{because} The dtype differs."
    off = np.abs(found.astype(np.float64) - expected)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(off), off.shape))
    unit = f"levels of 255 (mean {off.mean():.2f})" if expected.dtype == np.uint8 else "at most"
    share = f"{100 * float((off > 0).mean()):.0f}% of the values differ"
    return Finding(
        place,
        f"MindSpore's differs by {off.max():.3g} {unit}, {share}{because}",
        f"{setting}: {expected[worst]:.6g} at {worst} ({expected.dtype})",
        f"{found[worst]:.6g} ({found.dtype})",
    )


def agree(setting: Setting, given: np.ndarray, expected: np.ndarray, found: np.ndarray) -> bool:
    """Whether a transform's output is torch's: pixels exactly, floats by the rule of rounding."""
    if found.shape != expected.shape or found.dtype != expected.dtype:
        return False
    if expected.dtype == np.uint8:
        return bool((found == expected).all())
    return judge(found, expected, oracle(setting, given, expected)).status == AGREES


def oracle(setting: Setting, given: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The transform in float64, of the same float32 or uint8 input."""
    x = given.astype(np.float64)
    if setting.name == "to_tensor":
        return x.transpose(2, 0, 1) / 255
    if setting.name == "normalize":
        mean, std = (np.array(values)[:, None, None] for values in statistics_of(setting))
        return (x - mean) / std
    return expected.astype(np.float64)


def _whole(stage: Stage, torch: Pipeline, port: Pipeline) -> Iterator[Finding]:
    """The batches of both, over real records."""
    ours = np.concatenate([images for images, _ in batches("torch", torch, 0)])
    theirs = np.concatenate([images for images, _ in batches("mindspore", port, 0)])
    if ours.shape != theirs.shape:
        yield Finding(
            "data.batch", "The batches have other shapes.", str(ours.shape), str(theirs.shape)
        )
        return
    found = judge(theirs.astype(ours.dtype), ours, ours.astype(np.float64))
    if found.status != AGREES:
        why = ""
        for words, made in (
            ("BGR for RGB", ours[:, ::-1]),
            ("H and W are swapped", ours.transpose(0, 1, 3, 2)),
            ("the order of the samples differs", np.roll(ours, 1, 0)),
        ):
            if made.shape == theirs.shape and judge(
                theirs.astype(ours.dtype), made, made.astype(np.float64)
            ).status == AGREES:  # fmt: skip
                why = f": {words}"
                break
        yield Finding(
            "data.batch",
            f"Each transform alone is right, the batches differ by {found.error:.3g}{why}.",
        )
