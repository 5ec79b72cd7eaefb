"""Origins: where the whole network starts to differ, forward and backward.

Isolation says which module is wrong; the traces of the whole network say where a difference first
appears, which also shows what no module has alone: order, aliasing, a module called twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.backends.base import Call, Cotangents, array_leaves
from harness.compare import judge
from harness.evidence import Evidence
from harness.verdict import DIVERGES, TraceRow


def forward_rows(evidence: Evidence, mode: str) -> tuple[TraceRow, ...]:
    """Every module's output, in the order the calls ended.

    A row starts a difference where it is outside its limit and everything that feeds it is inside.
    Runs all sides once more with every module captured; empty if the port cannot run, and within a
    memory budget.
    """
    if evidence.keeper:
        return ()
    calls = evidence.record(mode, backward=False).run.calls
    sides = _captured(evidence, mode, None)
    if sides is None:
        return ()
    rows = dict(_rows(evidence, calls, *sides, lambda call: call.output))
    return _placed(rows, _producers(calls))


def backward_rows(evidence: Evidence) -> tuple[TraceRow, ...]:
    """The gradient that reaches every module's output, from the network's end to its beginning.

    In eval mode, where gradients are calm. A row starts a difference where it is outside its limit
    and the gradients of everything that its output feeds are inside. Empty as ``forward_rows`` is.
    """
    if evidence.keeper:
        return ()
    recording = evidence.record("eval", backward=True)
    calls = recording.run.calls
    sides = _captured(evidence, "eval", evidence.cotangents(recording.entropy))
    if sides is None:
        return ()
    # In torch they come in the order in which they arrived.
    rows = dict(_rows(evidence, calls[::-1], *sides, lambda c: dict(sorted(c.cotangents.items()))))
    consumers: dict[str, list[str]] = {}
    for name, feeding in _producers(calls).items():
        for producer in feeding:
            consumers.setdefault(producer, []).append(name)
    return _placed(rows, consumers)


_Sides = tuple[dict[str, Call], dict[str, Call], dict[str, Call]]


def _captured(evidence: Evidence, mode: str, cotangents: Cotangents | None) -> _Sides | None:
    """Calls by torch name: the port's, the oracle's, torch's with the kernels' known noise."""

    def run(side: Any, **more: Any) -> dict[str, Call]:
        calls = side.backend.run(
            side.model,
            *evidence.arguments(),
            train=mode == "train",
            cotangents=cotangents,
            parameters=side.names.parameter(evidence.trainable) if cotangents else (),
            state=side.names.parameter(evidence.state),
            capture=True,
            **more,
        ).calls
        back = evidence.modules.to_torch if side is evidence.port else {}
        return {_named(back.get(call.path, call.path), call): call for call in calls}

    try:
        port = run(evidence.port)
    except Exception:  # the verdict already says that the port does not run
        return None
    errors = {"noise": evidence.kernel_noise, "coarse": evidence.coarse()}
    return port, run(evidence.oracle), run(evidence.torch, **errors)


def _named(path: str, call: Call) -> str:
    return path if call.index == 0 else f"{path}#{call.index}"


def _rows(
    evidence: Evidence,
    calls: Sequence[Call],
    port: Mapping[str, Call],
    oracle: Mapping[str, Call],
    noisy: Mapping[str, Call],
    values: Any,
) -> Iterator[tuple[str, TraceRow]]:
    for call in calls:
        name = call.name
        if call.path not in evidence.modules.twins or name not in port:
            continue
        extra = array_leaves(values(noisy[name])) if name in noisy else []
        worst = None
        for number, ((_, ours), (_, want), (_, true)) in enumerate(
            zip(*(array_leaves(values(c)) for c in (port[name], call, oracle[name])))
        ):
            more = [extra[number][1]] if extra else []
            found = judge(ours, want, true, channel_axis=1, nudged=lambda more=more: more)  # type: ignore
            if worst is None or found.ratio > worst.ratio or found.kind not in ("", "value"):
                worst = found
        if worst is not None:
            place = "downstream" if worst.status == DIVERGES else ""
            numbers = (worst.error, worst.reference, worst.ratio)
            yield name, TraceRow(name, *numbers, place, worst.note)


def _producers(calls: Sequence[Call]) -> dict[str, tuple[str, ...]]:
    """Call -> the calls that feed it, by identity of the recorded arrays.

    An array that no call returned was computed between calls: everything that ended before this
    call began may feed it. A container is fed by what runs inside it as well.
    """
    made_by: dict[int, list[str]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for position, call in enumerate(calls):
        key = call.name
        earlier = [c for c in calls[:position] if c.began < call.began]
        inside = [c.name for c in calls[:position] if c.began > call.began]
        feeding: list[str] = inside
        for _, array in array_leaves((call.args, call.kwargs)):
            feeding += made_by.get(id(array)) or [c.name for c in earlier]
        found[key] = tuple(dict.fromkeys(feeding))
        for _, array in array_leaves(call.output):
            made_by.setdefault(id(array), []).append(key)
    return found


def _placed(
    rows: Mapping[str, TraceRow], feeding: Mapping[str, Sequence[str]]
) -> tuple[TraceRow, ...]:
    """The rows, those marked that differ while nothing that feeds them does."""
    diverging = {name for name, row in rows.items() if row.place}
    return tuple(
        TraceRow(name, row.error, row.reference, row.ratio, "starts here", row.note)
        if row.place and not diverging & set(feeding.get(name, ()))
        else row
        for name, row in rows.items()
    )
