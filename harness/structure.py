"""What two built models have in common besides names and shapes: settings, ties, memory, modes."""

from collections.abc import Iterator, Sequence

from harness import statics
from harness.subject import Subject
from harness.verdict import ModuleRow, ParameterRow, Setting


def ties(subject: Subject) -> Iterator[str]:
    """Parameters that are one on one side and two on the other."""
    torch, port = subject.torch.inventory.names, subject.bare_port.inventory.names
    target = {entry.torch: entry.mindspore for entry in subject.map.entries}
    source = {theirs: ours for ours, theirs in target.items()}
    for ours, theirs in target.items():
        first = torch[ours].shares
        if first and port[theirs].shares != target[first]:
            yield f"{ours} and {first} are one parameter in torch and two in MindSpore."
        other = port[theirs].shares
        if other and torch[ours].shares != source.get(other):
            yield f"{theirs} and {other} are one parameter in MindSpore and two in torch."


def shared_memory(subject: Subject) -> Iterator[str]:
    """Memory that both sides hold: each would change the other's parameters unseen."""
    spans = [
        (*extent, side, name)
        for side, name_extents in (
            ("torch", subject.torch.backend.extents(subject.torch.model)),
            ("MindSpore", subject.bare_port.backend.extents(subject.bare_port.model)),
        )
        for name, extent in name_extents.items()
        if extent[1] > extent[0]
    ]
    spans.sort()
    for (_, end, side, name), (start, _, other_side, other) in zip(spans, spans[1:]):
        if start < end and side != other_side:
            yield (
                f"{side}'s {name} and {other_side}'s {other} lie in the same memory: copy when "
                f"converting (Tensor.from_numpy shares, Tensor(array.copy()) does not)."
            )


def modules(subject: Subject) -> tuple[ModuleRow, ...]:
    """The reference's tree, each module beside its twin."""
    port, twins = subject.bare_port.inventory.paths, subject.modules.twins
    return tuple(
        ModuleRow(path, module.type, port[twins[path]].type if path in twins else "")
        for path, module in subject.torch.inventory.paths.items()
    )


def parameters(subject: Subject) -> tuple[ParameterRow, ...]:
    """The map of parameters and buffers in torch's order, then what the port alone has."""
    torch, port = subject.torch.inventory.names, subject.bare_port.inventory.names
    entries = {entry.torch: entry for entry in subject.map.entries}
    rows = []
    for name, own in torch.items():
        if entry := entries.get(name):
            rows.append(ParameterRow(name, entry.mindspore, own.shape, entry.layout.name))
        else:
            reason = subject.map.torch_only.get(name, "")
            rows.append(ParameterRow(name, "", own.shape, reason=reason))
    for name, reason in subject.map.mindspore_only.items():
        rows.append(ParameterRow("", name, port[name].shape, reason=reason))
    return tuple(rows)


def settings(subject: Subject) -> tuple[Setting, ...]:
    """What twins are set to that differs."""
    torch, port = subject.torch.inventory.paths, subject.bare_port.inventory.paths
    return tuple(
        Setting(path, name, str(ours), str(theirs))
        for path, twin in subject.modules.twins.items()
        for name, ours, theirs in statics.differences(torch[path], port[twin])
    )


def alike(differ: Sequence[Setting]) -> Iterator[str]:
    """A sentence for each way in which twins are set differently, with those that are."""
    found: dict[str, list[str]] = {}
    for setting in differ:
        words = f"{setting.name} is {setting.torch} in torch and {setting.mindspore} in MindSpore"
        found.setdefault(words, []).append(setting.path or "the root")
    for words, paths in found.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        yield f"{', '.join(paths[:3])}{more}: {words}"


def modes(subject: Subject) -> Iterator[str]:
    """Twins whose training flag differs after the whole network was told its mode."""
    sides = (subject.torch, subject.bare_port)
    for train, word in ((True, "train"), (False, "eval")):
        ours, theirs = (side.backend.modes(side.model, train) for side in sides)
        for path, twin in subject.modules.twins.items():
            if ours[path] != theirs[twin]:
                state = {True: "trains", False: "evaluates"}
                yield (
                    f"told to {word}, {path or 'the root'} {state[ours[path]]} in torch and "
                    f"{state[theirs[twin]]} in MindSpore"
                )
