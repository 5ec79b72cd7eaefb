"""What a person reads about recipes, trainings and evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evaluation import Comparison, Disagreement
from harness.recipe import Recipe, differences, flat, random_in_evaluation

if TYPE_CHECKING:
    from harness.training import Trained

#: Disagreements shown before the rest is only counted.
_ROWS = 20


def checklist(recipe: Recipe) -> str:
    """A recipe as the checklist table of a migration."""
    settings = recipe.optimizer.arguments
    optimizer = ", ".join(f"{k} {v}" for k, v in settings.items() if k != "lr")
    tricks = ", ".join(f"{k} {v}" for k, v in recipe.tricks.items()) or "none"
    last = "left out" if recipe.drop_last else "kept"
    structure = ", ".join(f"{k} {v}" for k, v in recipe.structure.items())
    rows = [
        ("network", recipe.network + (f":{recipe.variant}" if recipe.variant else "")),
        ("structure", structure or "as the pair says"),
        ("augmentation", " · ".join(map(str, recipe.augmentation)) or "none"),
        ("evaluation", " · ".join(map(str, recipe.evaluation)) or "none"),
        ("learning rate", f"{settings.get('lr', 'default')}, {recipe.schedule}"),
        ("optimizer", f"{recipe.optimizer.name}{', ' if optimizer else ''}{optimizer}"),
        ("loss", str(recipe.loss)),
        ("batch size", f"{recipe.batch_size}, the last smaller batch is {last}"),
        ("epochs", f"{recipe.epochs}, {'shuffled' if recipe.shuffle else 'in order'}"),
        ("training tricks", tricks),
        ("precision", recipe.precision),
    ]
    lines = [f"  {name:<16} {value}" for name, value in rows]
    for name in random_in_evaluation(recipe):
        lines.append(f"WARNING {name} is on where images are tested: accuracies change from run "
                     f"to run")  # fmt: skip
    return "\n".join(lines)


def recipe_differences(ours: Recipe, theirs: Recipe, names: tuple[str, str]) -> str:
    """What two recipes say differently, setting by setting."""
    found = differences(ours, theirs)
    if not found:
        return f"The two recipes say the same, in all {len(flat(ours))} settings."
    width = max(len(key) for key, _, _ in found)
    columns = max([len(value) for _, value, _ in found] + [len(names[0])])
    lines = [
        f"{len(found)} settings differ:",
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


def comparison(found: Comparison, count: int, origin: str) -> str:
    """Both sides' metrics on a test set, and every image on which they disagree."""
    lines = [
        f"{found.labels.get('reference', 'torch')}  vs  {found.labels.get('candidate', '')}",
        f"{count} images ({origin})",
        "",
        f"  {'':<14}{'torch':>12}{'mindspore':>12}",
        f"  {'average loss':<14}{found.torch.loss:>12.6f}{found.mindspore.loss:>12.6f}",
        f"  {'accuracy':<14}{found.torch.accuracy:>12.2%}{found.mindspore.accuracy:>12.2%}",
    ]
    for label, (share, number) in found.torch.by_class.items():
        ours = found.mindspore.by_class[label][0]
        lines.append(f"  {f'class {label}':<14}{share:>12.2%}{ours:>12.2%}   of {number}")
    lines += ["", f"Largest difference of a logit {found.largest_difference:.2e}."]
    lines += [_disagreement(item) for item in found.disagreements[:_ROWS]]
    if len(found.disagreements) > _ROWS:
        lines.append(f"  and {len(found.disagreements) - _ROWS} more")
    lines.append(_sentence(found, count))
    return "\n".join(lines)


def _disagreement(item: Disagreement) -> str:
    what = "a tie within float32's noise" if item.tie else "more than float32's noise explains"
    return (
        f"  image {item.image} (label {item.label}): torch {item.classes[0]} by "
        f"{item.margins[0]:.2e}, mindspore {item.classes[1]} by {item.margins[1]:.2e}, float64 "
        f"{item.oracle}; noise {item.noise:.1e}: {what}"
    )


def _sentence(found: Comparison, count: int) -> str:
    if not found.disagreements:
        return f"EQUAL: both predict the same class on all {count} images."
    ties = sum(item.tie for item in found.disagreements)
    if found.equal:
        return (
            f"EQUAL: both predict the same class on {found.agreement} of {count} images; the other "
            f"{ties} are ties within float32's noise."
        )
    return (
        f"DIFFERENT: the predictions differ on {count - found.agreement} of {count} images, and "
        f"rounding explains {ties} of them."
    )


def trained(found: Trained, folder: str) -> str:
    """How a training in lockstep ended: accuracies by epoch, and the sentence."""
    sides = list(found.epochs[0])
    lines = ["  test accuracy", "  epoch  " + "".join(f"{name:>11}" for name in sides)]
    for number, tested in enumerate(found.epochs):
        shares = "".join(f"{tested[name].accuracy:>11.2%}" for name in sides)
        lines.append(f"  {number:<7}{shares}")
    last = found.epochs[-1]
    ours, want = (f"{last[name].accuracy:.2%}" for name in ("mindspore", "torch"))
    for finding in found.findings:
        lines.append(f"DIVERGENT: {finding.place}: {finding.sentence}: torch {want}, mindspore "
                     f"{ours}.")  # fmt: skip
    if not found.findings:
        lines.append(
            f"EQUIVALENT: after {len(found.losses)} steps torch is right on {want} and mindspore "
            f"on {ours} of the test images, as far apart as torch's own twins and chance explain "
            f"({found.allowed:.2%}); the commonest class alone would be {found.chance:.2%}."
        )
    return "\n".join([*lines, f"Checkpoints and the log are in {folder}."])
