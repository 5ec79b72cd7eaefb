"""Runs spread over machines: ``--shard I/N`` runs one part.

All cases of one pair variant share models and recordings, so they belong to one part; tests without
a case go by their file. What a test is called and what it draws does not depend on its part.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from harness import results
from harness.pair import Case

_OUTPUT = "harness_shard"

#: What cannot be torn apart: (whether it has no case, name).
Group = tuple[bool, str]


def add_options(group: Any) -> None:
    """The option of this module."""
    group.addoption("--shard", default="", metavar="I/N",
                    help="run the I-th of N parts of the tests, on this machine")  # fmt: skip


def configure(config: pytest.Config) -> "Spread":
    """Register the hooks that leave the run its part, and count what there is."""
    shard = config.getoption("--shard")
    spread = Spread(*shard_of(shard or "1/1"), named=bool(shard))
    config.pluginmanager.register(spread, "harness-spread")
    return spread


def shard_of(text: str) -> tuple[int, int]:
    """(part, of) that a text says. Raises UsageError for what is no part."""
    found = re.fullmatch(r"(\d+)/(\d+)", text, re.ASCII)
    part, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= part <= of:
        raise pytest.UsageError(f"--shard {text}: write it as I/N with 1 <= I <= N, such as 2/3.")
    return part, of


def parts(groups: Iterable[Group], of: int) -> dict[Group, int]:
    """Each group's part, 1 .. of; a group stands in ``groups`` once for each of its tests.

    Cases first, so that they are spread evenly by themselves; the largest group first, into the
    part that holds fewest tests. Depends on the groups' names and sizes, on no order.
    """
    holds = [0] * of
    found = {}
    sizes = Counter(groups).items()
    for group, size in sorted(sizes, key=lambda entry: (entry[0][0], -entry[1], entry[0][1])):
        part = holds.index(min(holds))
        holds[part] += size
        found[group] = part + 1
    return found


def _group(item: pytest.Item) -> Group:
    case = item.callspec.params.get("case") if hasattr(item, "callspec") else None
    if isinstance(case, Case):
        return False, f"{case.pair.name}:{case.variant}"
    return True, item.nodeid.partition("::")[0]


class Spread:
    """The hooks that leave a run one part of its tests.

    collection, collected, selected: see ``harness.results``; the controller of a run that
    pytest-xdist spreads has them from its processes, which each collect.
    """

    def __init__(self, part: int, of: int, named: bool) -> None:
        self.part, self.of, self.named = part, of, named
        self.collection = results.digest(())
        self.collected = self.selected = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Iterator[None]:
        """Drop the other parts' tests, after every other selection and in the same order."""
        yield
        self.collection = results.digest(item.nodeid for item in items)
        self.collected = len(items)
        groups = [_group(item) for item in items]
        part_of = parts(groups, self.of)
        mine = [item for item, group in zip(items, groups) if part_of[group] == self.part]
        others = [item for item, group in zip(items, groups) if part_of[group] != self.part]
        self.selected = len(mine)
        if others:
            items[:] = mine
            config.hook.pytest_deselected(items=others)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the counts to the controller of a spread run."""
        if hasattr(session.config, "workerinput"):
            session.config.workeroutput[_OUTPUT] = (  # type: ignore[attr-defined]
                self.collection,
                self.collected,
                self.selected,
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take the counts of a process; all collect the same."""
        output = getattr(node, "workeroutput", {})
        if _OUTPUT in output:
            self.collection, self.collected, self.selected = output[_OUTPUT]

    def pytest_report_header(self) -> str | None:
        """Which part this is."""
        return f"harness: shard {self.part} of {self.of}" if self.named else None

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """How much of the whole this part is."""
        if self.named:
            terminalreporter.write_line(
                f"shard {self.part} of {self.of}: {self.selected} of {self.collected} tests"
            )
