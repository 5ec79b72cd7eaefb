"""Fixtures for tests of a user's own: a recipe, a converted checkpoint, a trained pair."""

from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import registry
from harness.backends.base import Settings
from harness.pair import Pair
from harness.recipe import Recipe, overridden, read_recipe

if TYPE_CHECKING:
    from harness.training import Trained

_Named = Pair | str


@pytest.fixture(scope="session")
def recipe() -> Callable[..., Recipe]:
    """``recipe("resnet20_cifar10", "epochs=1")``: the training checklist of a pair, of the network
    that one trains, or of a TOML file, with settings overridden.

    Raises HarnessError for what is not there, and for a wrong setting.
    """

    def read(of: _Named | Path, *overrides: str) -> Recipe:
        if isinstance(of, Path) or (isinstance(of, str) and of.endswith(".toml")):
            return read_recipe(Path(of), overrides)
        pair = of if isinstance(of, Pair) else registry.find_recipe(of)
        if pair.recipe is None:
            raise pair.mistake("recipe", "set recipe=, which says what to train.")
        return overridden(pair.recipe, overrides)

    return read


@pytest.fixture(scope="session")
def trained_pair(
    harness_settings: Settings,
    recipe: Callable[..., Recipe],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., "Trained"]:
    """``trained_pair("resnet20_cifar10", "epochs=1", limit=20)``: both sides trained in lockstep.

    Takes a recipe pair and overrides of its recipe; limit: batches of an epoch, 0 for all; seed: of
    all draws. Each training runs once a session. Returns a ``harness.training.Trained``: the
    evaluation of each epoch by side, losses, findings where they train apart, and the files of both
    sides' parameters. Raises HarnessError.
    """
    from harness.stages.stage import Stage
    from harness.training import Options, train_both

    done: dict[tuple, Trained] = {}

    def train(of: _Named, *overrides: str, limit: int = 0, seed: int = 0) -> "Trained":
        pair = of if isinstance(of, Pair) else registry.find_recipe(of)
        key = (pair.name, overrides, limit, seed)
        if key not in done:
            pair = replace(pair, recipe=recipe(pair, *overrides))
            stage = Stage(pair, next(iter(pair.variants)), seed=seed, settings=harness_settings)
            out = tmp_path_factory.mktemp("trained")
            with chdir(out):  # MindSpore writes into the working directory
                done[key] = train_both(stage, Options(out, limit=limit), lambda line: None)
        return done[key]

    return train


@pytest.fixture
def converted_checkpoint(
    harness_settings: Settings, tmp_path: Path
) -> Callable[..., tuple[Path, Path]]:
    """``converted_checkpoint(PAIR)`` or ``converted_checkpoint("resnet50", weights="a.pth")``: a
    torch checkpoint and the MindSpore one that it converts to, as (.pth, .ckpt) files.

    weights: a torch checkpoint, by default what the torch factory itself initialises under
    ``seed``. variant: the pair's first by default. suffix: ".ckpt" or ".safetensors". Raises
    CheckpointError where the file is none of the network's.
    """
    from harness.checkpoint import write_checkpoint
    from harness.conversion import convert
    from harness.migration import initial_parameters

    def converted(
        of: _Named,
        weights: str | Path = "",
        *,
        variant: str = "",
        suffix: str = ".ckpt",
        seed: int = 0,
    ) -> tuple[Path, Path]:
        pair = of if isinstance(of, Pair) else registry.find_pair(of)
        variant = variant or next(iter(pair.variants))
        source = Path(weights) if weights else tmp_path / "initial.pth"
        if not weights:
            parameters = initial_parameters(pair, variant, seed, harness_settings)
            write_checkpoint(source, parameters, "torch")
        target = tmp_path / f"{source.stem}-converted{suffix}"
        convert(pair, variant, source, target)
        return source, target

    return converted
