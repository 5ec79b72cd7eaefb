"""From results to names: the modules that are wrong alone, and what is known about them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness import statics
from harness.evidence import Evidence
from harness.inventory import Inventory
from harness.modulemap import ModuleMap
from harness.verdict import DIVERGES, LATENT, NOT_JUDGED, Culprit, Result


def check_of(result: Result) -> str:
    """The check of the battery that a result belongs to."""
    _, arrow, fed = result.entry.rpartition("<")
    kind = (fed if arrow else result.entry.rpartition(":")[2]).partition(".")[0]
    if kind in ("out", "in"):
        return f"forward_{result.mode}"
    return "state" if kind == "state" else "backward"


def culprits(
    torch: Inventory,
    port: Inventory,
    modules: ModuleMap,
    results: Sequence[Result],
    status: str = DIVERGES,
) -> tuple[Culprit, ...]:
    """The modules that diverge alone (or are latent), with the settings in which twins differ."""
    by_path: dict[str, list[Result]] = {}
    for result in results:
        if result.measurement.status == status and result.scope != "whole":
            by_path.setdefault(result.unit.partition("#")[0], []).append(result)
    ours, theirs = torch.paths, port.paths
    found = []
    for path in [module for module in ours if module in by_path]:
        twin = theirs[modules.twins[path]]
        wrong = by_path[path]
        wiring = wrong[0].scope == "wiring"
        stock = twin.namespace.startswith("mindspore.")
        found.append(
            Culprit(
                path,
                ours[path].type,
                twin.type,
                wiring,
                tuple(wrong),
                statics.differences(ours[path], twin),
                "" if stock else twin.source,
                stock and ours[path].namespace.startswith("torch.nn"),
            )
        )
    return tuple(found)


def audited(
    evidence: Evidence, mode: str, found: Sequence[Culprit]
) -> tuple[tuple[Culprit, ...], tuple[str, ...]]:
    """Culprits with facts that only a run shows, and notes on modules called more or less often.

    Facts: the training flag after the network was told its mode, the narrowest dtype in use.
    """
    train = mode == "train"
    sides = (evidence.torch, evidence.port)
    try:
        ours_mode, theirs_mode = (side.backend.modes(side.model, train) for side in sides)
        ours_dtype, theirs_dtype = (
            side.backend.precisions(side.model, evidence.arguments(), train) for side in sides
        )
    except Exception:  # the verdict already says that the port does not run
        return tuple(found), ()
    audited = []
    for culprit in found:
        twin = evidence.modules.twins[culprit.path]
        facts = [
            (name, ours.get(culprit.path), theirs.get(twin))
            for name, ours, theirs in (
                ("training", ours_mode, theirs_mode),
                ("computes in", ours_dtype, theirs_dtype),
            )
            if culprit.path in ours and twin in theirs and ours[culprit.path] != theirs[twin]
        ]
        audited.append(replace(culprit, facts=(*culprit.facts, *facts)))
    if evidence.keeper:  # every call of the network would be held at once
        return tuple(audited), ("a memory budget leaves out where the whole network starts to "
                                "differ",)  # fmt: skip
    return tuple(audited), tuple(_call_counts(evidence, mode))


def _call_counts(evidence: Evidence, mode: str) -> Iterator[str]:
    ours = Counter(call.path for call in evidence.record(mode, backward=False).run.calls)
    port = evidence.port.backend.run(
        evidence.port.model,
        *evidence.arguments(),
        train=mode == "train",
        state=evidence.port.names.parameter(evidence.state),
        capture=True,
    )
    theirs = Counter(call.path for call in port.calls)
    for path, twin in evidence.modules.twins.items():
        if ours[path] != theirs[twin]:
            yield (
                f"{path or 'the root'} is called {_times(ours[path])} in torch, "
                f"{_times(theirs[twin])} in MindSpore"
            )


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def right_units(results: Sequence[Result]) -> tuple[str, ...]:
    """Units that ran alone and agree in every entry."""
    alone = [result for result in results if result.scope != "whole"]
    others = (DIVERGES, LATENT, NOT_JUDGED)
    wrong = {result.unit for result in alone if result.measurement.status in others}
    return tuple(dict.fromkeys(result.unit for result in alone if result.unit not in wrong))


def matching_parameters(array: np.ndarray, candidates: Mapping[str, np.ndarray]) -> list[str]:
    """Names of the arrays that hold exactly these bits: where a wrong parameter came from."""
    return [
        name
        for name, other in candidates.items()
        if other.shape == array.shape and other.tobytes() == array.tobytes()
    ]
