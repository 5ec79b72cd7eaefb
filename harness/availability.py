"""What a device cannot run of the layer and function pairs: found by running, never guessed.

A pair variant may lack "forward", "backward" (it runs, and has no gradient) or "graph" (it runs in
PyNative mode only). Only an exception that says that the device has no kernel counts; anything else
is the port's own divergence, which the battery shows.
"""

from collections.abc import Callable

from harness.backends.base import Run
from harness.backends.kernels import missing_kernel
from harness.errors import HarnessError
from harness.subject import Subject


def lacking(subject: Subject) -> dict[str, str]:
    """ "forward", "backward" or "graph" -> the reason, for what the port's device cannot run."""
    device = subject.settings.target
    steps: tuple[tuple[str, Callable[[], Run]], ...] = (
        ("forward", lambda: _run(subject, backward=False)),
        ("backward", lambda: _run(subject, backward=True)),
        ("graph", lambda: _graph(subject)),
    )
    for what, step in steps:
        if what == "backward" and not subject.pair.differentiable:
            continue
        if what == "graph" and "same_as_pynative" not in subject.pair.checks:
            continue
        try:
            step()
        except Exception as error:  # frameworks raise whatever they like
            kernel = missing_kernel(str(error))
            if not kernel:
                return {}
            return {what: f"MindSpore has no {device} kernel of {kernel}"}
    return {}


def _run(subject: Subject, backward: bool) -> Run:
    run = Run({})
    for train in (False, True):
        run = subject.port.backend.run(
            subject.port.model,
            *subject.arguments(),
            train=train,
            cotangents=subject.cotangents(subject.entropy) if backward else None,
            parameters=subject.port.names.parameter(subject.trainable) if backward else (),
        )
    return run


def _graph(subject: Subject) -> Run:
    run = Run({})
    for train in (False, True):
        for backward in (False, True)[: 1 + subject.pair.differentiable]:
            run = subject.port.backend.run_graph(  # type: ignore[attr-defined]
                subject.port.model,
                *subject.arguments(),
                train=train,
                cotangents=subject.cotangents(subject.entropy) if backward else None,
                parameters=subject.port.names.parameter(subject.trainable),
            )
    return run


def still_lacking(subject: Subject, recorded: dict[str, str]) -> None:
    """Raise HarnessError where a device lacks something else than its profile says."""
    found = lacking(subject)
    if found != recorded:
        raise HarnessError(
            f"{subject.pair.name}:{subject.variant}: the device profile says {recorded}, a run "
            f"says {found or 'that it runs'}; measure the profile again (calibrate "
            f"--write-profile)."
        )
