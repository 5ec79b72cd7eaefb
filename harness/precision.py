"""The audit of precisions: in which dtype every module really computes, on both sides.

What a level of mixed precision promises and what the operations see are two things: the dtypes are
read off the operations as they are dispatched. Levels are MindSpore's; torch's counterparts:

    O0            float32
    O1, O2, auto  torch.autocast to float16
    O3            the whole model in float16
"""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.subject import Subject

LEVELS = ("O0", "O1", "O2", "O3", "auto")


@dataclass(frozen=True)
class Precision:
    """One pair of twins: the narrowest floating dtype among the operations of each one's code.

    "" where a side ran no operation on floating values of its own there.
    """

    path: str
    type: str
    torch: str
    mindspore: str

    @property
    def differs(self) -> bool:
        return bool(self.torch and self.mindspore) and self.torch != self.mindspore


def audit(subject: Subject, level: str, train: bool) -> Iterator[Precision]:
    """Run both sides once at a level of mixed precision; the models are changed by it."""
    arguments = subject.arguments()
    twins = subject.modules.twins
    torch, port = subject.torch, subject.port
    ours = torch.backend.precisions(torch.model, arguments, train, level)
    theirs = port.backend.precisions(port.model, arguments, train, level)
    for path, module in torch.inventory.paths.items():
        if path in twins and (path in ours or twins[path] in theirs):
            yield Precision(path, module.type, ours.get(path, ""), theirs.get(twins[path], ""))
