"""What a test depends on, and what state that is in.

A name is a file's path in the tree, ``list:FOLDER`` for the names that a folder holds,
``known:PAIR`` for what the ledger of known divergences says of a pair, or ``*`` for all files.
"""

import hashlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.gate.importing import Sources, is_source
from harness.gate.observing import ANYTHING, LISTED
from harness.gate.passes import ABSENT
from harness.known import Known
from harness.pair import Factory, Pair

#: Begins the name of a pair's part of the ledger of known divergences.
_KNOWN = "known:"

#: Files at the root that every test depends on, those that are not there (yet) included.
_EVERYWHERE = ("conftest.py", "constraints.txt", "pyproject.toml", "pytest.ini", ".pytest.ini",
               "setup.cfg", "tox.ini")  # fmt: skip

_DOUBTFUL = re.compile(
    r"__file__|\b(?:all_pairs|cli|find_pair|find_recipe|glob|harness_worker|import_module|iterdir|"
    r"registry|rglob|run_case|subprocess|trained_pair|converted_checkpoint|worker)\b"
)


class Reach:
    """What the tests of a tree depend on. ledger: of known divergences, and its file or ""."""

    def __init__(self, sources: Sources, ledger: Sequence[Known], ledger_file: str) -> None:
        self.sources, self.ledger, self.ledger_file = sources, ledger, ledger_file
        self._digests: dict[str, str] = {}
        self._files: dict[str, frozenset[str]] = {}
        self._static: dict[tuple[str, str, frozenset[str]], frozenset[str]] = {}
        self._common = self._harness()

    def _harness(self) -> frozenset[str]:
        own = self.sources.relative(Path(__file__).parents[1] / "plugin.py")
        return self.sources.closure(own) if own else frozenset()

    def static(self, test_file: str, pair: str = "", roots: Iterable[str] = ()) -> frozenset[str]:
        """What the sources tell before anything was run. test_file: "" for the harness's own
        tests. pair: its name, for a case. roots: the pair's files."""
        key = test_file, pair, frozenset(roots)
        if key not in self._static:
            found = self._around(test_file) | self.sources.closure(*key[2])
            self._static[key] = found | {f"{_KNOWN}{pair}"} if pair else found
        return self._static[key]

    def _around(self, test_file: str) -> frozenset[str]:
        """What every test of a file depends on."""
        if test_file not in self._files:
            found = {*_EVERYWHERE, *_conftests(test_file), *self._common}
            starts = [test_file, *(f for f in found if f.endswith(".py"))]
            found |= self.sources.closure(*(f for f in starts if f in self.sources.files))
            # The ledger's parts are told apart by pair; whoever reads the file itself is seen to.
            self._files[test_file] = frozenset(found - {self.ledger_file})
        return self._files[test_file]

    def seen(self, start: frozenset[str], reads: Iterable[str],
             at_import: Mapping[str, Iterable[str]]) -> frozenset[str]:  # fmt: skip
        """What was observed beside what the sources tell. at_import: what importing a file
        reads."""
        reads = frozenset(reads)
        found = set(start | reads)
        found |= self.sources.closure(*(name for name in reads if name.endswith(".py")))
        pending = [name for name in found if name in at_import]
        while pending:
            for name in set(at_import[pending.pop()]) - found:
                found.add(name)
                if name in at_import:
                    pending.append(name)
        return frozenset(found)

    def roots(self, pair: Pair) -> set[str]:
        """The files of a pair: where it is declared, and of its factories."""
        found = {self.sources.relative(pair.site[0])} if pair.site[0] else set()
        for factory in (pair.torch, pair.mindspore, pair.optimizers.torch,
                        pair.optimizers.mindspore):  # fmt: skip
            found |= set(self._home(factory))
        return {file for file in found if file is not None}

    def _home(self, factory: Factory) -> Iterable[str | None]:
        if isinstance(factory, str):
            return self.sources.modules(factory.partition(":")[0])
        module = sys.modules.get(getattr(inspect.unwrap(factory), "__module__", ""))
        file = getattr(module, "__file__", None)
        return [self.sources.relative(file)] if file else []

    def digest(self, name: str) -> str:
        """The state of one name, as it is when first asked for."""
        if name not in self._digests:
            self._digests[name] = self._state(name)
        return self._digests[name]

    def _state(self, name: str) -> str:
        if name.startswith(_KNOWN):
            pair = name.removeprefix(_KNOWN)
            return _hash(repr([known for known in self.ledger if known.pair == pair]).encode())
        if name == ANYTHING:
            files = sorted(self.sources.files)
            return _hash("\n".join(f"{f} {self.digest(f)}" for f in files).encode())
        path = self.sources.root / name.removeprefix(LISTED)
        try:
            if name.startswith(LISTED):
                names = sorted(entry.name for entry in path.iterdir() if is_source((entry.name,)))
                return _hash("\n".join(names).encode())
            return _hash(path.read_bytes())
        except OSError:
            return ABSENT

    def changed(self, reads: Mapping[str, str]) -> list[str]:
        """The names whose state is not that which is given."""
        return sorted(name for name, found in reads.items() if self.digest(name) != found)

    def changed_since(self, names: Iterable[str], moment: float) -> bool:
        """Whether a file was written after a moment (time.time()), so that its state is not that
        which a test has read."""
        files = (n for n in names if n != ANYTHING and not n.startswith((LISTED, _KNOWN)))
        paths = (self.sources.root / name for name in files)
        return any(path.exists() and path.stat().st_mtime >= moment for path in paths)


def unattributed(sources: Sources, changed: Iterable[str]) -> list[str]:
    """The changed files that no import and no folder ties to tests: all tests may depend on them.

    Deleted ones are among them: who imported them can no longer be told.
    """
    tied = frozenset().union(*sources.data.values()) | {
        file for file in sources.files if file.endswith((".py", ".md")) and file not in _EVERYWHERE
    }
    return sorted(set(changed) - tied)


def is_doubtful(sources: Sources, test_file: str) -> bool:
    """Whether a test file, or what it imports from beside it, does what imports do not tell of:
    it starts processes, looks up pairs, reads files."""
    folder = test_file.partition("/")[0]
    own = [f for f in sources.closure(test_file) if f.partition("/")[0] == folder]
    texts = ((sources.root / file).read_text("utf-8") for file in own if file.endswith(".py"))
    return any(_DOUBTFUL.search(text) for text in texts)


def _conftests(test_file: str) -> Iterator[str]:
    folder = test_file.rpartition("/")[0]
    while folder:
        yield f"{folder}/conftest.py"
        folder = folder.rpartition("/")[0]


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
