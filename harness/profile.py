"""Device profiles: what a device's own kernels cost, measured, so that a port is not blamed for it;
and what it has no kernels for.

A profile says for an operation (a torch layer type) how far the device's kernel is from float64 on
the layer pairs, as a share of the entry's scale. It excuses an entry of that very operation, alone,
where both sides declare it with equal settings; a wrong port of the same layer is further off and
fails. ``python -m harness calibrate --profile FILE`` measures one.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from harness import statics
from harness.errors import HarnessError
from harness.inventory import Module
from harness.pair import Case, Pair
from harness.tolerance import FACTOR, KERNEL_COARSE, PROFILE_LARGEST, PROFILE_MARGIN
from harness.verdict import DIVERGES, PROFILED, Measurement, Result

_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True)
class Cost:
    """What one operation's kernel costs, in "forward" or "backward".

    share: largest error / largest oracle value of the entry over the measured cases. ratio: largest
    e/r. cases: how many entries exceeded the limit. measured_on: the pairs that showed it.
    """

    share: float
    ratio: float
    cases: int
    measured_on: tuple[str, ...]

    @property
    def allowed(self) -> float:
        """The share of an entry's scale that is excused."""
        return PROFILE_MARGIN * self.share


@dataclass(frozen=True)
class Profile:
    """Operation -> direction -> Cost, of one device under one MindSpore version.

    kernels: elementwise function, as torch calls it -> largest relative error of a value, see
        ``harness.backends.elementwise``.
    missing: "pair:variant" -> what the device cannot run of it ("forward", "backward", "graph") ->
        why, see ``harness.availability``.
    """

    device: str
    mindspore: str
    seeds: int = 0
    operations: Mapping[str, Mapping[str, Cost]] = field(default_factory=dict)
    kernels: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def lacks(self, pair: Pair, variant: str) -> Mapping[str, str]:
        """What the device cannot run of a pair's variant, and why."""
        return self.missing.get(f"{pair.name}:{variant}", {})

    def cases(self, pair: Pair, seed: int = 0) -> list[Case]:
        """The pair's cases that the device can run."""
        return [case for case in pair.cases(seed) if self._runs(case)]

    def _runs(self, case: Case) -> bool:
        lacks = self.lacks(case.pair, case.variant)
        if "forward" in lacks:
            return False
        if "backward" in lacks:
            return case.check != "backward"
        return not ("graph" in lacks and case.mode == "graph")

    def excuse(
        self, found: Measurement, entry: str, torch: Module, port: Module, operation: bool = False
    ) -> Measurement:
        """The measurement, as profiled where this operation's own kernel explains it.

        operation: the two are a pair of their own, one operation a side, and need not be stock.
        """
        cost = self.operations.get(torch.type, {}).get(direction(entry))
        if found.status != DIVERGES or found.kind != "value" or cost is None:
            return found
        if not (operation or _declared_alike(torch, port)):
            return found
        if found.error > cost.allowed * found.scale:
            return found
        note = f"{torch.type} on {self.device}, known: {cost.share:.1e} of its scale"
        return replace(found, status=PROFILED, kind="", note=note)

    def priced(self, found: Measurement, kernels: Iterable[str]) -> Measurement:
        """The measurement, as profiled for elementwise kernels that explain it."""
        costs = ", ".join(f"{name} {self.kernels[name]:.1e}" for name in sorted(kernels))
        note = f"kernels of {self.device}, known relative errors: {costs}"
        return replace(found, status=PROFILED, kind="", note=note)

    def noise(self, torch: Module, port: Module, operation: bool = False) -> float:
        """The share of its scale by which a module's output may be off, 0 for most."""
        cost = self.operations.get(torch.type, {}).get("forward")
        return cost.allowed if cost and (operation or _declared_alike(torch, port)) else 0.0

    def save(self, path: Path) -> None:
        """Write the profile as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def _declared_alike(torch: Module, port: Module) -> bool:
    stock = torch.namespace.startswith("torch.nn") and port.namespace.startswith("mindspore.")
    return stock and not statics.differences(torch, port)


def direction(entry: str) -> str:
    """ "forward" or "backward", for an entry of a module alone."""
    return "backward" if "grad" in entry.rpartition(":")[2] else "forward"


def load_profile(device: str, path: str = "", mindspore: str = "") -> Profile:
    """The profile at ``path``, or the shipped one of this device and version; else an empty one.

    mindspore: the version, of the installed one by default. Raises HarnessError for a file that is
    no profile.
    """
    try:
        installed = mindspore or version("mindspore")
    except PackageNotFoundError:
        installed = "missing"
    file = (
        Path(path) if path else _FOLDER / f"mindspore-{installed}-{device.replace(':', '-')}.json"
    )
    if not file.is_file():
        if path:
            raise HarnessError(f"{file}: no such device profile.")
        return Profile(device, installed)
    return _read(file, file.stat().st_mtime_ns)


@cache
def _read(file: Path, changed: int) -> Profile:
    """The profile in a file, read again when it has changed."""
    try:
        data = json.loads(file.read_text())
        operations = {
            name: {
                way: Cost(**{**cost, "measured_on": tuple(cost["measured_on"])})
                for way, cost in costs.items()
            }
            for name, costs in data.pop("operations").items()
        }
        return Profile(**data, operations=operations)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HarnessError(f"{file} is not a device profile: {error}") from error


def measured(
    device: str,
    seeds: int,
    found: Iterable[tuple[str, str, Result]],
    missing: Mapping[str, Mapping[str, str]],
    kernels: Mapping[str, float] | None = None,
) -> Profile:
    """The profile that results call for, given (pair, torch type, result) of modules alone.

    An operation is in it where its kernel exceeds the limit by itself. missing: as the profile
    keeps it. kernels: relative errors, kept where they are not a rounding's.
    """
    over: dict[tuple[str, str], list[tuple[str, Measurement]]] = {}
    for pair, kind, result in found:
        m = result.measurement
        if (
            m.ratio > FACTOR
            and m.error <= PROFILE_LARGEST * m.scale
            and m.scale > 0
            and m.status in (DIVERGES, PROFILED)
            and m.kind != "shape"
        ):
            over.setdefault((kind, direction(result.entry)), []).append((pair, m))
    operations: dict[str, dict[str, Cost]] = {}
    for (kind, way), entries in sorted(over.items()):
        operations.setdefault(kind, {})[way] = Cost(
            share=_rounded(max(m.error / m.scale for _, m in entries)),
            ratio=_rounded(max(m.ratio for _, m in entries)),
            cases=len(entries),
            measured_on=tuple(sorted({pair for pair, _ in entries})),
        )
    coarse = {
        name: _rounded(share) for name, share in (kernels or {}).items() if share > KERNEL_COARSE
    }
    return Profile(device, load_profile(device).mindspore, seeds, operations, coarse, missing)


def _rounded(value: float) -> float:
    return float(np.format_float_scientific(value, precision=1))


def unneeded(stored: Profile, fresh: Profile) -> list[str]:
    """Operations that a profile excuses and whose kernels no longer need it."""
    return [
        f"{name} {way}"
        for name, costs in stored.operations.items()
        for way in costs
        if way not in fresh.operations.get(name, {})
    ]
