"""``evaluate``: trained weights on labelled images in both frameworks."""

import argparse
from pathlib import Path

import numpy as np

from harness import cifar, evaluation
from harness.commands import common
from harness.errors import HarnessError
from harness.images import Images, fit, load_images, normalise
from harness.pair import Preprocess
from harness.report import training
from harness.report.messages import catalogue
from harness.worker import WorkerFailure


def run(arguments: argparse.Namespace) -> int:
    """Print metrics and every disagreement; 1 where rounding does not explain all of them."""
    say = catalogue(arguments.lang)
    pair, variant = common.chosen(arguments)
    images = labelled_images(arguments.data, common.preprocess_of(arguments, pair))
    data, notes = common.given_parameters(arguments, pair, variant)
    for note in notes:
        print(say("note: {note}", note=note))
    if data.parameters is None:
        print(say("note: torch's parameters are drawn, not trained; pass --weights FILE"))
    if arguments.limit:
        images = Images(images.batch[: arguments.limit], images.names[: arguments.limit],
                        images.labels[: arguments.limit], images.origin)  # type: ignore[index]  # fmt: skip
    with common.runner(arguments) as runner:
        try:
            found = runner.call(
                "evaluating", evaluation.compare, pair, variant, arguments.seed,
                common.settings_of(arguments), data, images.batch, images.labels, images.names,
            )  # fmt: skip
        except WorkerFailure as error:
            raise HarnessError(str(error)) from error
    print(training.comparison(found, len(images.names), images.origin, arguments.lang))
    return 0 if found.equal else 1


def labelled_images(data: str | None, preprocess: Preprocess) -> Images:
    """--data as a network's inputs: CIFAR-10's folder or file, an .npz, or the embedded digits."""
    path = Path(data) if data else None
    if path is not None and path.suffix == ".npz":
        images = load_images(path, preprocess)
        if images.labels is None:
            raise HarnessError(f"{path} has no labels: an array y beside x.")
        return images
    if path is not None and path.is_file():
        records = cifar.read_file(path)
    else:
        records = cifar.load(path, train=False)
    return of_records(records, preprocess)


def of_records(records: cifar.Records, preprocess: Preprocess) -> Images:
    """Records as a network's inputs."""
    from PIL import Image

    planes = [
        normalise(fit(Image.fromarray(records.pixels(i)), preprocess.size), preprocess)
        for i in range(len(records))
    ]
    names = tuple(str(number) for number in range(len(records)))
    return Images(np.stack(planes), names, records.labels.astype(np.int64), records.origin)
