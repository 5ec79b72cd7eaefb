"""Latent faults: modules that are wrong alone while the network's own structure masks it.

What the port's module computes is put into torch's own network in place of torch's. Where every
output, gradient and running statistic of the network stays bit for bit what it was, in every draw,
the fault cannot be seen in this network: it waits for the module's next use.
"""

from collections.abc import Sequence
from dataclasses import replace

from harness.alone import reference_run, same_bits
from harness.backends.base import Run, Transplant
from harness.isolation import Unit
from harness.pair import Variant
from harness.running import run_on
from harness.subject import Given, Recording, Subject
from harness.tolerance import DRAWS
from harness.verdict import LATENT, Result


def settle(subject: Subject, results: list[Result], mode: str, backward: bool) -> list[Result]:
    """Turn divergences that the network masks into latent ones."""
    suspects = [unit for unit in _by_unit(results) if _maskable(subject, unit, results)]
    if suspects and subject.given.port_parameters:
        held = _held_wrongly(subject)
        suspects = [unit for unit in suspects if not _holds(subject, unit, held)]
    if not suspects:
        return results
    plain = _plain(subject)
    masked = set(suspects)
    for draw in range(DRAWS):
        if masked:
            masked = _masked(plain, masked, mode, backward, draw)
    return [
        replace(r, measurement=replace(r.measurement, status=LATENT))
        if r.diverges and r.unit in masked
        else r
        for r in results
    ]


def _by_unit(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(r.unit for r in results if r.diverges))


def _maskable(subject: Subject, unit: str, results: Sequence[Result]) -> bool:
    """Only values may be masked, of outputs and input gradients, inside a larger network."""
    wrong = [r for r in results if r.unit == unit and r.diverges]
    return bool(unit) and all(
        r.measurement.kind == "value"
        and r.scope == "isolated"
        and r.entry.partition(":")[0] == unit
        for r in wrong
    )


def _held_wrongly(subject: Subject) -> set[str]:
    """The port's parameters that a user's checkpoint gives other values than the conversion does:
    what they make wrong is gone with the drawn ones, and not masked."""
    given = subject.given.port_parameters or {}
    right = subject.map.to_mindspore(subject.parameters_for(subject.torch))
    return {name for name in given if name in right and not same_bits(
        {name: given[name]}, {name: right[name]}
    )}  # fmt: skip


def _holds(subject: Subject, unit: str, parameters: set[str]) -> bool:
    path = subject.port.names.module(unit.partition("#")[0])
    return any(name.startswith(f"{path}.") for name in parameters)


def _plain(subject: Subject) -> Subject:
    """The same pair on drawn parameters: a given or drawn zero must not do the masking."""
    variant = subject.pair.variants[subject.variant]
    if subject.given.parameters is None and not subject.given.port_parameters and not variant.draw:
        return subject
    variants = {subject.variant: Variant(variant.kwargs, variant.inputs, keywords=variant.keywords)}
    return Subject(
        replace(subject.pair, variants=variants),
        subject.variant,
        seed=subject.seed,
        settings=subject.settings,
        given=Given(inputs=subject.given.inputs),
        progress=subject.progress,
    )


def _masked(subject: Subject, names: set[str], mode: str, backward: bool, draw: int) -> set[str]:
    recording = subject.record(mode, backward, draw)
    clean = _whole(subject, recording, mode, backward, None)
    found = set()
    for unit in recording.units:
        reference_run(subject, unit, mode, backward)
        if unit.name in names and _changes_nothing(subject, recording, unit, mode, backward, clean):
            found.add(unit.name)
    return found


def _changes_nothing(
    subject: Subject, recording: Recording, unit: Unit, mode: str, backward: bool, clean: Run
) -> bool:
    try:
        port = run_on(subject.port, unit, mode, backward)
    except Exception:
        return False
    transplant = Transplant(unit.call.path, unit.call.index, port.output, port.grad_inputs)
    other = _whole(subject, recording, mode, backward, transplant)
    return all(
        same_bits({str(k): a for k, a in ours.items()}, {str(k): a for k, a in theirs.items()})
        for ours, theirs in (
            (clean.output, other.output),
            (clean.state, other.state),
            (clean.grads, other.grads),
            (clean.grad_inputs, other.grad_inputs),
        )
    )


def _whole(
    subject: Subject, recording: Recording, mode: str, backward: bool, change: Transplant | None
) -> Run:
    side = subject.torch
    return side.backend.run(  # type: ignore[call-arg]  # torch alone transplants
        side.model,
        *recording.arguments,
        train=mode == "train",
        cotangents=subject.cotangents(recording.entropy) if backward else None,
        parameters=subject.trainable,
        state=subject.state,
        transplant=change,
    )
