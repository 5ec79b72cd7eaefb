"""What the harness may cost beside the bare work: the declared ratios, and what a run measured.

Times of one machine mean nothing on another, and little a minute later: ours and the bare baseline
run by turns, and only the ratio of their CPU seconds is judged. ``tests/test_benchmarks.py``
measures.
"""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HarnessError

FORMAT = 1
#: The key of a benchmark's ``extra_info`` that names its ratio.
KEY = "ratio"

#: A ratio that is larger than an earlier run's by more than this share, beyond the noise of both,
#: is a regression.
GROWN = 0.1


@dataclass(frozen=True)
class Ratio:
    """What is held against what, and the largest ratio allowed; 0 where it is shown only."""

    what: str
    bare: str
    limit: float = 0.0


_STEP = "one forward and backward of ResNet-50"
_READ_WRITE = "torch.load and mindspore.save_checkpoint"
_IMPORTS = "the import of both frameworks"

RATIOS = {
    "comparison": Ratio(
        "comparison with the oracle, all metrics, 8 M float32", "numpy's abs(a - b).max()", 2.0
    ),
    "comparison-channels": Ratio("... per channel, too", "numpy's abs(a - b).max()", 2.0),
    "comparison-wrong": Ratio(
        "... where every element is outside its limit", "numpy's abs(a - b).max()", 2.0
    ),
    "tracing-torch": Ratio("tracing in torch", _STEP, 1.5),
    "tracing-mindspore": Ratio("tracing in MindSpore, PyNative", _STEP, 1.5),
    "isolation": Ratio(
        "isolation of every module of ResNet-50, all three sides", f"{_STEP} on each side", 4.0
    ),
    "conversion-resnet50": Ratio("conversion of ResNet-50, .pth to .ckpt", _READ_WRITE, 1.2),
    "conversion-1gb": Ratio("conversion of 1 GB, .pth to .ckpt", _READ_WRITE, 1.2),
    "conversion-1gb-back": Ratio(
        "conversion of 1 GB, .ckpt to .safetensors",
        "mindspore.load_checkpoint and safetensors' save_file", 1.2,
    ),
    "reading": Ratio("reading ResNet-50's .pth, every tensor", "torch.load"),
    "import": Ratio("import harness", _IMPORTS, 0.1),
    "help": Ratio("python -m harness --help", _IMPORTS, 0.1),
    "collection": Ratio("collecting the whole suite", _IMPORTS, 2.0),
    "bottleneck": Ratio("pytest -k bottleneck", "the bare runs of its cases", 2.5),
    "scan": Ratio("scan of torchvision.models", "ast.parse of the same files"),
}  # fmt: skip


@dataclass(frozen=True)
class Turns:
    """Seconds of CPU of ours and of the bare baseline, round by round."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def best(self) -> tuple[float, float]:
        """The quickest of each: what other work on the machine disturbed least."""
        return min(self.ours), min(self.bare)

    @property
    def ratio(self) -> float:
        ours, bare = self.best
        return ours / bare

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the rounds' own ratios."""
        each = [ours / bare for ours, bare in zip(self.ours, self.bare)]
        if len(each) < 2:
            return each[0], each[0]
        low, _, high = statistics.quantiles(each, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True)
class Growth:
    """A ratio that grew."""

    name: str
    old: Turns
    new: Turns


def met(name: str, turns: Turns) -> bool:
    """Whether a ratio is within its limit."""
    limit = RATIOS[name].limit
    return not limit or turns.ratio <= limit


def missed(found: Mapping[str, Turns], wanted: Sequence[str]) -> list[str]:
    """Of the wanted ratios, those that were not measured or are above their limit."""
    return [name for name in wanted if name not in found or not met(name, found[name])]


def grown(old: Mapping[str, Turns], new: Mapping[str, Turns], by: float = GROWN) -> list[Growth]:
    """Ratios of both runs that grew by more than a share, and of which the quartiles lie apart."""
    return [
        Growth(name, old[name], turns)
        for name, turns in new.items()
        if name in old
        and turns.ratio > old[name].ratio * (1 + by)
        and turns.quartiles[0] > old[name].quartiles[1]
    ]


def save(path: Path, found: Mapping[str, Turns]) -> None:
    """Keep a run's rounds as JSON."""
    ratios = {name: {"ours": turns.ours, "bare": turns.bare} for name, turns in found.items()}
    path.write_text(json.dumps({"format": FORMAT, "ratios": ratios}, indent=1) + "\n")


def load(path: Path) -> dict[str, Turns]:
    """Rounds from what ``save`` wrote, or from pytest-benchmark's own JSON.

    Raises HarnessError where the file is neither, or has none of the declared ratios.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if "benchmarks" in data:
            named = [benchmark["extra_info"] for benchmark in data["benchmarks"]]
            rows = {info[KEY]: info for info in named if KEY in info}
        elif data["format"] != FORMAT:
            raise HarnessError(f"{path} has benchmark format {data['format']}; this is {FORMAT}.")
        else:
            rows = data["ratios"]
        found = {name: _turns(rows[name]) for name in RATIOS if name in rows}
    except OSError as error:
        raise HarnessError(f"{path}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessError(
            f"{path} is neither what 'bench --json' nor what pytest-benchmark writes: "
            f"{type(error).__name__}: {error}"
        ) from error
    if not found:
        raise HarnessError(f"{path} has none of the declared ratios.")
    return found


def _turns(row: Mapping[str, Any]) -> Turns:
    ours, bare = (tuple(float(second) for second in row[side]) for side in ("ours", "bare"))
    if not ours or len(ours) != len(bare) or min(*ours, *bare) <= 0:
        raise ValueError("ours and bare are not as many positive times each")
    return Turns(ours, bare)
