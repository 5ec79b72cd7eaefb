"""Device profiles: what the kernels cost is excused, a wrong port is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deferred import nn

from harness.backends.base import Settings
from harness.checks import run_check
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.pair import Pair, resolve_factory
from harness.profile import Profile, load_profile, measured, unneeded
from harness.registry import find_pair
from harness.verdict import Verdict

pytestmark = pytest.mark.usefixtures("frameworks")

COARSE = "CPU:f16"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A profile of the simulated coarse device, measured on its convolutions and products."""
    settings = Settings(ms_device=COARSE)
    found = []
    for name in ("layers.conv2d", "layers.dense"):
        pair = find_pair(name)
        for variant in pair.variants:
            evidence = Evidence(pair, variant, settings=settings)
            kind = evidence.torch.inventory.paths[""].type
            for mode in ("eval", "train"):
                found += [(name, kind, r) for r in evidence.isolated(mode)]
    file = tmp_path_factory.mktemp("profile") / "coarse.json"
    measured(COARSE, 1, found, {}).save(file)
    return str(file)


def _verdict(pair: Pair, variant: str, check: str, file: str) -> Verdict:
    evidence = Evidence(pair, variant, settings=Settings(ms_device=COARSE, profile=file))
    return run_check(evidence, check)


def test_a_coarse_device_fails_without_a_profile() -> None:
    evidence = Evidence(find_pair("blocks.bottleneck"), "stride2", settings=Settings(COARSE))
    verdict = run_check(evidence, "forward_eval")
    assert {c.torch_type for c in verdict.culprits} == {"Conv2d"}


@pytest.mark.parametrize("check", ["forward_eval", "forward_train", "state", "backward"])
def test_with_its_profile_it_passes_and_says_what_was_excused(check: str, profile: str) -> None:
    verdict = _verdict(find_pair("blocks.bottleneck"), "stride2", check, profile)
    assert verdict.passed
    if check.startswith("forward"):
        known = [r for r in verdict.results if r.measurement.status == "profiled"]
        assert {r.unit for r in known} == {"conv1", "conv2", "conv3", "downsample.0"}
        assert all("Conv2d on CPU:f16, known" in r.measurement.note for r in known)


def same_padding(**kwargs: Any) -> nn.Cell:
    block = resolve_factory("models.blocks.bottleneck.ms:build", "test")(**kwargs)
    old = block.conv2
    block.conv2 = nn.Conv2d(old.in_channels, old.out_channels, 3, old.stride, pad_mode="same")
    return block


def wrong_eps(**kwargs: Any) -> nn.Cell:
    block = resolve_factory("models.blocks.bottleneck.ms:build", "test")(**kwargs)
    block.bn2 = nn.BatchNorm2d(block.bn2.num_features, eps=1e-4)
    return block


@pytest.mark.parametrize(("port", "at"), [(same_padding, "conv2"), (wrong_eps, "bn2")])
def test_a_wrong_port_fails_under_the_profile_too(port: Any, at: str, profile: str) -> None:
    pair = replace(find_pair("blocks.bottleneck"), mindspore=port)
    verdict = _verdict(pair, "stride2", "forward_eval", profile)
    assert [culprit.path for culprit in verdict.culprits] == [at]


def test_the_shipped_profile_of_this_cpu_is_needed_and_enough() -> None:
    stored = load_profile("CPU")
    assert "Tanh" in stored.operations
    pair = find_pair("layers.tanh")
    results = []
    for variant in pair.variants:
        evidence = Evidence(pair, variant)
        assert all(run_check(evidence, case.check).passed for case in pair.cases()[:4])
        results += [("layers.tanh", "Tanh", r) for m in ("eval", "train") for r in
                    evidence.isolated(m)]  # fmt: skip
    others = unneeded(stored, measured("CPU", 1, results, {}))
    assert [name for name in others if name.startswith("Tanh ")] == []


def test_what_is_no_longer_needed_is_named() -> None:
    stored = load_profile("CPU")
    gone = unneeded(stored, Profile("CPU", stored.mindspore))
    assert {"Tanh backward", "Tanh forward"} <= set(gone)
    assert len(gone) == sum(len(costs) for costs in stored.operations.values())


def test_a_file_that_is_no_profile_is_said_so(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    with pytest.raises(HarnessError, match="no such"):
        load_profile("CPU", str(file))
    file.write_text("[]")
    with pytest.raises(HarnessError, match="not a device profile"):
        load_profile("CPU", str(file))
