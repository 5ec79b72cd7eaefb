"""What a person reads about recipes, trainings and evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evaluation import Comparison, Disagreement
from harness.recipe import Recipe, differences, flat, random_in_evaluation
from harness.report.messages import Catalogue, catalogue
from harness.report.told import told
from harness.report.words import left, right

if TYPE_CHECKING:
    from harness.training import Trained

#: Disagreements shown before the rest is only counted.
_ROWS = 20


def checklist(recipe: Recipe, lang: str = "en") -> str:
    """A recipe as the checklist table of a migration."""
    say = catalogue(lang)
    settings = recipe.optimizer.arguments
    optimizer = ", ".join(f"{k} {v}" for k, v in settings.items() if k != "lr")
    tricks = ", ".join(f"{k} {v}" for k, v in recipe.tricks.items())
    structure = ", ".join(f"{k} {v}" for k, v in recipe.structure.items())
    none = say("none")
    batches = (
        say("{n}, the last smaller batch is left out", n=recipe.batch_size)
        if recipe.drop_last
        else say("{n}, the last smaller batch is kept", n=recipe.batch_size)
    )
    order = say("shuffled") if recipe.shuffle else say("in order")
    rows = [
        (say("network"), recipe.network + (f":{recipe.variant}" if recipe.variant else "")),
        (say("structure"), structure or say("as the pair says")),
        (say("augmentation"), " · ".join(map(str, recipe.augmentation)) or none),
        (say("evaluation"), " · ".join(map(str, recipe.evaluation)) or none),
        (say("learning rate"), f"{settings.get('lr', say('default'))}, {recipe.schedule}"),
        (say("optimizer"), f"{recipe.optimizer.name}{', ' if optimizer else ''}{optimizer}"),
        (say("loss"), str(recipe.loss)),
        (say("batch size"), batches),
        (say("epochs"), f"{recipe.epochs}, {order}"),
        (say("training tricks"), tricks or none),
        (say("precision"), recipe.precision),
    ]
    lines = [f"  {left(name, 16)} {value}" for name, value in rows]
    lines += [
        say("WARNING {name} is on where images are tested: accuracies change from run to run",
            name=name)
        for name in random_in_evaluation(recipe)
    ]  # fmt: skip
    return "\n".join(lines)


def recipe_differences(
    ours: Recipe, theirs: Recipe, names: tuple[str, str], lang: str = "en"
) -> str:
    """What two recipes say differently, setting by setting."""
    say = catalogue(lang)
    found = differences(ours, theirs)
    if not found:
        return say("The two recipes say the same, in all {n} settings.", n=len(flat(ours)))
    width = max(len(key) for key, _, _ in found)
    columns = max([len(value) for _, value, _ in found] + [len(names[0])])
    lines = [
        say("{n} settings differ:", n=len(found)),
        f"  {'':<{width}}  {names[0]:<{columns}}  {names[1]}",
    ]
    lines += [f"  {key:<{width}}  {one:<{columns}}  {other}" for key, one, other in found]
    return "\n".join(lines)


def epoch_line(epoch: int, batch: int, batches: int, loss: float) -> str:
    """A training's log line, as the reference prints it."""
    share = 100.0 * batch / batches
    return f"Train Epoch: {epoch} [{batch}/{batches} ({share:.0f}%)]\tLoss: {loss:.6f}"


def test_line(loss: float, accuracy: float) -> str:
    """An evaluation's log line, as the reference prints it."""
    return f"Test set: Average loss: {loss:.4f}, Accuracy: {100 * accuracy:.0f}%"


def comparison(found: Comparison, count: int, origin: str, lang: str = "en") -> str:
    """Both sides' metrics on a test set, and every image on which they disagree."""
    say = catalogue(lang)
    ours, want = found.mindspore, found.torch
    lines = [
        say("{reference}  vs  {candidate}", reference=found.labels.get("reference", "torch"),
            candidate=found.labels.get("candidate", "")),
        say("{n} images ({origin})", n=count, origin=told(origin, say)),
        "",
        f"  {'':<14}{'torch':>12}{'mindspore':>12}",
        f"  {left(say('average loss'), 14)}{want.loss:>12.6f}{ours.loss:>12.6f}",
        f"  {left(say('accuracy'), 14)}{want.accuracy:>12.2%}{ours.accuracy:>12.2%}",
    ]  # fmt: skip
    for label, (share, number) in want.by_class.items():
        name = left(say("class {label}", label=label), 14)
        total = say("of {n}", n=number)
        lines.append(f"  {name}{share:>12.2%}{ours.by_class[label][0]:>12.2%}   {total}")
    largest = say("Largest difference of a logit {value:.2e}.", value=found.largest_difference)
    lines += ["", largest]
    lines += [f"  {_disagreement(item, say)}" for item in found.disagreements[:_ROWS]]
    if len(found.disagreements) > _ROWS:
        lines.append(f"  {say('and {n} more', n=len(found.disagreements) - _ROWS)}")
    lines.append(_sentence(found, count, say))
    return "\n".join(lines)


def _disagreement(item: Disagreement, say: Catalogue) -> str:
    return say(
        "image {image} (label {label}): torch {torch} by {a:.2e}, mindspore {mindspore} by "
        "{b:.2e}, float64 {oracle}; noise {noise:.1e}: {what}",
        image=item.image, label=item.label, oracle=item.oracle, noise=item.noise,
        torch=item.classes[0], a=item.margins[0], mindspore=item.classes[1], b=item.margins[1],
        what=say("a tie within float32's noise")
        if item.tie
        else say("more than float32's noise explains"),
    )  # fmt: skip


def _sentence(found: Comparison, count: int, say: Catalogue) -> str:
    if not found.disagreements:
        return say("EQUAL: both predict the same class on all {n} images.", n=count)
    ties = sum(item.tie for item in found.disagreements)
    if found.equal:
        return say(
            "EQUAL: both predict the same class on {same} of {n} images; the other {ties} are "
            "ties within float32's noise.", same=found.agreement, n=count, ties=ties,
        )  # fmt: skip
    return say(
        "DIFFERENT: the predictions differ on {different} of {n} images, and rounding explains "
        "{ties} of them.", different=count - found.agreement, n=count, ties=ties,
    )  # fmt: skip


def trained(found: Trained, folder: str, lang: str = "en") -> str:
    """How a training in lockstep ended: accuracies by epoch, and the sentence."""
    say = catalogue(lang)
    sides = list(found.epochs[0])
    heads = "".join(right(_side(name, say), 11) for name in sides)
    lines = [f"  {say('test accuracy')}", f"  {left(say('epoch'), 7)}{heads}"]
    for number, tested in enumerate(found.epochs):
        shares = "".join(f"{tested[name].accuracy:>11.2%}" for name in sides)
        lines.append(f"  {number:<7}{shares}")
    last = found.epochs[-1]
    ours, want = (f"{last[name].accuracy:.2%}" for name in ("mindspore", "torch"))
    for finding in found.findings:
        lines.append(say(
            "DIVERGENT: {place}: {sentence}: torch {torch}, mindspore {mindspore}.",
            place=finding.place, sentence=told(finding.sentence, say), torch=want, mindspore=ours,
        ))  # fmt: skip
    if not found.findings:
        lines.append(say(
            "EQUIVALENT: after {n} steps torch is right on {torch} and mindspore on {mindspore} "
            "of the test images, as far apart as torch's own twins and chance explain "
            "({allowed:.2%}); the commonest class alone would be {chance:.2%}.",
            n=len(found.losses), torch=want, mindspore=ours, allowed=found.allowed,
            chance=found.chance,
        ))  # fmt: skip
    return "\n".join([*lines, say("Checkpoints and the log are in {folder}.", folder=folder)])


def _side(name: str, say: Catalogue) -> str:
    """A column's head: a framework, or one of torch's twins."""
    twin = name.removeprefix("twin ")
    return name if twin == name else say("twin {n}", n=twin)
