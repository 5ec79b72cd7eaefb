"""What several commands share: the pair they mean, the user's files, worker and progress."""

import argparse
import ast
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from harness import registry, session
from harness.backends.base import Settings
from harness.checkpoint import read_checkpoint
from harness.conversion import hold_against
from harness.errors import HarnessError, PairError
from harness.evidence import Evidence
from harness.images import load_images
from harness.inventory import Inventory
from harness.pair import Case, Pair, Preprocess
from harness.progress import Listener
from harness.report.bar import listening
from harness.subject import Given
from harness.verdict import Verdict
from harness.worker import Worker, WorkerFailure


def chosen(arguments: argparse.Namespace) -> tuple[Pair, str]:
    """The pair and variant that the arguments mean, with --set and --map applied."""
    pair = registry.find_pair(arguments.pair)
    variant = arguments.variant or next(iter(pair.variants))
    if variant not in pair.variants:
        raise PairError(f"{pair.name} has no variant {variant!r}; it has {list(pair.variants)}.")
    changes = dict(_assignment(text) for text in arguments.set)
    if changes:
        kwargs = {**pair.variants[variant].kwargs, **changes}
        pair = replace(
            pair,
            variants={**pair.variants, variant: replace(pair.variants[variant], kwargs=kwargs)},
        )
    if getattr(arguments, "map", None):
        explicit = {**pair.parameters.explicit, **_dictionary(Path(arguments.map))}
        pair = replace(pair, parameters=replace(pair.parameters, explicit=explicit))
    return pair, variant


def _assignment(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise HarnessError(f"--set {text}: write KEY=VALUE.")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def _dictionary(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise HarnessError(f"--map {path}: no such file.")
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, UnicodeDecodeError) as error:
        raise HarnessError(f"--map {path} is not readable as {path.suffix}: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise HarnessError(f"--map {path}: it must map torch names to MindSpore names.")
    return found


def torch_arrays(file: Path, torch: Inventory) -> tuple[dict[str, np.ndarray], list[str]]:
    """Read a torch checkpoint for a network; returns arrays in the network's dtypes, and notes.

    Raises CheckpointError, listing both sides, where the file is not of this network.
    """
    checkpoint = read_checkpoint(file)
    notes = list(checkpoint.notes)
    excused = [name for name in torch.names if name.endswith("num_batches_tracked")]
    hold_against(file, checkpoint.arrays, torch, notes, optional=excused)
    return _cast(checkpoint.arrays, torch, notes), notes


def _cast(
    arrays: Mapping[str, np.ndarray], inventory: Inventory, notes: list[str]
) -> dict[str, np.ndarray]:
    found = {}
    cast: dict[str, int] = {}
    for name, parameter in inventory.names.items():
        array = arrays.get(name, np.zeros(parameter.shape, parameter.dtype))
        if str(array.dtype) != parameter.dtype:
            cast[str(array.dtype)] = cast.get(str(array.dtype), 0) + 1
            array = array.astype(parameter.dtype)
        found[name] = array
    for dtype, number in cast.items():
        notes.append(f"{number} parameters are {dtype} in the file and are cast for the network")
    return found


def given(arguments: argparse.Namespace, pair: Pair, variant: str) -> tuple[Given, list[str]]:
    """The user's weights, converted checkpoint and input, and notes on how they were read."""
    found, notes = given_parameters(arguments, pair, variant)
    if arguments.input:
        found = replace(found, inputs=(read_input(arguments, pair),))
    return found, notes


def given_parameters(
    arguments: argparse.Namespace, pair: Pair, variant: str
) -> tuple[Given, list[str]]:
    """The user's weights and converted checkpoint, and notes on how they were read."""
    notes: list[str] = []
    parameters = port_parameters = None
    if arguments.weights or arguments.checkpoint:
        bare = Evidence(pair, variant)
        if arguments.weights:
            parameters, found = torch_arrays(Path(arguments.weights), bare.built_torch.inventory)
            notes += found
        if arguments.checkpoint:
            file, port = Path(arguments.checkpoint), bare.built_port.inventory
            arrays = read_checkpoint(file).arrays
            hold_against(file, arrays, port, notes)
            port_parameters = _cast(arrays, port, notes)
    return Given(parameters, port_parameters), notes


def read_input(arguments: argparse.Namespace, pair: Pair) -> np.ndarray:
    """--input as an array: ``.npy`` as it is, images through the pair's preprocessing."""
    path = Path(arguments.input)
    if path.suffix == ".npy":
        try:
            return np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise HarnessError(f"{path} is not a readable .npy array: {error}") from error
    return load_images(path, preprocess_of(arguments, pair)).batch


def preprocess_of(arguments: argparse.Namespace, pair: Pair) -> Preprocess:
    """The pair's preprocessing with --mean and --std applied."""
    if pair.preprocess is None:
        raise PairError(f"{pair.name} does not say how images become inputs; set preprocess=.")
    found = pair.preprocess
    if arguments.mean:
        found = replace(found, mean=_three(arguments.mean, "mean"))
    if arguments.std:
        found = replace(found, std=_three(arguments.std, "std"))
    return found


def _three(text: str, name: str) -> tuple[float, float, float]:
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        raise HarnessError(
            f"--{name} {text}: give three numbers, e.g. 0.485,0.456,0.406."
        ) from None
    return red, green, blue


def settings_of(arguments: argparse.Namespace) -> Settings:
    """What the command line says about the device."""
    profile = str(Path(arguments.profile).resolve()) if arguments.profile else ""
    return Settings(ms_device=arguments.ms_device, profile=profile)


class Runner:
    """Runs work of one command in a worker process, or in this one with --in-process."""

    def __init__(self, arguments: argparse.Namespace, listener: Listener) -> None:
        self.timeout, self.listener = arguments.timeout, listener
        self.worker = None if arguments.in_process else Worker()
        if self.worker is None:
            session.listen(listener)

    def call(self, what: str, function: Callable[..., Any], *args: Any) -> Any:
        """Call an importable function. Raises WorkerFailure where the process crashed or hung."""
        if self.worker is None:
            return function(*args)
        return self.worker.call(what, self.timeout, function, *args, listener=self.listener)

    def close(self) -> None:
        if self.worker is not None:
            self.worker.close()


@contextmanager
def runner(arguments: argparse.Namespace, cases: int = 0) -> Iterator[Runner]:
    """A Runner with a progress bar over so many cases, closed at the end."""
    with listening(cases) as listener:
        found = Runner(arguments, listener)
        try:
            yield found
        finally:
            found.close()


def cases_of(pair: Pair, variants: Sequence[str], checks: Sequence[str], seed: int) -> list[Case]:
    """The cases of some variants and checks."""
    return [c for c in pair.cases(seed) if c.variant in variants and c.check in checks]


def run_battery(
    run: Runner,
    pair: Pair,
    variant: str,
    checks: Sequence[str],
    seed: int,
    settings: Settings,
    data: Given,
    bundles: str = "",
) -> list[Verdict]:
    """Run checks of one variant; a process that crashes or hangs is a failing Verdict.

    Graph mode is what can crash natively: it runs last, in a call of its own.
    """
    verdicts: list[Verdict] = []
    chosen = cases_of(pair, [variant], checks, seed)
    for mode in ("pynative", "graph"):
        names = [case.check for case in chosen if case.mode == mode]
        if not names:
            continue
        what = f"{pair.name}:{variant} ({', '.join(names)})"
        try:
            verdicts += run.call(
                what, session.run_checks, pair, variant, names, seed, settings, data,
                str(Path(bundles).resolve()) if bundles else "",
            )  # fmt: skip
        except WorkerFailure as error:
            case = Case(pair, variant, names[0], seed=seed)
            verdicts.append(Verdict(case.id, names[0], seed, problems=(str(error),)))
    return verdicts
