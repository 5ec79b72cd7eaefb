"""What the harness concludes, as data. Nothing here computes or formats."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

AGREES = "agrees"
DIVERGES = "diverges"
UNINFORMATIVE = "uninformative"
INCONCLUSIVE = "inconclusive"
#: Wrong alone, but masked by the structure of this very network.
LATENT = "latent"
#: Explained by what the device's own kernel was measured to cost.
PROFILED = "profiled"
#: Diverges as the ledger of known divergences says.
KNOWN = "known"
#: The budget ended before it.
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Measurement:
    """Two arrays held against the oracle.

    status: one of the constants of this module. kind: why it diverges:
    missing, shape, dtype, nonfinite, value, error; "" where it agrees. far: which side is far from
    the oracle: "", "mindspore", "torch" or "both". error, reference, limit: largest error of
    the port, of torch itself, and what was allowed, in the entry's own unit, for the metric with
    the largest ratio. ratio: error / max(reference, floor). mean: of the port's errors. share: of
    elements outside the limit.
    worst: index of the worst element with the port's, torch's and the oracle's value there.
    """

    status: str
    kind: str = ""
    metric: str = ""
    error: float = 0.0
    reference: float = 0.0
    limit: float = 0.0
    ratio: float = 0.0
    scale: float = 0.0
    size: int = 0
    share: float = 0.0
    worst: tuple[int, ...] = ()
    values: tuple[float, float, float] = (0.0, 0.0, 0.0)
    exact: bool = False
    note: str = ""
    far: str = ""
    mean: float = 0.0


@dataclass(frozen=True)
class Result:
    """One compared entry. ``entry`` is e.g. ``layer1.0.bn1:out`` or ``layer1.0.bn1.gamma:grad``.

    scope: "isolated" (the module alone, on torch's own input), "wiring" (a container whose children
    were played from torch's recording) or "whole" (the network end to end). unit: the module call
    that ran; mode: "eval" or "train".
    """

    entry: str
    scope: str
    unit: str
    mode: str
    measurement: Measurement

    @property
    def diverges(self) -> bool:
        return self.measurement.status == DIVERGES


@dataclass(frozen=True)
class Culprit:
    """A module found wrong alone. wiring: its children are right, its own construct is not.

    facts: settings that differ between the twins, as (name, torch's, MindSpore's). source: file
    and line of the port's construct, where the user wrote it. stock: both are the frameworks' own.
    """

    path: str
    torch_type: str
    mindspore_type: str
    wiring: bool
    results: tuple[Result, ...]
    facts: tuple[tuple[str, Any, Any], ...] = ()
    source: str = ""
    stock: bool = False


@dataclass(frozen=True)
class TraceRow:
    """One module call's output in the whole network, in the order the calls ended.

    place: "" where it agrees, "starts here" where its inputs agree, else "downstream".
    """

    name: str
    error: float
    reference: float
    ratio: float
    place: str
    note: str = ""


@dataclass(frozen=True)
class Finding:
    """Where two sides of a stage part: its place, what is wrong there, and both sides' values.

    place: "stage" or "stage.setting", e.g. "optimizer.weight_decay", "data.normalize", "loop".
    """

    place: str
    sentence: str
    torch: str = ""
    mindspore: str = ""


@dataclass(frozen=True)
class ModuleRow:
    """One module of the reference: its path ("" is the root) and type, and the port's type.

    mindspore: "" where the port has no twin of it.
    """

    path: str
    torch: str
    mindspore: str


@dataclass(frozen=True)
class ParameterRow:
    """One parameter or buffer on both sides; "" where a side has none of it, for the reason given.

    shape: torch's, or the port's where torch has none. layout: how the values lie in the port's.
    """

    torch: str
    mindspore: str
    shape: tuple[int, ...]
    layout: str = "same"
    reason: str = ""


@dataclass(frozen=True)
class Setting:
    """A setting of twin modules that differs, in torch's terms."""

    path: str
    name: str
    torch: str
    mindspore: str


@dataclass(frozen=True)
class Curve:
    """A quantity over a training, on both sides, inside the envelope of torch and its twins.

    x: the steps. low, high: of the envelope; nan where it is so wide that it tells nothing.
    """

    name: str
    x: tuple[float, ...]
    torch: tuple[float, ...]
    mindspore: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one case: every divergence, the culprits, and what was counted.

    compared counts entries. right: units that were right alone. latent: modules that are wrong
    alone while this network's own structure masks it: a warning, which does not fail the case.
    findings: where the sides of a stage part; each fails the case. modules, parameters, settings:
    what structure compared, for reports. curves: what a training run showed.
    bundle: the folder that replays a failure. not_run: why the check was not begun. A Verdict with
    problems (an exception, a map that does not cover) does not pass, nor does one of which a part
    was not judged.
    """

    case: str
    check: str
    seed: int
    labels: Mapping[str, str] = field(default_factory=dict)
    results: Sequence[Result] = ()
    culprits: tuple[Culprit, ...] = ()
    latent: tuple[Culprit, ...] = ()
    trace: tuple[TraceRow, ...] = ()
    right: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    modules: tuple[ModuleRow, ...] = ()
    parameters: tuple[ParameterRow, ...] = ()
    settings: tuple[Setting, ...] = ()
    curves: tuple[Curve, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    blocked_by: str = ""
    not_run: str = ""
    compared: int = 0
    seconds: float = 0.0
    bundle: str = ""

    @property
    def kind(self) -> str:
        """Of the pair, as its name begins: "layers", "networks"."""
        return self.case.partition(".")[0]

    @property
    def divergences(self) -> tuple[Result, ...]:
        statuses = _column(self.results, "status")
        return tuple(self.results[n] for n, status in enumerate(statuses) if status == DIVERGES)

    @property
    def reference_far(self) -> tuple[Result, ...]:
        """Entries where torch itself, not the port, is far from float64."""
        far = _column(self.results, "far")
        return tuple(self.results[n] for n, side in enumerate(far) if side == "torch")

    @property
    def counts(self) -> dict[str, int]:
        """Entries by status."""
        return dict(Counter(_column(self.results, "status")))

    @property
    def failed(self) -> bool:
        """Whether anything that was judged is wrong."""
        return bool(self.problems or self.findings or self.divergences)

    @property
    def unfinished(self) -> bool:
        """Whether the check was not run, or a part of it was not judged."""
        return bool(self.not_run or self.counts.get(NOT_JUDGED))

    @property
    def passed(self) -> bool:
        return not (self.failed or self.blocked_by or self.unfinished)

    @property
    def worst_ratio(self) -> float:
        """The largest e/r among the entries that decide."""
        measured = zip(_column(self.results, "status"), _column(self.results, "ratio"))
        aside = (INCONCLUSIVE, LATENT, PROFILED, KNOWN)
        return max((ratio for status, ratio in measured if status not in aside), default=0.0)


def _column(results: Sequence[Result], name: str) -> Iterable[Any]:
    """One field of every measurement, in order; without making any Result where columns hold it."""
    read = getattr(results, "column", None)
    return read(name) if read else (getattr(result.measurement, name) for result in results)
