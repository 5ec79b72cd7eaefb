"""The page of a failing case: a sentence, the trace, the modules alone, the next command."""

from collections.abc import Sequence

from harness import registry
from harness.inventory import parent
from harness.pair import KINDS
from harness.report.words import WIDTH, indented, listing, place, ratio, wrap
from harness.tolerance import FACTOR
from harness.verdict import Culprit, Finding, Result, TraceRow, Verdict

#: Rows of a trace, and entries of a list, shown before the rest is only counted.
_ROWS = 12

_WHAT = {
    "structure": "are not built alike",
    "parameters": "do not hold the same parameters",
    "initialization": "start from different initial values",
    "forward_eval": "disagree in eval mode",
    "forward_train": "disagree in train mode",
    "state": "keep different running statistics",
    "backward": "have different gradients",
    "same_as_pynative": "differ once compiled as a graph",
    "optimizer_step": "move differently when trained for a few steps",
    "steps": "move parameters differently from the same gradients",
    "rates": "use different learning rates",
    "distribution": "draw from different distributions",
    "records": "read different records",
    "order": "do not see each sample once an epoch, in the order they should",
    "transforms": "transform the same image differently",
    "augmentation": "augment differently",
    "batches": "make different batches",
    "evaluation": "evaluate differently",
    "optimizer": "move parameters differently from the same gradients",
    "resume": "do not go on as if they had never stopped",
    "teacher_forced": "take different steps from the same parameters and batches",
    "free_running": "train apart, further than rounding explains",
    "distributed": "do not both train over several processes as one process does",
}


def page(verdict: Verdict, reference: str = "") -> str:
    """The page of a failing case; reference: the "module:name" by which its pair was named."""
    lines = [*_head(verdict), ""]
    if verdict.blocked_by:
        lines.append(f"Not run: blocked by {verdict.blocked_by}, which fails for this pair.")
        return "\n".join(lines)
    lines += wrap(_sentence(verdict), WIDTH)
    lines += [f"  {line}" for problem in verdict.problems for line in problem.splitlines()]
    lines += _findings(verdict.findings)
    if any(row.place for row in verdict.trace):
        lines += ["", *_trace(verdict.trace, verdict.check == "backward")]
    lines += _worst_element(verdict)
    if verdict.culprits:
        lines += ["", *_alone(verdict)]
    elif verdict.divergences and not verdict.findings:
        lines += ["", *_entries(verdict.divergences)]
    lines += latent(verdict)
    lines += _remarks(verdict)
    lines += ["", *_counted(verdict), ""]
    # No registry knows reduced pairs, and no case of a suite starts other processes.
    if not verdict.case.startswith("reduced.") and verdict.check != "distributed":
        named = f"--pair {reference} " if reference else ""
        lines.append(f'rerun   pytest {named}-k "{verdict.case}"')
    if verdict.bundle:
        lines.append(f"replay  python -m harness replay {place(verdict.bundle)}")
    narrow = _narrow(verdict)
    if narrow:
        lines.append(f'narrow  pytest -k "{narrow}"')
    return "\n".join(lines)


def _findings(findings: Sequence[Finding]) -> list[str]:
    """Where the sides of a stage part, each with both sides' values."""
    lines: list[str] = []
    for finding in findings:
        lines += ["", *wrap(f"{finding.place}: {finding.sentence}")]
        if finding.torch or finding.mindspore:
            lines.append(f"    torch      {finding.torch}")
            lines.append(f"    mindspore  {finding.mindspore}")
    return lines


def latent(verdict: Verdict) -> list[str]:
    """The warning about modules that are wrong where this network cannot show it."""
    if not verdict.latent:
        return []
    names = listing([c.path for c in verdict.latent])
    are = "is" if len(verdict.latent) == 1 else "are"
    lines = ["", *wrap(
        f"Latent: {names} {are} wrong alone, but this network's own structure masks it: put into "
        f"torch's network, not one bit of its outputs, gradients or statistics changes. It will "
        f"show where the module is used elsewhere."
    )]  # fmt: skip
    for culprit in verdict.latent:
        lines += _described(culprit)
    return lines


def _head(verdict: Verdict) -> list[str]:
    gap = max(2, WIDTH - len(verdict.case) - len(f"seed {verdict.seed}"))
    lines = [f"{verdict.case}{' ' * gap}seed {verdict.seed}"]
    if verdict.labels:
        mode = "graph mode" if verdict.case.rsplit("-", 2)[-2:][:1] == ["graph"] else "PyNative"
        reference = verdict.labels.get("reference", "torch")
        candidate = verdict.labels.get("candidate", "mindspore")
        lines.append(f"{reference}  vs  {candidate} {mode}")
    return lines


def _sentence(verdict: Verdict) -> str:
    if (
        verdict.problems
        and not (verdict.divergences or verdict.findings)
        and verdict.check != "structure"
    ):
        return f"The check {verdict.check} does not pass for the two {_noun(verdict)}."
    what = f"The two {_noun(verdict)} {_WHAT[verdict.check]}."
    starts = [row.name or "the root" for row in verdict.trace if row.place == "starts here"]
    if starts:
        feeding = "it" if len(starts) == 1 else f"those {_number(len(starts))}"
        where = listing(starts, "and, separately, at")
        if verdict.check == "backward":
            what += f" Going back from the end, it starts with what reaches {where}."
        else:
            what += f" It starts at {where}; everything feeding {feeding} agrees."
    wrong = list(dict.fromkeys(_named(culprit) for culprit in verdict.culprits))
    if wrong and wrong != starts:
        what += f" Wrong alone: {listing(wrong)}."
    elif verdict.divergences and verdict.right and not wrong:
        what += " No module is wrong alone in this; look at how they are put together."
    return what


def _number(count: int) -> str:
    return {2: "two", 3: "three", 4: "four"}.get(count, str(count))


def _named(culprit: Culprit) -> str:
    name = culprit.path or "the root"
    return f"{name} (its own construct)" if culprit.wiring else name


def _noun(verdict: Verdict) -> str:
    kind = verdict.case.partition(".")[0]
    return kind if kind in KINDS else "models"


def _trace(rows: Sequence[TraceRow], backward: bool) -> list[str]:
    shown = _interesting(rows)
    width = max(max(len(row.name or "out") for row in shown) + 2, 11)
    title = "gradient at" if backward else "entry"
    lines = [f"  {title:<{width}}  mindspore err   torch's own err   ratio  (limit {FACTOR:g})"]
    for row in shown:
        mark = {"": "", "starts here": "  <- starts here", "downstream": "  downstream"}[row.place]
        numbers = (
            row.note
            if row.note and not row.error
            else f"{row.error:>13.1e}   {row.reference:>15.1e}   {ratio(row.ratio):>5}"
        )
        lines.append(f"  {row.name or 'out':<{width}}  {numbers}{mark}")
    more = sum(r.place == "downstream" for r in rows) - sum(r.place == "downstream" for r in shown)
    lines.append(f"  ({len(rows)} outputs compared; {more} more downstream)")
    return lines


def _interesting(rows: Sequence[TraceRow]) -> list[TraceRow]:
    """The rows around every start, the end, and no more than a screenful."""
    if len(rows) <= _ROWS:
        return list(rows)
    starts = [i for i, row in enumerate(rows) if row.place == "starts here"]
    chosen: list[int] = []
    for start in starts:
        for i in (start - 1, start, start + 1):
            if 0 <= i < len(rows) and i not in chosen and len(chosen) < _ROWS - 1:
                chosen.append(i)
    if len(rows) - 1 not in chosen:
        chosen.append(len(rows) - 1)
    return [rows[i] for i in sorted(chosen)]


def _alone(verdict: Verdict) -> list[str]:
    wrong = list(dict.fromkeys(c.path or "(the root)" for c in verdict.culprits))
    known = list(dict.fromkeys(name.partition("#")[0] for name in verdict.right))
    right = [name for name in known if name not in wrong]
    near = {parent(c.path) for c in verdict.culprits} | {c.path for c in verdict.culprits}
    close = [name for name in right if name and parent(name) in near]
    others = len(right) - len(close)
    lines = ["Each module alone, fed torch's input:", *indented("wrong  ", wrong)]
    lines += indented("right  ", [*close, f"and {others} more"] if others else close)
    for group in _alike(verdict.culprits):
        lines += _described(*group)
    return lines


def _alike(culprits: Sequence[Culprit]) -> list[list[Culprit]]:
    """Leaves of one type with the same facts are described together."""
    found: dict[object, list[Culprit]] = {}
    for culprit in culprits:
        key = culprit.path if culprit.wiring else (culprit.torch_type, repr(culprit.facts))
        found.setdefault(key, []).append(culprit)
    return list(found.values())


def _described(*group: Culprit) -> list[str]:
    first = group[0]
    names = listing([c.path or "the root" for c in group])
    if first.wiring:
        at = f" ({place(first.source)})" if first.source else ""
        lines = wrap(
            f"{names} ({first.mindspore_type}): its children are right, its own construct is "
            f"wrong{at}",
            WIDTH - 2,
        )
        return [f"  {line}" for line in lines] + _what(first) + _facts(first)
    kind = first.torch_type
    if len(group) > 1:
        head = f"  wrong modules {names} are all {kind}"
    else:
        head = f"  {names} ({kind})"
        if first.source:
            head += f", {first.mindspore_type} ({place(first.source)})"
    if first.facts:
        return [f"{head}; settings that differ:", *_facts(first), *_what(first)[:1]]
    lines = [f"{head}:", *_what(first)]
    if first.stock and first.results[0].measurement.far != "torch":
        lines.append("    no setting differs: the frameworks' own kernels, rather than the port")
    return lines


def _facts(culprit: Culprit) -> list[str]:
    width = max((len(name) for name, _, _ in culprit.facts), default=0)
    return [f"    {n:<{width}}   torch {a}   mindspore {b}" for n, a, b in culprit.facts]


def _what(culprit: Culprit) -> list[str]:
    shown = culprit.results[:4]
    lines = [f"    {_entry(result)}" for result in shown]
    if len(culprit.results) > len(shown):
        lines.append(f"    and {len(culprit.results) - len(shown)} more entries")
    return lines


def _entry(result: Result) -> str:
    m = result.measurement
    what = result.entry
    child, arrow, fed = what.partition("<")
    if arrow:
        what = f"what it feeds to {child}" if fed.startswith("in") else f"the gradient to {child}"
    if m.kind in ("missing", "shape", "dtype", "error"):
        return f"{what} ({result.mode}): {m.kind}: {m.note}"
    if m.metric == "initial":
        return f"{what}: {m.note}"  # a distribution has no error against float64
    sides = {"torch": "it is torch that is far from float64", "both": "both sides are far"}
    remark = m.note or sides.get(m.far, "")
    return (
        f"{what} ({result.mode}): error {m.error:.1e}, torch's own {m.reference:.1e}, "
        f"ratio {ratio(m.ratio)}" + (f"; {remark}" if remark else "")
    )


def _entries(results: Sequence[Result]) -> list[str]:
    lines = [f"  {_entry(result)}" for result in results[:_ROWS]]
    if len(results) > _ROWS:
        lines.append(f"  and {len(results) - _ROWS} more entries")
    return lines


def _worst_element(verdict: Verdict) -> list[str]:
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
    return [
        "",
        f"  {name}[{','.join(map(str, m.worst))}]   "
        f"mindspore {ours}   torch {reference}   float64 {oracle}",
        f"  {share} of its elements are outside the limit.",
    ]


def _remarks(verdict: Verdict) -> list[str]:
    lines = [f"note    {note}" for note in verdict.notes]
    for result in verdict.reference_far[:3]:
        m = result.measurement
        lines.append(
            f"note    torch itself is off at {result.entry} ({result.mode}): error "
            f"{m.reference:.1e}, the port's {m.error:.1e}; look at the reference"
        )
    return ["", *lines] if lines else []


def _counted(verdict: Verdict) -> list[str]:
    parts = [f"{verdict.compared} entries compared"]
    parts += [f"{number} {status}" for status, number in sorted(verdict.counts.items())]
    return [f"  ({'; '.join(parts)})"]


def _narrow(verdict: Verdict) -> str:
    if verdict.case.startswith(("layers.", "functions.")):
        return ""  # it is as narrow as it gets
    types = {c.torch_type.lower() for c in verdict.culprits if not c.wiring}
    name = f"layers.{types.pop()}" if len(types) == 1 else ""
    return f"{name}:" if name and name in registry.all_pairs() else ""
