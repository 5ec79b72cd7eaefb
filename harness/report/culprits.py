"""What is wrong alone: the modules, the entries and settings that tell it, the worst element."""

from collections.abc import Sequence

from rich.cells import cell_len

from harness.inventory import parent
from harness.report.messages import Catalogue
from harness.report.told import told
from harness.report.words import WIDTH, indented, left, listing, mode, place, ratio, wrap
from harness.verdict import Culprit, Result, Verdict

#: Entries of a list shown before the rest is only counted.
_ENTRIES = 12


def alone(verdict: Verdict, say: Catalogue) -> list[str]:
    """Which modules are wrong alone and which are right, and each wrong one described."""
    wrong = list(dict.fromkeys(c.path or say("(the root)") for c in verdict.culprits))
    known = list(dict.fromkeys(name.partition("#")[0] for name in verdict.right))
    right = [name for name in known if name not in wrong]
    near = {parent(c.path) for c in verdict.culprits} | {c.path for c in verdict.culprits}
    close = [name for name in right if name and parent(name) in near]
    others = len(right) - len(close)
    rest = [say("and {n} more", n=others)] if others else []
    lines = [
        say("Each module alone, fed torch's input:"),
        *indented(f"{say('wrong')}  ", wrong),
        *indented(f"{say('right')}  ", [*close, *rest]),
    ]
    for group in _alike(verdict.culprits):
        lines += described(group, say)
    return lines


def _alike(culprits: Sequence[Culprit]) -> list[list[Culprit]]:
    """Leaves of one type with the same facts are described together."""
    found: dict[object, list[Culprit]] = {}
    for culprit in culprits:
        key = culprit.path if culprit.wiring else (culprit.torch_type, repr(culprit.facts))
        found.setdefault(key, []).append(culprit)
    return list(found.values())


def described(group: Sequence[Culprit], say: Catalogue) -> list[str]:
    """Modules that are wrong alike: what they are, the settings that differ, what is off."""
    first = group[0]
    names = listing([c.path or say("the root") for c in group], say)
    kind, source = first.torch_type, place(first.source) if first.source else ""
    if first.wiring:
        at = say(" ({place})", place=source) if source else ""
        lines = wrap(
            say("{names} ({type}): its children are right, its own construct is wrong{at}",
                names=names, type=first.mindspore_type, at=at),
            WIDTH - 2,
        )  # fmt: skip
        return [f"  {line}" for line in lines] + _what(first, say) + _facts(first, say)
    if len(group) > 1:
        head = say("wrong modules {names} are all {type}", names=names, type=kind)
    elif source:
        head = say("{name} ({type}), {port} ({place})",
                   name=names, type=kind, port=first.mindspore_type, place=source)  # fmt: skip
    else:
        head = say("{name} ({type})", name=names, type=kind)
    if first.facts:
        head = say("{what}; settings that differ:", what=head)
        return [f"  {head}", *_facts(first, say), *_what(first, say)[:1]]
    lines = [f"  {say('{what}:', what=head)}", *_what(first, say)]
    if first.stock and first.results[0].measurement.far != "torch":
        kernels = say("no setting differs: the frameworks' own kernels, rather than the port")
        lines.append(f"    {kernels}")
    return lines


def _facts(culprit: Culprit, say: Catalogue) -> list[str]:
    facts = [tuple(_value(str(part), say) for part in fact) for fact in culprit.facts]
    width = max((cell_len(name) for name, _, _ in facts), default=0)
    return [f"    {left(n, width)}   torch {a}   mindspore {b}" for n, a, b in facts]


def _value(text: str, say: Catalogue) -> str:
    """A setting's name or value; one word is a name of the frameworks'."""
    return told(text, say) if " " in text else text


def _what(culprit: Culprit, say: Catalogue) -> list[str]:
    return [f"  {line}" for line in entries(culprit.results, say, 4)]


def entries(results: Sequence[Result], say: Catalogue, most: int = _ENTRIES) -> list[str]:
    """The first entries, each with its error, and a count of the rest."""
    lines = [f"  {_entry(result, say)}" for result in results[:most]]
    if len(results) > most:
        lines.append(f"  {say('and {n} more entries', n=len(results) - most)}")
    return lines


def _entry(result: Result, say: Catalogue) -> str:
    m = result.measurement
    what = result.entry
    child, arrow, fed = what.partition("<")
    if arrow and fed.startswith("in"):
        what = say("what it feeds to {child}", child=child)
    elif arrow:
        what = say("the gradient to {child}", child=child)
    if m.metric == "initial" and m.kind not in ("missing", "shape", "dtype", "error"):
        return say("{what}: {note}", what=what, note=told(m.note, say))  # no error against float64
    what = say("{what} ({mode})", what=what, mode=mode(result.mode, say))
    kinds = {
        "missing": say("missing"),
        "shape": say("shape"),
        "dtype": say("dtype"),
        "error": say("error"),
    }
    if m.kind in kinds:
        return say("{what}: {kind}: {note}", what=what, kind=kinds[m.kind], note=told(m.note, say))
    sides = {
        "torch": say("it is torch that is far from float64"),
        "both": say("both sides are far"),
    }
    said = say(
        "{what}: error {error:.1e}, torch's own {reference:.1e}, ratio {ratio}",
        what=what, error=m.error, reference=m.reference, ratio=ratio(m.ratio),
    )  # fmt: skip
    remark = told(m.note, say) or sides.get(m.far, "")
    return f"{said}{say('; ')}{remark}" if remark else said


def worst_element(verdict: Verdict, say: Catalogue) -> list[str]:
    """The worst element of the first culprit, or else of the worst entry."""
    own = [r for c in verdict.culprits[:1] for r in c.results if r.measurement.worst]
    found = own or [r for r in verdict.divergences if r.measurement.worst]
    if not found:
        return []
    result = found[0] if own else max(found, key=lambda r: r.measurement.ratio)
    m = result.measurement
    name = result.entry.removesuffix(":out") or "out"
    ours, reference, oracle = (f"{value:.6g}" for value in m.values)
    share = f"{m.share:.0%}" if m.share >= 0.005 else f"{m.share:.1e}"
    outside = say("{share} of its elements are outside the limit.", share=share)
    return [
        "",
        f"  {name}[{','.join(map(str, m.worst))}]   "
        f"mindspore {ours}   torch {reference}   float64 {oracle}",
        f"  {outside}",
    ]
