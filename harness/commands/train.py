"""``train``: a recipe in one framework, or in both in lockstep with a verdict."""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from harness import registry
from harness.checks import run_check
from harness.commands import common
from harness.commands.keeping import Keeper, outcome
from harness.commands.recipe import recipe_at
from harness.errors import HarnessError
from harness.pair import Pair
from harness.report import failure, text, training
from harness.report.bar import listening
from harness.report.messages import catalogue
from harness.results import Outcome
from harness.stages.stage import Stage


def run(arguments: argparse.Namespace) -> int:
    """Print the recipe, the log, and for both sides the verdict; 1 where they train apart."""
    say, keeper = catalogue(arguments.lang), Keeper(arguments)
    pair = _pair(arguments)
    data = str(Path(arguments.data).resolve()) if arguments.data else ""
    settings = replace(common.settings_of(arguments), data=data)
    stage = Stage(pair, next(iter(pair.variants)), seed=arguments.seed, settings=settings)
    assert pair.recipe is not None
    print(f"{pair.name}\n{training.checklist(pair.recipe, arguments.lang)}\n")
    if arguments.processes != 1:
        return _processes(stage, arguments, keeper)
    out = Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    resume = Path(arguments.resume).resolve() if arguments.resume else None
    # Imported late: it loads what trains.
    from harness.stages import rehearsal
    from harness.training import Options, train_both, train_one, verdict_of

    options = Options(out, arguments.log_every, arguments.limit, resume, arguments.profile_run)
    if options.resume and arguments.framework == "both":
        raise HarnessError("--resume goes on with one side: --framework torch or mindspore.")
    if arguments.results and arguments.framework != "both":
        raise HarnessError("--results keeps verdicts, which one side alone has none of.")

    def log(line: str) -> None:
        print(line, flush=True)

    before = os.getcwd()
    checks = ("teacher_forced", "free_running")
    cases = 1 if arguments.framework != "both" else len(checks) + 1
    tests: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="harness-train-") as folder,
        listening(cases) as listener,
    ):
        stage.progress = listener.step
        os.chdir(folder)  # MindSpore writes into the working directory
        try:
            if arguments.framework != "both":
                listener.case(pair.name)
                file = train_one(stage, arguments.framework, options, log)
                print(say("saved {file}", file=_shown(file, before)))
                return 0
            rehearsal.pipeline_of(stage, "torch", train=True)  # wrong data are no verdict
            for check in checks:
                listener.case(f"{pair.name} {check}")
                verdict = run_check(stage, check)
                tests.append(outcome(verdict, arguments.lang))
                print(text.one_line(verdict, say), flush=True)
                if not verdict.passed:
                    keeper.write(tests)
                    print(f"\n{failure.page(verdict, lang=arguments.lang)}")
                    return 1
            alone = say("Each side on its own now, from the same parameters and batches:")
            print(f"\n{alone}\n")
            listener.case(f"{pair.name} training")
            began = time.perf_counter()
            trained = train_both(stage, options, log)
        finally:
            os.chdir(before)
    said = training.trained(trained, out.name, arguments.lang)
    verdict = replace(verdict_of(stage, trained), seconds=time.perf_counter() - began)
    keeper.write([*tests, outcome(verdict, arguments.lang, page=said)])
    print(said)
    return 1 if trained.findings else 0


def _processes(stage: Stage, arguments: argparse.Namespace, keeper: Keeper) -> int:
    """The verdict over several processes of each framework; 1 where they step unlike one."""
    from harness.distributed import SIDES, check_processes

    say = catalogue(arguments.lang)
    if arguments.resume or arguments.profile_run:
        raise HarnessError("--processes checks a step: it goes with no --resume or --profile-run.")
    sides = SIDES if arguments.framework == "both" else (arguments.framework,)
    verdict = check_processes(stage, arguments.processes, sides)
    keeper.write([outcome(verdict, arguments.lang)])
    print(text.one_line(verdict, say))
    if not verdict.passed:
        print(f"\n{failure.page(verdict, lang=arguments.lang)}")
        return 1
    print("\n".join(say("note    {note}", note=note) for note in verdict.notes))
    return 0


def _shown(file: Path, before: str) -> str:
    return os.path.relpath(file, before)


def _pair(arguments: argparse.Namespace) -> Pair:
    """The pair to train, with its recipe read and overridden."""
    if arguments.recipe:
        recipe = recipe_at(arguments.recipe, arguments.set)
        pair = registry.find_pair(arguments.pair)
        if pair.kind != "recipes":
            return Pair(
                name=f"recipes.{pair.name.partition('.')[2]}",
                torch="harness.backends.torch_training:loop",
                mindspore="harness.backends.mindspore_training:loop",
                recipe=replace(recipe, network=arguments.pair),
            )
        return replace(pair, recipe=recipe)
    pair = registry.find_recipe(arguments.pair)
    return replace(pair, recipe=recipe_at(arguments.pair, arguments.set))
