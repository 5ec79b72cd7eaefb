"""Verdicts over whole runs as plain text: lines, tables, the closing sentence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from harness.inventory import Inventory
from harness.parameters import ParameterMap
from harness.precision import Precision
from harness.profile import Profile
from harness.report.words import listing, ratio
from harness.tolerance import FACTOR
from harness.verdict import KNOWN, NOT_JUDGED, Result, Verdict


def one_line(verdict: Verdict) -> str:
    """A case in one line: status, id, worst ratio, time."""
    status = "equal" if verdict.passed else "BLOCKED" if verdict.blocked_by else "DIFFERS"
    if verdict.unfinished and not verdict.failed:
        status = "partly"
    if verdict.passed and verdict.counts.get(KNOWN):
        status = "known"
    worst = verdict.worst_ratio if verdict.results else None
    return case_line(status, verdict.case, verdict.compared, verdict.seconds, worst)


def case_line(status: str, case: str, compared: int, seconds: float, worst: float | None) -> str:
    """A case in one line; worst: its largest e/r, None where nothing was measured."""
    said = "" if worst is None else f"worst e/r {ratio(worst)}"
    return f"{status:<7}  {case:<58} {compared:>5} compared {seconds:>6.1f} s  {said}".rstrip()


def summary(verdicts: Sequence[Verdict]) -> str:
    """The closing sentence over several verdicts, with what was counted."""
    failed = [v for v in verdicts if v.failed and not v.blocked_by]
    begun = [v for v in verdicts if not v.not_run]
    blocked = sum(bool(v.blocked_by) for v in verdicts)
    compared = sum(v.compared for v in verdicts)
    counts: dict[str, int] = {}
    for verdict in verdicts:
        for status, number in verdict.counts.items():
            counts[status] = counts.get(status, 0) + number
    undecided = ("latent", "profiled", "uninformative", "inconclusive", "not judged")
    rest = ", ".join(f"{counts[s]} {s}" for s in undecided if counts.get(s))
    rest = f" ({rest})" if rest else ""
    masked = list(dict.fromkeys(c.path for v in verdicts for c in v.latent))
    left = len(verdicts) - len(begun)
    rest_of_checks = f" {left} check{'s' * (left != 1)} not run." if left else ""
    if not failed:
        if left and not compared:
            return f"NOT JUDGED: the budget ended before anything was compared.{rest_of_checks}"
        partly = " as far as it was judged" if any(v.unfinished for v in verdicts) else ""
        warning = f", with a latent fault at {listing(masked)}" if masked else ""
        if counts.get(KNOWN):
            warning = f" but for {counts[KNOWN]} known divergences{warning}"
        return (
            f"EQUIVALENT{partly}{warning}: {len(begun)} checks, {compared} entries compared, "
            f"none that decides is outside {FACTOR:g} times torch's own float32 error{rest}."
            f"{rest_of_checks}"
        )
    names = list(dict.fromkeys(c.path or "the root" for v in failed for c in v.culprits))
    where = f" The modules that are wrong alone: {listing(names)}." if names else ""
    places = list(dict.fromkeys(f.place for v in failed for f in v.findings))
    if places:
        where += f" Where the stages part: {listing(places)}."
    also = f", {blocked} blocked" if blocked else ""
    return (
        f"DIVERGENT: {len(failed)} of {len(begun)} checks fail{also}; "
        f"{compared} entries compared{rest}.{rest_of_checks}{where}"
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
            f"{m.reference:>15.1e}  {ratio(m.ratio):>5}  {verdict}"
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
    parts = sum(e.torch.endswith("]") or e.mindspore.endswith("]") for e in mapping.entries)
    if parts:
        lines.append(f"{parts} of them are parts of parameters that one side joins.")
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


def _rank(result: Result) -> tuple[bool, bool, float]:
    measurement = result.measurement
    return result.diverges, measurement.status == NOT_JUDGED, measurement.ratio


def profile_table(profile: Profile) -> str:
    """A device profile as a table: what each operation's kernel costs."""
    missing = f"{len(profile.missing)} variants cannot be run in full on {profile.device}."
    if not profile.operations:
        return f"No kernel of {profile.device} exceeds the limit on the layer pairs; {missing}"
    lines = ["  operation         direction  share of scale  worst e/r  entries  measured on"]
    for name, costs in profile.operations.items():
        for way, cost in costs.items():
            lines.append(
                f"  {name:<16}  {way:<9}  {cost.share:>14.1e}  {ratio(cost.ratio):>9}  "
                f"{cost.cases:>7}  {', '.join(cost.measured_on)}"
            )
    return "\n".join([*lines, missing])


def left_out(reasons: Mapping[str, str]) -> str:
    """What is declared and was not run, counted by reason."""
    what: dict[str, list[str]] = {}
    for name, why in reasons.items():
        what.setdefault(why, []).append(name)
    lines = [f"{len(reasons)} not run, by reason:"]
    for why, names in sorted(what.items()):
        lines.append(
            f"  {len(names):>4}  {why}  ({', '.join(names[:2])}{', ...' * (len(names) > 2)})"
        )
    return "\n".join(lines)


def closing(verdicts: Sequence[Verdict], reasons: Mapping[str, str]) -> str:
    """What the end of a run says: the distribution of e/r, what was counted, what was left out.

    reasons: what was not run -> why.
    """
    counts: Counter[str] = Counter()
    for verdict in verdicts:
        counts.update(verdict.counts)
    ratios = [(verdict.kind, verdict.check, verdict.worst_ratio) for verdict in verdicts]
    measured = [row for row in ratios if row[2] > 0]
    compared = sum(verdict.compared for verdict in verdicts)
    parts = [f"{number} {status}" for status, number in sorted(counts.items())]
    lines = [
        "worst e/r of each case (error of the port / torch's own error):",
        ratio_table(measured),
        f"{len(verdicts)} cases, {compared} entries: {', '.join(parts)}",
    ]
    return "\n".join([*lines, left_out(reasons)] if reasons else lines)


def masked(verdicts: Iterable[Verdict]) -> list[str]:
    """A warning for each case with latent faults."""
    return [
        f"WARNING {verdict.case}: latent fault at {', '.join(c.path for c in verdict.latent)}"
        for verdict in verdicts
        if verdict.latent
    ]


def precision_table(rows: Sequence[Precision], level: str) -> str:
    """Every module's narrowest dtype on both sides, those that differ marked."""
    width = max([len(row.path) for row in rows] + [8])
    lines = [f"  {'module':<{width}}  {'type':<18}  {'torch':<9}  mindspore"]
    for row in rows:
        mark = "  <- differs" if row.differs else ""
        lines.append(
            f"  {row.path or '(root)':<{width}}  {row.type:<18}  {row.torch or '-':<9}  "
            f"{row.mindspore or '-':<9}{mark}".rstrip()
        )
    found = [row.path or "the root" for row in rows if row.differs]
    if found:
        lines.append(f"\nAt {level}, {len(found)} of {len(rows)} modules compute in another "
                     f"precision: {listing(found)}.")  # fmt: skip
    else:
        lines.append(f"\nAt {level}, all {len(rows)} modules compute in the same precision.")
    return "\n".join(lines)
