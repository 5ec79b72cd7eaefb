"""Runs made up for the tests of the reports: one that fails, one that passes, a large one."""

import math
from collections.abc import Sequence
from dataclasses import replace

from harness.records import Entries, Rows
from harness.results import Benchmark, Outcome, Results
from harness.verdict import (
    AGREES,
    DIVERGES,
    INCONCLUSIVE,
    Culprit,
    Curve,
    Finding,
    Measurement,
    ModuleRow,
    ParameterRow,
    Result,
    Setting,
    TraceRow,
    Verdict,
)

MODULES = ("", "conv1", "bn1", "layer1", "layer1.0", "layer1.0.conv1", "layer1.0.bn1", "fc")


def measured(ratio: float, status: str = AGREES, kind: str = "") -> Measurement:
    """A measurement whose numbers follow from its e/r."""
    return Measurement(
        status, kind, "max", ratio * 1e-7, 1e-7, 3e-6, ratio, 1.0, 12, 0.25, (1, 2),
        (0.5, 0.25, 1 / 3),
    )  # fmt: skip


def entry(name: str, unit: str, ratio: float, status: str = AGREES, kind: str = "") -> Result:
    return Result(name, "isolated", unit, "eval", measured(ratio, status, kind))


def run(tests: Sequence[Outcome], **more: object) -> Results:
    """A run of these tests."""
    failed = any(test.failed for test in tests)
    found = Results(
        versions={"harness": "1.0", "torch": "2.13.0", "mindspore": "2.10.0", "numpy": "1.26.4"},
        device="CPU", seed=0, part=1, of=1, collection="", collected=len(tests),
        selected=len(tests), started="2026-01-01T00:00:00+00:00", exit=int(failed),
        tests=list(tests), uncollected=[], left_out={},
        environment={"python": "3.11.7", "system": "Linux", "processor": "x86_64", "cores": "2"},
    )  # fmt: skip
    return replace(found, **more)  # type: ignore[arg-type]


def outcome_of(verdict: Verdict, reason: str = "") -> Outcome:
    """The test that came to a verdict."""
    outcome = "passed" if verdict.passed else "failed"
    text = "" if verdict.passed else f"The two disagree in {verdict.check}."
    return Outcome(f"tests/test_all.py::test[{verdict.case}]", outcome, 1.25, reason, text, verdict)


def structure(pair: str, modules: Sequence[str] = MODULES) -> Verdict:
    """What the structure check keeps of a pair of these modules."""
    return Verdict(
        f"{pair}-structure-pynative-f32", "structure", 0,
        modules=tuple(ModuleRow(path, "BatchNorm2d" if "bn" in path else "Cell", "Cell")
                      for path in modules),
        parameters=tuple(
            row
            for path in modules[1:]
            for row in (
                ParameterRow(f"{path}.weight", f"{path}.gamma", (8, 3)),
                ParameterRow(f"{path}.count", "", (), reason="a counter"),
            )
        ),
        settings=(Setting("bn1", "eps", "1e-05", "0.001"),),
        notes=("MindSpore only: flatten",),
        compared=len(modules),
    )  # fmt: skip


def passing(pair: str = "networks.right:default") -> list[Outcome]:
    """The cases of a pair that is right."""
    forward = tuple(entry(f"{path}:out", path, 0.5 + n) for n, path in enumerate(MODULES))
    backward = tuple(entry(f"{path}:grad_in", path, 2.0) for path in MODULES)
    return [
        outcome_of(structure(pair)),
        outcome_of(Verdict(f"{pair}-forward_eval-pynative-f32", "forward_eval", 0, results=forward,
                       compared=len(forward))),
        outcome_of(Verdict(f"{pair}-backward-pynative-f32", "backward", 0, results=backward,
                       compared=len(backward))),
    ]  # fmt: skip


def failing(pair: str = "networks.wrong:default") -> list[Outcome]:
    """The cases of a pair whose bn1 is wrong, and of a training that drifts."""
    wrong = entry("bn1:out", "bn1", 4200.0, DIVERGES, "value")
    shape = entry("fc:out", "fc", 0.0, DIVERGES, "shape")
    unsure = entry("layer1:out", "layer1", math.inf, INCONCLUSIVE)
    right = tuple(entry(f"{path}:out", path, 0.0 if "conv" in path else 1.5) for path in MODULES)
    culprit = Culprit("bn1", "BatchNorm2d", "BatchNorm2d", False, (wrong,),
                      (("eps", 1e-5, 1e-3),), "ports/net.py:12")  # fmt: skip
    latent = Culprit("layer1.0.bn1", "BatchNorm2d", "BatchNorm2d", False, (wrong,))
    trace = (
        TraceRow("conv1", 1e-6, 1e-6, 1.0, ""),
        TraceRow("bn1", 3e-3, 1e-6, 3000.0, "starts here"),
        TraceRow("", 4e-3, 1e-6, 4000.0, "downstream"),
    )
    steps = (1.0, 2.0, 3.0)
    curve = Curve("loss", steps, (2.3, 2.2, 2.1), (2.3, 2.25, 2.4), (2.29, 2.1, math.nan),
                  (2.31, 2.3, math.nan))  # fmt: skip
    return [
        outcome_of(structure(pair)),
        outcome_of(
            Verdict(f"{pair}-forward_eval-pynative-f32", "forward_eval", 0,
                    results=(*right, wrong, shape, unsure), culprits=(culprit,), latent=(latent,),
                    trace=trace, compared=11, bundle="bundles/wrong"),
            "The two networks disagree in eval mode.",
        ),
        outcome_of(
            Verdict(f"{pair}-backward-pynative-f32", "backward", 0, blocked_by="forward_eval")
        ),
        outcome_of(
            Verdict("recipes.wrong:default-free_running-pynative-f32", "free_running", 0,
                    findings=(Finding("loop", "the losses part", "2.1", "2.4"),), curves=(curve,),
                    compared=3),
            "The two recipes train apart.",
        ),
        Outcome("tests/test_cli.py::test_help", "skipped", 0.0, "no terminal"),
        Outcome("tests/test_cli.py::test_list", "error", 0.5, "boom", "Traceback: boom"),
    ]  # fmt: skip


def mixed() -> Results:
    """A run in which a pair is right, another wrong, with benchmarks and what was left out."""
    return run(
        [*passing(), *failing()],
        left_out={"layers.a:default-backward-pynative-f32": "the device has no kernel"},
        benchmarks=[Benchmark("forward", "torch", 0.003, 0.0029, 0.0035),
                    Benchmark("forward", "port", 0.007, 0.006, 0.009)],
    )  # fmt: skip


def large(pairs: int, modules: int, entries: int) -> Results:
    """A run of so many pairs of four cases each; the first has so many modules.

    entries: how many there are in all, over all pairs.
    """
    inside = (f"layer{n // 25}" + (f".{n}" if n % 25 else "") for n in range(modules - 1))
    paths = ["", *inside]
    first = entries // 3
    deep = _columns("networks.deep:default", "forward_eval", paths, first)
    tests = [outcome_of(structure("networks.deep:default", paths)), outcome_of(deep)]
    each = (entries - first) // (4 * pairs)
    for n in range(pairs):
        pair = f"blocks.b{n}:default"
        for check in ("forward_eval", "forward_train", "state", "backward"):
            verdict = _columns(pair, check, MODULES, each)
            tests.append(outcome_of(verdict))
    return run(tests)


def _columns(pair: str, check: str, paths: Sequence[str], count: int) -> Verdict:
    """A verdict of so many entries, made as a file holds them."""
    units = [paths[n % len(paths)] for n in range(count)]
    what = "grad_in" if check == "backward" else "out"
    columns = Entries(
        count=count, entry=[f"{unit}:{what}{n % 7}" for n, unit in enumerate(units)], unit=units,
        scope="isolated", mode="train", status=AGREES, metric="max",
        error=[1.234567e-7 * (1 + n % 97) for n in range(count)],
        reference=[1.112345e-7 * (1 + n % 89) for n in range(count)],
        limit=3e-6, ratio=[0.01 * (1 + n % 997) for n in range(count)], size=64,
    )  # fmt: skip
    case = f"{pair}-{check}-pynative-f32"
    return Verdict(case, check, 0, results=Rows(columns), compared=count)
