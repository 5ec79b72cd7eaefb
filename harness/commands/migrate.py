"""``migrate``: the main job, from torch parameters to a verdict on real images."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness import migration
from harness.commands import common
from harness.commands.check import print_verdicts
from harness.errors import HarnessError
from harness.images import Images, load_images
from harness.pair import CHECKS
from harness.worker import WorkerFailure

#: Images and classes shown one by one before the rest is only counted.
_ROWS = 10


#: The battery without what given parameters make irrelevant.
_JUDGED = [check for check in CHECKS if check not in ("initialization", "optimizer_step")]


def run(arguments: argparse.Namespace) -> int:
    """Convert, load, run both sides on images, print what came out and the verdict."""
    pair, variant = common.chosen(arguments)
    images = load_images(
        Path(arguments.input) if arguments.input else None, common.preprocess_of(arguments, pair)
    )
    # The images are read here, once, for prediction as well as for the verdict.
    data, notes = common.given_parameters(arguments, pair, variant)
    settings = common.settings_of(arguments)
    folder = Path(arguments.out).resolve()  # the worker has a working directory of its own
    folder.mkdir(parents=True, exist_ok=True)
    print(f"From torch to MindSpore: {pair.name}:{variant}\n")
    with common.runner(arguments) as runner:
        if data.parameters is None:
            initial = runner.call(
                "initialising",
                migration.initial_parameters,
                pair,
                variant,
                arguments.seed,
                settings,
            )
            data = replace(data, parameters=initial)
        judged = migration.judged_images(images.batch)
        data = replace(data, inputs=(judged,))
        try:
            found = runner.call(
                "migrating", migration.migrate, pair, variant, arguments.seed, settings, data,
                folder, images.batch,
            )  # fmt: skip
        except WorkerFailure as error:
            raise HarnessError(str(error)) from error
        _print_parameters(arguments, found, notes)
        _print_images(images, found)
        verdicts = common.run_battery(
            runner, pair, variant, _JUDGED, arguments.seed, settings, data
        )
    print(f"\n4. Verdict, module by module, on {len(judged)} of the images, forward and backward")
    print_verdicts(verdicts, arguments.verbose)
    return 0 if all(v.passed for v in verdicts) else 1


def _print_parameters(
    arguments: argparse.Namespace, found: migration.Migration, notes: list[str]
) -> None:
    print("1. Parameters")
    if arguments.weights:
        print(f"   from {arguments.weights}")
    else:
        print(
            f"   torch's own initialisation, seed {arguments.seed}. UNTRAINED: the predictions "
            f"below mean nothing,\n   their equality does. Pass --weights FILE for trained ones."
        )
    for note in notes:
        print(f"   {note}")
    for line in found.mapping.splitlines():
        print(f"   {line}")
    file = Path(arguments.out) / found.checkpoint.name
    print(f"\n2. Conversion\n   {file}, {found.size / 1e6:.1f} MB, read back bit for bit")


def _print_images(images: Images, found: migration.Migration) -> None:
    count = len(images.names)
    print(f"\n3. Inference on {count} images ({images.origin})")
    width = max(len(name) for name in ("image", *images.names[:_ROWS])) + 2
    print(f"   {'image':<{width}}torch top-1     mindspore top-1  largest difference")
    for i, name in enumerate(images.names[:_ROWS]):
        ours, theirs = found.torch_logits[i], found.port_logits[i]
        tops = [f"{a.argmax()} ({a.max():.4f})" for a in (ours, theirs)]
        print(f"   {name:<{width}}{tops[0]:<16}{tops[1]:<17}{np.abs(ours - theirs).max():.1e}")
    if count > _ROWS:
        print(f"   and {count - _ROWS} more")
    for side, logits in (("torch", found.torch_logits), ("mindspore", found.port_logits)):
        shown = " ".join(f"{value:.5f}" for value in logits[0][:_ROWS])
        print(f"   first image's logits, {side:<10} {shown}")
    low, high = float(found.torch_logits.min()), float(found.torch_logits.max())
    print(
        f"   largest difference {found.largest_difference:.2e} on logits between {low:.4g} and "
        f"{high:.4g}; top-1 agrees on {found.agreement} of {count}"
    )
    if images.labels is not None:
        accuracy = [
            float((logits.argmax(1) == images.labels).mean())
            for logits in (found.torch_logits, found.port_logits)
        ]
        print(f"   accuracy: torch {accuracy[0]:.2%}, mindspore {accuracy[1]:.2%}")
