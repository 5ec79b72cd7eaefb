"""The command line as its users call it: exit codes, sentences, files."""

from pathlib import Path

import numpy as np
import pytest

from harness.cli import main
from harness.pair import CHECKS

pytestmark = pytest.mark.usefixtures("frameworks")


@pytest.fixture(autouse=True)
def _bundles_go_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Failing checks write bundles below the working directory."""
    monkeypatch.chdir(tmp_path)


BLOCK = ["blocks.bottleneck", "--variant", "stride2"]


def test_an_equivalent_pair_ends_0_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *BLOCK, "--in-process"]) == 0
    said = capsys.readouterr().out
    assert said.strip().splitlines()[-1].startswith(f"EQUIVALENT: {len(CHECKS)} checks")
    assert "downsample" in said


def test_a_wrong_eps_ends_1_and_names_the_batch_norm(capsys: pytest.CaptureFixture[str]) -> None:
    pair = "user_pairs:WRONG_EPS"
    assert main(["check", pair, "--checks", "structure,forward_eval", "--in-process"]) == 1
    said = capsys.readouterr().out
    assert "The modules that are wrong alone: bn2." in said
    assert "eps   torch 1e-05   mindspore 0.0001" in said
    assert 'narrow  pytest -k "layers.batchnorm2d:"' in said


def test_a_difference_in_graph_mode_only_fails_that_check_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    checks = "forward_eval,forward_train,backward,same_as_pynative"
    assert main(["check", "user_pairs:DIFFERS_IN_GRAPH", "--checks", checks, "--in-process"]) == 1
    said = capsys.readouterr().out
    assert "differ once compiled as a graph" in said
    assert ":out (eval): error 1" in said  # a value, not a compiler's refusal
    assert "DIVERGENT: 1 of 4 checks fail" in said


def test_a_latent_fault_warns_and_fails_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["check", "user_pairs:LATENT", "--checks", "backward", "--in-process"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "Latent: maxpool is wrong alone" in said
    assert "EQUIVALENT, with a latent fault at maxpool" in said
    assert main([*command, "--strict-latent"]) == 1


def test_a_failure_is_bundled_replayed_and_reduced(capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["user_pairs:WRONG_EPS", "--variant", "stride2"]
    assert main(["check", *pair, "--checks", "forward_eval"]) == 1
    bundle = "bundles/blocks.wrong_eps-stride2-forward_eval-pynative-f32"
    assert f"replay  python -m harness replay {bundle}" in capsys.readouterr().out
    assert main(["replay", bundle]) == 1
    assert "It starts at bn2" in capsys.readouterr().out
    assert main(["reduce", *pair]) == 1
    said = capsys.readouterr().out
    assert "bn2 alone still fails" in said
    assert "replay  python -m harness replay bundles/reduced.wrong_eps.bn2" in said


def test_settings_that_differ_are_told_before_any_arithmetic(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "user_pairs:WRONG_EPS", "--checks", "structure", "--in-process"]) == 0
    assert "note: bn2: eps is 1e-05 in torch and 0.0001 in MindSpore" in capsys.readouterr().out


def test_a_module_that_computes_in_another_precision_is_listed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["precision", *BLOCK, "--in-process"]) == 0
    assert "all 10 modules compute in the same precision" in capsys.readouterr().out


def test_a_check_runs_in_a_worker_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "layers.relu", "--checks", "forward_eval,same_as_pynative"]) == 0
    assert "EQUIVALENT: 2 checks" in capsys.readouterr().out


def test_a_users_wrong_checkpoint_is_told_parameter_by_parameter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from harness.checkpoint import write_checkpoint
    from harness.evidence import Evidence
    from harness.registry import find_pair

    evidence = Evidence(find_pair("blocks.bottleneck"), "stride2")
    source = evidence.parameters_for(evidence.bare_torch)
    converted = evidence.map.to_mindspore(source)
    converted["bn1.gamma"] = converted["bn2.gamma"]
    write_checkpoint(tmp_path / "a.pth", source, "torch")
    write_checkpoint(tmp_path / "b.ckpt", converted, "mindspore")
    files = ["--weights", str(tmp_path / "a.pth"), "--checkpoint", str(tmp_path / "b.ckpt")]
    assert main(["check", *BLOCK, *files, "--checks", "parameters", "--in-process"]) == 1
    assert "bn1.gamma:value" in (said := capsys.readouterr().out)
    assert "holds the values of bn2.gamma" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "resnet5"], "Did you mean"),
        (["check", *BLOCK, "--checks", "forwards"], "unknown forwards"),
        (["check", "resnet20", "--input", "no_such_folder"], "no such image or folder"),
        (["check", "resnet20", "--weights", "no_such.pth"], "no such file"),
        (["check", "layers.relu", "--input", "x.png"], "how images become inputs"),
        (["check", *BLOCK[:1], "--variant", "x"], "has no variant"),
        (["check", *BLOCK, "--set", "stride"], "write KEY=VALUE"),
        (["convert", "resnet20", "a.onnx", "b.ckpt"], "unknown checkpoint type"),
        (["record", "resnet20", "--backend", "torch64", "-o", "o.npz"], "needs --from"),
        (["record", "resnet20", "--backend", "torch", "-o", "o.txt"], "a trace is an .npz"),
        (
            ["record", "resnet20", "--backend", "mindspore", "--input", "x.npy", "-o", "o.npz"],
            "belong to the torch recording",
        ),
        (["compare", "a.npz", "b.npz", "c.npz"], "no such file"),
        (["check", "layers.relu", "--ms-device", "Ascend"], "No Ascend device was found"),
        (["doctor", "--ms-device", "Ascend"], "No Ascend device was found"),
    ],
)
def test_a_wrong_command_or_input_ends_2_with_one_error(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err + captured.out
    assert "Traceback" not in captured.err + captured.out


def test_traces_recorded_apart_are_judged_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch32, torch64, port, blind = (str(tmp_path / f"{n}.npz") for n in "abcd")
    record = ["record", *BLOCK, "--backend"]
    assert main([*record, "torch", "-o", torch32]) == 0
    assert main([*record, "torch64", "--from", torch32, "-o", torch64]) == 0
    assert main([*record, "mindspore", "--from", torch32, "-o", port]) == 0
    # Without torch's file the same seed draws the same parameters and inputs.
    assert main([*record, "mindspore", "-o", blind]) == 0
    for candidate in (port, blind):
        assert main(["compare", candidate, torch32, torch64]) == 0
        assert "EQUIVALENT" in capsys.readouterr().out


def test_a_wrong_trace_is_found_at_its_module_without_a_framework(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch32, torch64, port = (str(tmp_path / f"{n}.npz") for n in "abc")
    record = ["record", *BLOCK, "--backend"]
    assert main([*record, "torch", "-o", torch32]) == 0
    assert main([*record, "torch64", "--from", torch32, "-o", torch64]) == 0
    wrong = ["record", "user_pairs:WRONG_EPS_AS_STRIDE2", "--variant", "stride2"]
    assert main([*wrong, "--backend", "mindspore", "--from", torch32, "-o", port]) == 0
    assert main(["compare", port, torch32, torch64]) == 1
    assert "wrong alone: bn2." in capsys.readouterr().out


def test_traces_of_different_draws_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, c = (str(tmp_path / f"{n}.npz") for n in "abc")
    record = ["record", "layers.dense", "--backend"]
    assert main([*record, "torch", "-o", a]) == 0
    assert main([*record, "torch64", "--from", a, "-o", b]) == 0
    assert main([*record, "mindspore", "--seed", "1", "-o", c]) == 0
    assert main(["compare", c, a, b]) == 2
    assert "recorded with other" in capsys.readouterr().err


def test_an_array_file_takes_the_place_of_drawn_inputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "x.npy", np.ones((2, 32, 9, 8), np.float32))
    arguments = ["--input", str(tmp_path / "x.npy"), "--checks", "forward_eval", "--in-process"]
    assert main(["check", *BLOCK, *arguments]) == 0
    assert "EQUIVALENT" in capsys.readouterr().out


def test_migrate_converts_loads_and_compares_photographs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    assert main(["migrate", "resnet20", "--out", "here"]) == 0
    said = capsys.readouterr().out
    assert "UNTRAINED" in said
    assert "top-1 agrees on 8 of 8" in said
    assert "read back bit for bit" in said
    assert said.strip().splitlines()[-1].startswith("EQUIVALENT")
    assert (tmp_path / "here" / "resnet20.ckpt").stat().st_size > 1_000_000
