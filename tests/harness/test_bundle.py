"""Bundles: a failure repeats from its folder alone; and what is reduced still fails."""

import functools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness import Input, Pair, Variant
from harness.bundle import decode, encode, read_bundle, write_bundle
from harness.checks import run_check
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.reduce import reduce
from harness.registry import find_pair
from harness.subject import Given

pytestmark = pytest.mark.usefixtures("frameworks")

ROOT = Path(__file__).parents[2]
WRONG = replace(find_pair("blocks.bottleneck"), mindspore="wrong_bottleneck:wrong_eps")


def _elsewhere(*arguments: str, cwd: Path) -> subprocess.CompletedProcess:
    """Run Python where neither the tests nor the models can be imported, only the harness."""
    package = cwd / "only_the_harness"
    if not package.exists():
        package.mkdir()
        os.symlink(ROOT / "harness", package / "harness")
    environment = {**os.environ, "PYTHONPATH": str(package)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a Bottleneck with a wrong eps, moved to another folder."""
    evidence = Evidence(WRONG, "stride2")
    verdict = run_check(evidence, "forward_eval")
    written = write_bundle(tmp_path_factory.mktemp("here"), evidence, verdict)
    return Path(shutil.move(written, tmp_path_factory.mktemp("there") / "moved"))


def test_a_bundle_replays_in_a_fresh_process(bundle: Path, tmp_path: Path) -> None:
    done = _elsewhere("-m", "harness", "replay", str(bundle), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    page = (bundle / "page.txt").read_text()
    assert done.stdout.splitlines()[:20] == page.splitlines()[:20]
    assert "bn2" in done.stdout


def test_the_standalone_script_needs_no_harness(bundle: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", "import runpy, sys; sys.modules['harness'] = None; "
         f"runpy.run_path({str(bundle / 'standalone.py')!r})"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "bn2: BatchNorm2d" in done.stdout
    assert "largest difference" in done.stdout


def test_a_bundle_holds_versions_sources_inputs_and_no_pickle(bundle: Path) -> None:
    meta = json.loads((bundle / "bundle.json").read_text())
    assert set(meta["versions"]) == {"torch", "mindspore", "numpy"}
    assert meta["guilty"] == ["bn2"]
    sources = {str(p.relative_to(bundle / "src")) for p in (bundle / "src").rglob("*.py")}
    assert {"wrong_bottleneck.py", "models/blocks/bottleneck/ms.py"} <= sources
    assert not any(name.startswith(("torch/", "mindspore/", "harness/")) for name in sources)
    for file in bundle.glob("*.npz"):
        with np.load(file, allow_pickle=False) as arrays:
            assert all(arrays[name].dtype != object for name in arrays.files)


def test_what_the_user_gave_comes_back(tmp_path: Path) -> None:
    drawn = Evidence(WRONG, "stride2", seed=3)
    given = Given(drawn.parameters_for(drawn.bare_torch), None, drawn.inputs())
    evidence = Evidence(WRONG, "stride2", seed=3, given=given)
    verdict = run_check(evidence, "forward_eval")
    found = read_bundle(write_bundle(tmp_path, evidence, verdict))
    assert found.case.id == verdict.case
    assert found.given.key == given.key


def test_what_no_file_can_name_is_refused() -> None:
    with pytest.raises(HarnessError, match="importable"):
        encode(lambda: None)


def test_pairs_survive_as_json() -> None:
    pair = replace(
        find_pair("networks.resnet50"),
        mindspore=functools.partial(np.dot, 1, b=[2, (3.5, None)]),
        variants={"default": Variant({"layers": [1, 2]}, [Input((2, 3), "int32", "integers")])},
    )
    back: Pair = decode(json.loads(json.dumps(encode(replace(pair, mindspore="m:f")))))
    assert back == replace(pair, mindspore="m:f")
    again = decode(json.loads(json.dumps(encode(pair.mindspore))))
    assert (again.func, again.args, again.keywords) == (np.dot, (1,), {"b": [2, (3.5, None)]})


def test_a_folder_that_is_no_bundle_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match="no bundle"):
        read_bundle(tmp_path)
    (tmp_path / "bundle.json").write_text("{}")
    with pytest.raises(HarnessError, match="not a bundle"):
        read_bundle(tmp_path)


def test_reducing_ends_at_one_sample_of_the_guilty_module() -> None:
    found = reduce(Evidence(WRONG, "stride2"))
    assert found.evidence.pair.name == "reduced.bottleneck.bn2"
    (array,) = found.evidence.inputs()
    assert array.shape == (1, array.shape[1], 1, 1)
    assert not found.verdict.passed
    assert found.steps[0] == "fails forward_eval at bn2"


def test_what_passes_cannot_be_reduced() -> None:
    with pytest.raises(HarnessError, match="nothing to reduce"):
        reduce(Evidence(find_pair("layers.dense"), "default"))
