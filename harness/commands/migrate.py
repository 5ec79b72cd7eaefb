"""``migrate``: the main job, from torch parameters to a verdict on real images."""

import argparse
from dataclasses import replace
from pathlib import Path

from harness import migration
from harness.commands import common
from harness.commands.check import print_verdicts
from harness.errors import HarnessError
from harness.images import load_images
from harness.pair import CHECKS
from harness.report import migrated
from harness.report.messages import catalogue
from harness.worker import WorkerFailure

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
    say = catalogue(arguments.lang)
    print(say("From torch to MindSpore: {pair}", pair=f"{pair.name}:{variant}") + "\n")
    cases = common.cases_of(pair, [variant], _JUDGED, arguments.seed)
    with common.runner(arguments, len(cases) + 1) as runner:
        runner.listener.case("conversion and inference")
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
        file = Path(arguments.out) / found.checkpoint.name
        print(migrated.conversion(
            found, arguments.weights or "", arguments.seed, notes, str(file), arguments.lang
        ))  # fmt: skip
        print(f"\n{migrated.inference(images, found, arguments.lang)}")
        verdicts = common.run_battery(
            runner, pair, variant, _JUDGED, arguments.seed, settings, data
        )
    judging = say("4. Verdict, module by module, on {n} of the images, forward and backward",
                  n=len(judged))  # fmt: skip
    print(f"\n{judging}")
    print_verdicts(verdicts, arguments.verbose, lang=arguments.lang)
    return 0 if all(v.passed for v in verdicts) else 1
