"""Trained weights on real labelled images; the folder is named by --harness-data."""

from pathlib import Path

import pytest

from harness.cli import main

pytestmark = pytest.mark.usefixtures("frameworks")

WEIGHTS, IMAGES = "resnet20-12fca82f.th", "cifar10_lossless_1000.npz"


def test_trained_resnet20_predicts_the_same_on_real_cifar10(
    harness_data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(harness_data)
    missing = [name for name in (WEIGHTS, IMAGES) if not (folder / name).exists()]
    if missing:
        pytest.skip(f"{folder} has no {', '.join(missing)}")
    arguments = ["--weights", str(folder / WEIGHTS), "--images", str(folder / IMAGES)]
    assert main(["migrate", "resnet20", *arguments, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "top-1 agrees on 1000 of 1000" in said
    assert "EQUIVALENT" in said
    line = next(line for line in said.splitlines() if "accuracy:" in line)
    torch_accuracy, port_accuracy = (part.split()[-1] for part in line.split(","))
    assert torch_accuracy == port_accuracy
