"""A run's kinds, pairs and modules as a tree: worst e/r forward and backward, counts, verdict.

What agrees is one line; what does not is open. A number's colour repeats what its line says.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.moduletree import KIND, MODULE, PAIR, Measured, Node
from harness.report.messages import Catalogue
from harness.report.words import ENGLISH, listing, ratio, status
from harness.tolerance import FACTOR
from harness.verdict import AGREES

#: How deep all is opened: what is wrong only, the blocks of a network, everything.
CLOSED, BLOCKS, ALL = 0, 2, 1000

#: More lines than these that agree, beside one that does not, are one line.
_MANY = {KIND: 40, PAIR: 8}
#: Columns from which errors are shown beside their ratios.
_WIDE = 110
_PIPED = 1000


def show(console: Console, roots: Sequence[Node], depth: int, say: Catalogue = ENGLISH) -> None:
    """Print trees. depth: to which all is opened; what is wrong is opened always."""
    wide = console.width >= _WIDE
    rows = [row for root in roots for row in _lines(root, depth, console.options.ascii_only)]
    names = [_name(guides, node, say) for guides, node in rows]
    table = Table(box=None, header_style="dim", pad_edge=False)
    first = Text(say("worst e/r (limit {limit})", limit=f"{FACTOR:g}"))
    longest = max(name.cell_len for name in (first, *names))
    table.add_column(first, overflow="fold",
                     width=longest if 2 * longest <= console.width else None)  # fmt: skip
    titles = [say("forward"), say("backward"), say("whole")]
    titles += [say("mindspore err"), say("torch's own err")] if wide else []
    for title in (*titles, say("modules"), say("entries")):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(say("verdict"), overflow="fold")
    for name, (_, node) in zip(names, rows):
        table.add_row(name, *_numbers(node, wide), _verdict(node, say))
    # A pipe has no width: no line of a table is broken there.
    out = console if console.is_terminal else Console(file=console.file, width=_PIPED)
    with out.capture() as captured:
        out.print(table)
    for line in captured.get().splitlines():
        console.file.write(f"{line.rstrip()}\n")


def _lines(root: Node, depth: int, ascii_only: bool) -> Iterator[tuple[str, Node]]:
    """The nodes that are shown, each with the guides that lead to it."""
    fork, last, bar = ("+-- ", "`-- ", "|   ") if ascii_only else ("├── ", "└── ", "│   ")

    def below(node: Node, lead: str, left: int) -> Iterator[tuple[str, Node]]:
        shown = _shown(node, left)
        deeper = left if node.level == KIND else left - 1
        for child in shown:
            end = child is shown[-1]
            yield lead + (last if end else fork), child
            yield from below(child, lead + ("    " if end else bar), deeper)

    yield "", root
    yield from below(root, "", depth)


def _shown(node: Node, left: int) -> Sequence[Node]:
    """The children with lines of their own; those that agree may share one."""
    wrong = [child for child in node.children if child.wrong]
    fine = [child for child in node.children if not child.wrong]
    few = len(fine) <= _MANY.get(node.level, _MANY[PAIR])
    if left > CLOSED and (node.level != KIND or left == ALL):
        return node.children
    if node.level == KIND and few:
        return node.children
    if not wrong:
        return ()
    return node.children if few else [*wrong, Node("", children=tuple(fine))]


def _name(guides: str, node: Node, say: Catalogue) -> Text:
    name = node.name or say("{n} others", n=len(node.children))
    kind = f" {node.type}" if node.type and node.level == MODULE else ""
    return Text.assemble((guides, "dim"), name, (kind, "dim"))


def _numbers(node: Node, wide: bool) -> Iterator[Text]:
    alone, ends = node.total, node.ends
    yield _ratio(alone.forward, node)
    yield _ratio(alone.backward, node)
    yield _ratio(ends.largest, node)
    worst = alone.worst or ends.worst
    for error in (worst.error, worst.reference) if wide and worst else ("", "") if wide else ():
        yield Text(f"{error:.1e}" if worst else "")
    yield Text(str(node.modules or ""), style="dim")
    yield Text(str(alone.entries + ends.entries or ""), style="dim")


def _ratio(value: float | None, node: Node) -> Text:
    """A ratio; red only where the line says that something is wrong."""
    if value is None:
        return Text("")
    outside = "bold red" if node.wrong else "yellow"
    style = outside if value > FACTOR else "yellow" if value > FACTOR / 3 else "green"
    return Text(ratio(value), style=style)


def _verdict(node: Node, say: Catalogue) -> Text:
    red, yellow, green = "bold red", "yellow", "green"
    if node.level == KIND and node.wrong:
        wrong = sum(child.wrong for child in node.children)
        return Text(say("{n} of {total} DIFFER", n=wrong, total=len(node.children)), style=red)
    if node.failing:
        return Text(say("DIFFERS in {checks}", checks=listing(node.failing, say)), style=red)
    if node.own.wrong and node.own.worst:
        return Text(say("DIFFERS at {entry}", entry=node.own.worst.name), style=red)
    if node.wrong:
        return Text(say("wrong inside"), style=red)
    measured = node.total + node.ends
    said = _agreement(measured, say)
    if node.latent:
        said = say("latent at {modules}", modules=listing(node.latent, say))
    if node.not_run:
        said = say("not run: {checks}", checks=listing(node.not_run, say))
    plain = not (node.latent or node.not_run) and set(measured.counts) <= {AGREES}
    return Text(said, style=green if plain else yellow)


def _agreement(measured: Measured, say: Catalogue) -> str:
    """``agrees``, bit for bit where it does, and how many entries decide nothing."""
    counts = {name: number for name, number in measured.counts.items() if name != AGREES}
    rest = say(", ").join(
        f"{number} {status(name, say)}" for name, number in sorted(counts.items())
    )
    if counts and AGREES not in measured.counts:
        return rest
    if counts:
        return say("agrees ({rest})", rest=rest)
    # The worst entry stands for all: bits equal to torch's there are equal everywhere.
    same = measured.worst and measured.worst.exact and measured.worst.ratio == 0
    return say("identical") if same else say("agrees")
