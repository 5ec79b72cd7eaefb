"""Verdicts as plain text: a sentence first, then numbers, then the next command."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from harness.inventory import Inventory, parent
from harness.parameters import ParameterMap
from harness.tolerance import FACTOR
from harness.verdict import Culprit, Result, TraceRow, Verdict

#: Rows of a trace shown before the rest is only counted.
_TRACE_ROWS = 12
_WIDTH = 88

_WHAT = {
    "structure": "are not built alike",
    "parameters": "do not hold the same parameters",
    "forward_eval": "disagree in eval mode",
    "forward_train": "disagree in train mode",
    "state": "keep different running statistics",
    "backward": "have different gradients",
    "same_as_pynative": "differ once compiled as a graph",
}


def failure(verdict: Verdict, replay: str = "") -> str:
    """The page a failing case prints."""
    lines = [_head(verdict), ""]
    if verdict.blocked_by:
        lines.append(f"Not run: blocked by {verdict.blocked_by}, which fails for this pair.")
        return "\n".join(lines)
    lines += _wrap(_sentence(verdict))
    lines += [f"  {line}" for problem in verdict.problems for line in problem.splitlines()]
    if verdict.trace:
        lines += ["", *_trace(verdict.trace)]
    if verdict.culprits:
        lines += ["", *_alone(verdict)]
    else:
        lines += ["", *_entries(verdict.divergences)]
    lines += ["", *_worst_element(verdict), *_counted(verdict), ""]
    lines.append(f'rerun   pytest -k "{verdict.case}"')
    if replay:
        lines.append(f"replay  {replay}")
    narrow = _narrow(verdict)
    if narrow:
        lines.append(f'narrow  pytest -k "{narrow}"')
    return "\n".join(lines)


def one_line(verdict: Verdict) -> str:
    """A case in one line: status, id, worst ratio, time."""
    status = "equal  " if verdict.passed else "BLOCKED" if verdict.blocked_by else "DIFFERS"
    ratio = f"worst e/r {_ratio(verdict.worst_ratio)}" if verdict.results else ""
    seconds = f"{verdict.seconds:>6.1f} s"
    return (
        f"{status}  {verdict.case:<58} {verdict.compared:>5} compared {seconds}  {ratio}".rstrip()
    )


def summary(verdicts: Sequence[Verdict]) -> str:
    """The closing sentence over several verdicts, with what was counted."""
    failed = [v for v in verdicts if not v.passed and not v.blocked_by]
    blocked = sum(bool(v.blocked_by) for v in verdicts)
    compared = sum(v.compared for v in verdicts)
    counts: dict[str, int] = {}
    for verdict in verdicts:
        for status, number in verdict.counts.items():
            counts[status] = counts.get(status, 0) + number
    rest = ", ".join(f"{counts[s]} {s}" for s in ("uninformative", "inconclusive") if counts.get(s))
    rest = f" ({rest})" if rest else ""
    if not failed:
        return (
            f"EQUIVALENT: {len(verdicts)} checks, {compared} entries compared, "
            f"none that decides is outside {FACTOR:g} times torch's own float32 error{rest}."
        )
    names = list(dict.fromkeys(c.path or "the root" for v in failed for c in v.culprits))
    where = f" The modules that are wrong alone: {_listing(names)}." if names else ""
    also = f", {blocked} blocked" if blocked else ""
    return (
        f"DIVERGENT: {len(failed)} of {len(verdicts)} checks fail{also}; "
        f"{compared} entries compared{rest}.{where}"
    )


def layers(results: Iterable[Result], verbose: bool = False) -> str:
    """Module by module, worst entry of each: by block, or every module with ``verbose``."""
    worst: dict[str, Result] = {}
    modules: dict[str, set[str]] = {}
    for result in results:
        if result.scope == "whole":
            continue
        path = result.unit.partition("#")[0]
        row = path if verbose else ".".join(path.split(".")[:2])
        modules.setdefault(row, set()).add(path)
        if row not in worst or _rank(result) > _rank(worst[row]):
            worst[row] = result
    width = max([len(row) for row in worst] + [12])
    lines = [f"  {'layer':<{width}}  modules  mindspore err  torch's own err  ratio  verdict"]
    for row, result in worst.items():
        m = result.measurement
        if result.diverges:
            verdict = f"DIFFERS at {result.entry}"
        else:
            # The worst entry stands for all: bits equal to torch's there are equal everywhere.
            verdict = "identical" if m.exact and m.ratio == 0 else m.status
        lines.append(
            f"  {row or '(whole)':<{width}}  {len(modules[row]):>7}  {m.error:>13.1e}  "
            f"{m.reference:>15.1e}  {_ratio(m.ratio):>5}  {verdict}"
        )
    return "\n".join(lines)


def parameter_table(torch: Inventory, mindspore: Inventory, mapping: ParameterMap) -> str:
    """Names and shapes of both sides side by side."""
    rows = [("torch", "shape", "mindspore", "shape", "layout")]
    entries = {entry.torch: entry for entry in mapping.entries}
    for name, parameter in torch.names.items():
        shape = str(parameter.shape)
        if name not in entries:
            rows.append((name, shape, "-", mapping.torch_only[name], ""))
            continue
        entry = entries[name]
        theirs = mindspore.names[entry.mindspore]
        layout = "" if entry.layout.name == "same" else entry.layout.name
        rows.append((name, shape, entry.mindspore, str(theirs.shape), layout))
    for name, reason in mapping.mindspore_only.items():
        rows.append(("-", reason, name, str(mindspore.names[name].shape), ""))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths)).rstrip() for row in rows)


def mapping_summary(mapping: ParameterMap) -> str:
    """How many parameters mapped, how many under another name, what was left out and why."""
    renamed = sum(entry.torch != entry.mindspore for entry in mapping.entries)
    moved = sum(entry.layout.name != "same" for entry in mapping.entries)
    lines = [
        f"{len(mapping.entries)} parameters map one to one: "
        f"{len(mapping.entries) - renamed} keep their name, {renamed} are renamed, "
        f"{moved} change layout."
    ]
    for side, left in (("torch", mapping.torch_only), ("MindSpore", mapping.mindspore_only)):
        for reason, names in _by_reason(left).items():
            lines.append(f"{len(names)} exist in {side} only ({names[0]}, ...): {reason}.")
    if mapping.unused_rules:
        lines.append(f"Dictionary entries that match nothing: {', '.join(mapping.unused_rules)}.")
    return "\n".join(lines)


def _by_reason(left: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, reason in left.items():
        found.setdefault(reason, []).append(name)
    return found


def ratio_table(rows: Iterable[tuple[str, str, float]]) -> str:
    """(kind, check, e/r) rows as count, median and worst a kind and check."""
    ordered = sorted(rows)
    lines = ["  kind      check              entries  median e/r  worst e/r"]
    for (kind, check), group in groupby(ordered, key=lambda row: row[:2]):
        ratios = [row[2] for row in group]
        median = ratios[len(ratios) // 2]
        lines.append(
            f"  {kind:<9} {check:<17} {len(ratios):>8}  {median:>10.2f}  {ratios[-1]:>9.2f}"
        )
    return "\n".join(lines)


def _head(verdict: Verdict) -> str:
    gap = max(2, _WIDTH - len(verdict.case) - len(f"seed {verdict.seed}"))
    head = f"{verdict.case}{' ' * gap}seed {verdict.seed}"
    if verdict.labels:
        mode = "graph mode" if verdict.case.rsplit("-", 2)[-2:][:1] == ["graph"] else "PyNative"
        reference = verdict.labels.get("reference", "torch")
        candidate = verdict.labels.get("candidate", "mindspore")
        head += f"\n{reference}  vs  {candidate} {mode}"
    return head


def _sentence(verdict: Verdict) -> str:
    what = f"The two {_noun(verdict)} {_WHAT[verdict.check]}."
    if verdict.culprits:
        names = _listing([_named(culprit) for culprit in verdict.culprits])
        what += f" Wrong alone: {names}."
    elif verdict.divergences and verdict.right:
        what += " No module is wrong alone in this; the difference is carried in from upstream."
    starts = [row.name or "the root" for row in verdict.trace if row.place == "starts here"]
    if starts:
        feeding = "that" if len(starts) == 1 else "those"
        what += (
            f" In the network it starts at {_listing(starts, 'and, separately, at')}; "
            f"everything feeding {feeding} agrees."
        )
    return what


def _named(culprit: Culprit) -> str:
    name = culprit.path or "the root"
    return f"{name} (its own construct)" if culprit.wiring else name


def _noun(verdict: Verdict) -> str:
    return verdict.case.partition(".")[0] if "." in verdict.case else "models"


def _trace(rows: Sequence[TraceRow]) -> list[str]:
    shown = _interesting(rows)
    width = max(len(row.name or "(whole)") for row in shown)
    lines = [f"  {'entry':<{width}}  mindspore err  torch's own err  ratio  (limit {FACTOR:g})"]
    for row in shown:
        place = {"": "", "starts here": "<- starts here", "downstream": "downstream"}[row.place]
        numbers = (
            row.note
            if row.note and not row.error
            else f"{row.error:>13.1e}  {row.reference:>15.1e}  {_ratio(row.ratio):>5}"
        )
        lines.append(f"  {row.name or '(whole)':<{width}}  {numbers}  {place}".rstrip())
    hidden = len(rows) - len(shown)
    more = sum(row.place == "downstream" for row in rows) - sum(
        row.place == "downstream" for row in shown
    )
    lines.append(f"  ({len(rows)} outputs compared; {hidden} not shown, {more} of them downstream)")
    return lines


def _interesting(rows: Sequence[TraceRow]) -> list[TraceRow]:
    """The rows around every start, the end, and no more than a screenful."""
    if len(rows) <= _TRACE_ROWS:
        return list(rows)
    starts = [i for i, row in enumerate(rows) if row.place == "starts here"]
    chosen: list[int] = []
    for start in starts:
        for i in (start - 1, start, start + 1):
            if 0 <= i < len(rows) and i not in chosen and len(chosen) < _TRACE_ROWS - 1:
                chosen.append(i)
    if len(rows) - 1 not in chosen:
        chosen.append(len(rows) - 1)
    return [rows[i] for i in sorted(chosen)]


def _alone(verdict: Verdict) -> list[str]:
    wrong = [c.path or "(the root)" for c in verdict.culprits]
    lines = ["Each module alone, fed torch's input:"]
    lines += _indented("wrong  ", wrong)
    right = list(dict.fromkeys(name.partition("#")[0] for name in verdict.right))
    near = {parent(c.path) for c in verdict.culprits} | {c.path for c in verdict.culprits}
    close = [name for name in right if name not in wrong and parent(name) in near and name]
    others = len([name for name in right if name not in wrong]) - len(close)
    lines += _indented("right  ", [*close, f"and {others} more"] if others else close)
    for facts, group in _by_facts(verdict.culprits):
        names = _listing([c.path or "the root" for c in group])
        types = {c.torch_type for c in group}
        if facts:
            what = f" ({types.pop()})" if len(types) == 1 else ""
            lines.append(f"  {names}{what}; settings that differ:")
            width = max(len(name) for name, _, _ in facts)
            lines += [
                f"    {n:<{width}}   torch {ours}   mindspore {theirs}" for n, ours, theirs in facts
            ]
        for culprit in group:
            lines += _detail(culprit, bool(facts))
    return lines


def _by_facts(culprits: Sequence[Culprit]) -> list[tuple[tuple, list[Culprit]]]:
    found: dict[str, tuple[tuple, list[Culprit]]] = {}
    for culprit in culprits:
        found.setdefault(repr(culprit.facts), (culprit.facts, []))[1].append(culprit)
    return list(found.values())


def _detail(culprit: Culprit, known: bool) -> list[str]:
    name = culprit.path or "the root"
    lines = []
    if culprit.wiring:
        at = f" ({culprit.source})" if culprit.source else ""
        lines.append(
            f"  {name} ({culprit.mindspore_type}): its children are right, its own construct is "
            f"wrong{at}"
        )
    elif known:
        return []
    shown = culprit.results[:4]
    for result in shown:
        lines.append(f"    {_entry_words(result)}")
    if len(culprit.results) > len(shown):
        lines.append(f"    and {len(culprit.results) - len(shown)} more entries")
    return lines if culprit.wiring else [f"  {name} ({culprit.torch_type}):", *lines]


def _entry_words(result: Result) -> str:
    m = result.measurement
    what = result.entry
    child, arrow, fed = what.partition("<")
    if arrow:
        what = f"what it feeds to {child}" if fed.startswith("in") else f"the gradient to {child}"
    if m.kind in ("missing", "shape", "dtype", "error"):
        return f"{what} ({result.mode}): {m.kind}: {m.note}"
    return (
        f"{what} ({result.mode}): error {m.error:.1e}, torch's own {m.reference:.1e}, "
        f"ratio {_ratio(m.ratio)}" + (f"; {m.note}" if m.note else "")
    )


def _entries(results: Sequence[Result]) -> list[str]:
    lines = [f"  {_entry_words(result)}" for result in results[:12]]
    if len(results) > 12:
        lines.append(f"  and {len(results) - 12} more entries")
    return lines


def _worst_element(verdict: Verdict) -> list[str]:
    finite = [r for r in verdict.divergences if r.measurement.worst]
    if not finite:
        return []
    result = max(finite, key=lambda r: r.measurement.ratio)
    m = result.measurement
    index = ",".join(map(str, m.worst))
    ours, reference, oracle = (f"{value:.6g}" for value in m.values)
    return [
        f"  {result.entry}[{index}]   mindspore {ours}   torch {reference}   float64 {oracle}",
        f"  {m.share:.0%} of its elements are outside the limit.",
    ]


def _counted(verdict: Verdict) -> list[str]:
    parts = [f"{verdict.compared} entries compared"]
    parts += [f"{number} {status}" for status, number in sorted(verdict.counts.items())]
    return [f"  ({'; '.join(parts)})"]


def _narrow(verdict: Verdict) -> str:
    types = {c.torch_type.lower() for c in verdict.culprits if not c.wiring}
    return f"layers.{types.pop()}:" if len(types) == 1 else ""


def _rank(result: Result) -> tuple[bool, float]:
    return (result.diverges, result.measurement.ratio)


def _ratio(ratio: float) -> str:
    if ratio >= 1e6:
        return f"{ratio:.0e}"  # "inf" where a bit-exact entry differs
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.1f}"


def _listing(names: Sequence[str], joint: str = "and") -> str:
    shown = list(names[:6])
    if len(names) > 6:
        return f"{', '.join(shown)} and {len(names) - 6} more"
    return f" {joint} ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _indented(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    lines = _wrap(" ".join(names), _WIDTH - len(title) - 2)
    return [f"  {title if i == 0 else ' ' * len(title)}{line}" for i, line in enumerate(lines)]


def _wrap(text: str, width: int = _WIDTH) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line]
