"""What isolation costs beside one bare forward and backward of each side, in one run.

    python tests/cost.py [PAIR] [eval|train]

Prints JSON: seconds and peak memory, bare (torch float32, torch float64 and MindSpore together) and
isolated, with their ratios. Only the ratios mean anything on another machine.
"""

import json
import resource
import sys
import tempfile
import time
from os import chdir

from harness.evidence import Evidence
from harness.registry import find_pair

BARE_ROUNDS = 3


def _peak() -> int:
    """Peak resident memory of this process so far, in KiB on Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _bare(evidence: Evidence, mode: str) -> float:
    began = time.perf_counter()
    for side in (evidence.torch, evidence.oracle, evidence.port):
        side.backend.run(
            side.model,
            evidence.inputs(),
            train=mode == "train",
            cotangents=evidence.cotangents(evidence.entropy),
            parameters=side.names.parameter(evidence.trainable),
            state=side.names.parameter(evidence.state),
        )
    return time.perf_counter() - began


def measure(pair: str, mode: str) -> dict[str, float]:
    """Seconds and peak KiB, bare and isolated, with ratios."""
    evidence = Evidence(find_pair(pair), "default")
    evidence.port, evidence.oracle, evidence.map  # noqa: B018  builds all three sides
    _bare(evidence, mode)
    bare = min(_bare(evidence, mode) for _ in range(BARE_ROUNDS))
    bare_peak = _peak()
    began = time.perf_counter()
    results = evidence.isolated(mode)
    isolated = time.perf_counter() - began
    return {
        "entries": len(results),
        "bare_seconds": bare,
        "isolated_seconds": isolated,
        "seconds_ratio": isolated / bare,
        "bare_peak": bare_peak,
        "isolated_peak": _peak(),
        "peak_ratio": _peak() / bare_peak,
    }


if __name__ == "__main__":
    pair_name = sys.argv[1] if len(sys.argv) > 1 else "networks.resnet50"
    chosen_mode = sys.argv[2] if len(sys.argv) > 2 else "train"
    chdir(tempfile.mkdtemp(prefix="harness-cost-"))
    print(json.dumps(measure(pair_name, chosen_mode), indent=1))
