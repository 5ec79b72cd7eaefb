"""The battery: one function a claim. Each returns a Verdict and never raises for a divergence."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness import graphs, localize, origins, quantity, stages, stepping, structure
from harness.backends import Settings
from harness.budget import Budget
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.errors import BudgetError, DeviceError, HarnessError, NothingCompared, PairError
from harness.evidence import Evidence
from harness.initialization import judge_initialization
from harness.pair import Case, Pair, checks_of
from harness.profile import load_profile
from harness.progress import Progress
from harness.stages import Stage
from harness.subject import Given
from harness.verdict import (
    AGREES,
    DIVERGES,
    LATENT,
    NOT_JUDGED,
    PROFILED,
    Culprit,
    Measurement,
    Result,
    Verdict,
)

Check = Callable[[Evidence], Verdict]

#: Checks that read no gradient.
FORWARD_ONLY = frozenset(
    {"structure", "parameters", "initialization", "forward_eval", "forward_train", "state"}
)

_DECIDING = (AGREES, DIVERGES, LATENT, PROFILED)


def check_structure(evidence: Evidence) -> Verdict:
    """Modules and parameters of both sides map one to one, with equal shapes and trainability."""
    torch, port = evidence.torch.inventory, evidence.bare_port.inventory
    entries = evidence.map.entries
    problems = []
    for entry in entries:
        ours, theirs = torch.names[entry.torch], port.names[entry.mindspore]
        if ours.trainable != theirs.trainable:
            trained = {True: "trainable", False: "frozen"}
            problems.append(
                f"{entry.mindspore} is {trained[theirs.trainable]} in MindSpore, "
                f"{entry.torch} is {trained[ours.trainable]} in torch."
            )
    problems += structure.ties(evidence)
    problems += structure.shared_memory(evidence)
    state = any(not torch.names[e.torch].trainable for e in entries)
    for declared, real, what in (
        (evidence.pair.has_parameters, bool(torch.parameters), "parameters"),
        (evidence.pair.has_state, state, "state"),
    ):
        if declared is not None and declared != real:
            words = f"has {what}" if real else f"has no {what}"
            problems.append(f"The network {words}; set has_{what}={real} on the pair.")
    notes = [f"torch only: {name}" for name in evidence.modules.torch_only]
    notes += [f"MindSpore only: {name}" for name in evidence.modules.mindspore_only]
    differ = structure.settings(evidence)
    notes += structure.alike(differ)
    notes += structure.modes(evidence)
    return Verdict(
        "", "structure", 0,
        modules=structure.modules(evidence),
        parameters=structure.parameters(evidence),
        settings=differ,
        problems=tuple(problems),
        notes=tuple(notes),
        compared=len(evidence.modules.twins) + len(entries),
    )  # fmt: skip


def check_parameters(evidence: Evidence) -> Verdict:
    """Every parameter arrives bit for bit, in the port and in a checkpoint, and comes back so."""
    source = evidence.parameters_for(evidence.torch)
    want = evidence.map.to_mindspore(source)
    held = evidence.port.backend.read(evidence.port.model)
    results = [_bits(f"{name}:value", held.get(name), array, want) for name, array in want.items()]
    for suffix in (".ckpt", ".safetensors"):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"converted{suffix}"
            write_checkpoint(file, evidence.port_checkpoint(source), "mindspore")
            read = read_checkpoint(file).arrays
        back = evidence.fusion.torch.split(evidence.torch_checkpoint(read))
        results += [
            _bits(f"{name}:round_trip{suffix}", back.get(name), source[name], {}) for name in back
        ]
    return _compared("parameters", results)


def _bits(entry: str, ours: np.ndarray | None, want: np.ndarray, known: dict) -> Result:
    size = want.size
    if ours is not None and ours.shape == want.shape and ours.tobytes() == want.tobytes():
        return Result(entry, "whole", "", "eval", Measurement(AGREES, size=size, exact=True))
    if ours is None:
        found = Measurement(DIVERGES, "missing", note="not there", size=size)
    elif ours.shape != want.shape:
        found = Measurement(DIVERGES, "shape", note=f"{ours.shape} for {want.shape}", size=size)
    else:
        different = ours != want
        sources = localize.matching_parameters(ours, known)
        note = f"holds the values of {', '.join(sources)}" if sources else "other bits"
        worst = float(np.abs(ours.astype(np.float64) - want).max())
        found = Measurement(
            DIVERGES, "value", "bits", worst, size=size, share=float(different.mean()),
            ratio=float("inf"), note=note,
        )  # fmt: skip
    return Result(entry, "whole", "", "eval", found)


def check_initialization(evidence: Evidence) -> Verdict:
    """Freshly built parameters follow the same distribution on both sides."""
    results = judge_initialization(evidence)
    if not results:
        raise NothingCompared("initialization: there is no parameter and no buffer to compare.")
    return Verdict("", "initialization", 0, results=tuple(results), compared=len(results))


def check_forward_eval(evidence: Evidence) -> Verdict:
    """In eval mode every module, alone and in the network, computes what torch computes."""
    return _forward(evidence, "eval")


def check_forward_train(evidence: Evidence) -> Verdict:
    """In train mode every module, alone and in the network, computes what torch computes."""
    return _forward(evidence, "train")


def _forward(evidence: Evidence, mode: str) -> Verdict:
    results = evidence.isolated(mode) + evidence.whole(mode)
    check = f"forward_{mode}"
    verdict = _compared(check, [r for r in results if localize.check_of(r) == check], evidence)
    if verdict.divergences:
        verdict = _explained(evidence, verdict, mode)
        verdict = replace(verdict, trace=origins.forward_rows(evidence, mode))
    findings = [*quantity.below(evidence, mode)]
    if verdict.divergences and not findings and evidence.pair.kind == "losses":
        findings += quantity.mistaken(evidence, mode)
    return replace(verdict, findings=tuple(findings))


def _explained(evidence: Evidence, verdict: Verdict, mode: str) -> Verdict:
    culprits, notes = localize.audited(evidence, mode, verdict.culprits)
    return replace(verdict, culprits=culprits, notes=(*verdict.notes, *notes))


def check_state(evidence: Evidence) -> Verdict:
    """Running statistics after a forward agree in train mode and stay untouched in eval mode."""
    return _both_modes(evidence, "state")


def check_backward(evidence: Evidence) -> Verdict:
    """Input and parameter gradients of every module alone agree, in eval and in train mode."""
    return _both_modes(evidence, "backward")


def check_optimizer_step(evidence: Evidence) -> Verdict:
    """Fed the same gradients, both optimizers move every parameter alike, at the same rate."""
    results, notes = stepping.steps(evidence)
    return replace(_compared("optimizer_step", results), notes=notes)


def check_same_as_pynative(evidence: Evidence) -> Verdict:
    """Compiled as a graph, the port computes what it computes in PyNative mode, and keeps up."""
    results = [r for mode in evidence.graph_modes for r in evidence.graph(mode)]
    # What is wrong as it stands tells nothing of what became stale.
    wrong = any(result.diverges for result in evidence.whole("eval"))
    stale = [] if wrong else graphs.stale(evidence)
    verdict = _compared("same_as_pynative", results + stale, evidence)
    notes = dict.fromkeys(r.measurement.note for r in stale if r.diverges)
    return replace(verdict, notes=tuple(notes))


def _both_modes(evidence: Evidence, check: str) -> Verdict:
    results = [
        result
        for mode in ("eval", "train")
        for result in (
            evidence.isolated(mode) + evidence.whole(mode)
            if evidence.measures(mode)
            else evidence.untouched(mode)
        )
        if localize.check_of(result) == check
        # A unit that raises has no gradients: its failure stands for them.
        or (check == "backward" and result.measurement.kind == "error")
    ]
    verdict = _compared(check, results, evidence)
    if verdict.divergences:
        mode = verdict.divergences[0].mode
        verdict = _explained(evidence, verdict, mode)
        if check == "backward":
            verdict = replace(verdict, trace=origins.backward_rows(evidence))
    return verdict


def _compared(check: str, results: Sequence[Result], evidence: Evidence | None = None) -> Verdict:
    if not results:
        raise NothingCompared(f"{check}: there was nothing to compare.")
    deciding = [r for r in results if r.measurement.status in _DECIDING]
    left = sum(r.measurement.status == NOT_JUDGED for r in results)
    if not deciding and not left:
        raise NothingCompared(
            f"{check}: none of {len(results)} entries decides anything; torch's own float32 error "
            f"is too large on these inputs."
        )
    wrong: tuple[Culprit, ...] = ()
    latent: tuple[Culprit, ...] = ()
    if evidence is not None:
        trees = evidence.torch.inventory, evidence.bare_port.inventory, evidence.modules
        wrong = localize.culprits(*trees, results)
        latent = localize.culprits(*trees, results, LATENT)
    return Verdict(
        "", check, 0,
        results=tuple(results),
        culprits=wrong,
        latent=latent,
        right=localize.right_units(results),
        compared=len(results) - left,
    )  # fmt: skip


#: The battery, by check name, in order.
BATTERY: dict[str, Check] = {
    "structure": check_structure,
    "parameters": check_parameters,
    "initialization": check_initialization,
    "forward_eval": check_forward_eval,
    "forward_train": check_forward_train,
    "state": check_state,
    "backward": check_backward,
    "optimizer_step": check_optimizer_step,
    "same_as_pynative": check_same_as_pynative,
}


def open_evidence(
    pair: Pair,
    variant: str,
    *,
    dtype: str = "f32",
    seed: int = 0,
    settings: Settings | None = None,
    given: Given | None = None,
    progress: Progress | None = None,
) -> Evidence | Stage:
    """What the checks of one variant read from: an Evidence of modules, a Stage of other kinds."""
    if not pair.is_module:
        return Stage(pair, variant, dtype=dtype, seed=seed, settings=settings, progress=progress)
    return Evidence(
        pair, variant, dtype=dtype, seed=seed, settings=settings, given=given, progress=progress
    )


def run_check(evidence: Evidence | Stage, check: str) -> Verdict:
    """Run one check of the battery on what an Evidence or a Stage holds, and name the Verdict.

    A mapping that does not cover is structure's own problem and blocks the other checks.
    """
    case = Case(evidence.pair, evidence.variant, check, seed=evidence.seed)
    began = time.perf_counter()
    try:
        if evidence.settings.budget.over and not _begins(evidence, check):
            verdict = Verdict("", check, 0, not_run=f"{evidence.settings.budget.words} ended")
        elif isinstance(evidence, Stage):
            verdict = stages.checks_for(evidence.pair.kind)[check](evidence)
        elif nothing := evidence.nothing_for(check):
            verdict = Verdict("", check, 0, notes=(nothing,), compared=1)
        else:
            verdict = BATTERY[check](evidence)
    except NothingCompared as error:
        verdict = Verdict("", check, 0, problems=(str(error),))
    except (BudgetError, DeviceError, PairError):
        raise  # the command or the pair is wrong: no verdict about the port
    except HarnessError as error:
        if check == "structure" or evidence.structure_is_sound():
            verdict = Verdict("", check, 0, problems=(str(error),))
        else:
            verdict = Verdict("", check, 0, blocked_by="structure")
    if isinstance(evidence, Evidence):
        verdict = replace(verdict, notes=(*verdict.notes, *evidence.budget_notes()))
    seconds = time.perf_counter() - began
    return replace(
        verdict, case=case.id, seed=evidence.seed, labels=evidence.known_labels, seconds=seconds
    )


def _begins(evidence: Evidence | Stage, check: str) -> bool:
    """Whether a check runs although the budget's minutes are over."""
    return isinstance(evidence, Evidence) and evidence.begins(check)


def check_pair(
    pair: Pair,
    *,
    variants: Sequence[str] | None = None,
    checks: Sequence[str] | None = None,
    seed: int = 0,
    settings: Settings | None = None,
    given: Given | None = None,
    progress: Progress | None = None,
    budget: Budget | None = None,
) -> list[Verdict]:
    """Run the battery on a pair in this process, without pytest; one Verdict a case.

    variants, checks: names; all of the pair's by default. given: parameters and inputs (NumPy
    arrays) in place of seeded draws. budget: the memory of this process, and the minutes from now
    on, that modules are judged within; what there was no time for is ``unfinished`` and does not
    pass. Raises PairError for a wrong declaration, and for checks that are none of the pair's kind;
    BudgetError where the memory does not suffice for the network itself or for one of its modules.
    """
    if budget is not None:
        settings = replace(settings or Settings(), budget=budget.begun())
    verdicts = []
    unknown = [check for check in checks or () if check not in checks_of(pair.kind)]
    if unknown:
        raise PairError(
            f"{pair.name}: {', '.join(unknown)} are no checks of {pair.kind}; there are "
            f"{', '.join(checks_of(pair.kind))}."
        )
    for variant in variants or pair.variants:
        evidence = open_evidence(
            pair, variant, seed=seed, settings=settings, given=given, progress=progress
        )
        if isinstance(evidence, Evidence) and checks is not None:
            evidence.forward_only = FORWARD_ONLY.issuperset(checks)
        device = load_profile(evidence.settings.ms_device, evidence.settings.profile)
        for case in device.cases(pair, seed):
            if case.variant == variant and (checks is None or case.check in checks):
                verdicts.append(run_check(evidence, case.check))
    return verdicts
