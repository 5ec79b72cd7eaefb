"""Verdicts over whole runs as plain text: lines, tables, the closing sentence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from harness.inventory import Inventory
from harness.parameters import ParameterMap
from harness.precision import Precision
from harness.profile import Profile
from harness.report.messages import Catalogue
from harness.report.words import ENGLISH, left, listing, ratio, right, status
from harness.results import Results
from harness.tolerance import FACTOR
from harness.verdict import (
    INCONCLUSIVE,
    KNOWN,
    LATENT,
    NOT_JUDGED,
    PROFILED,
    UNINFORMATIVE,
    Verdict,
)


def one_line(verdict: Verdict, say: Catalogue = ENGLISH) -> str:
    """A case in one line: status, id, worst ratio, time."""
    status = say("equal") if verdict.passed else say("DIFFERS")
    if verdict.blocked_by:
        status = say("BLOCKED")
    if verdict.unfinished and not verdict.failed:
        status = say("partly")
    if verdict.passed and verdict.counts.get(KNOWN):
        status = say("known")
    worst = verdict.worst_ratio if verdict.results else None
    return case_line(status, verdict.case, verdict.compared, verdict.seconds, worst, say)


def case_line(
    status: str,
    case: str,
    compared: int,
    seconds: float,
    worst: float | None,
    say: Catalogue = ENGLISH,
) -> str:
    """A case in one line; worst: its largest e/r, None where nothing was measured."""
    said = "" if worst is None else say("worst e/r {ratio}", ratio=ratio(worst))
    entries = say("{entries} compared", entries=f"{compared:>5}")
    return f"{left(status, 7)}  {case:<58} {entries} {seconds:>6.1f} s  {said}".rstrip()


def summary(verdicts: Sequence[Verdict], say: Catalogue = ENGLISH) -> str:
    """The closing sentence over several verdicts, with what was counted."""
    failed = [v for v in verdicts if v.failed and not v.blocked_by]
    begun = [v for v in verdicts if not v.not_run]
    compared = sum(v.compared for v in verdicts)
    counts = Counter[str]()
    for verdict in verdicts:
        counts.update(verdict.counts)
    rest = undecided(counts, say)
    number = len(verdicts) - len(begun)
    not_run = say(" {n} {n:check|checks} not run.", n=number) if number else ""
    if not failed:
        if number and not compared:
            return say("NOT JUDGED: the budget ended before anything was compared.") + not_run
        masked = list(dict.fromkeys(c.path for v in verdicts for c in v.latent))
        but = say(" as far as it was judged") if any(v.unfinished for v in verdicts) else ""
        if counts.get(KNOWN):
            but += say(" but for {n} known divergences", n=counts[KNOWN])
        if masked:
            but += say(", with a latent fault at {modules}", modules=listing(masked, say))
        return say(
            "EQUIVALENT{but}: {n} checks, {entries} entries compared, none that decides is outside "
            "{limit} times torch's own float32 error{rest}.{not_run}",
            but=but, n=len(begun), entries=compared, limit=f"{FACTOR:g}", rest=rest,
            not_run=not_run,
        )  # fmt: skip
    names = list(dict.fromkeys(c.path or say("the root") for v in failed for c in v.culprits))
    where = ""
    if names:
        where += say(" The modules that are wrong alone: {modules}.", modules=listing(names, say))
    places = list(dict.fromkeys(f.place for v in failed for f in v.findings))
    if places:
        where += say(" Where the stages part: {places}.", places=listing(places, say))
    blocked = sum(bool(v.blocked_by) for v in verdicts)
    return say(
        "DIVERGENT: {failed} of {n} checks fail{blocked}; {entries} entries compared{rest}."
        "{not_run}{where}",
        failed=len(failed), n=len(begun), entries=compared, rest=rest, not_run=not_run,
        blocked=say(", {n} blocked", n=blocked) if blocked else "", where=where,
    )  # fmt: skip


def undecided(counts: Mapping[str, int], say: Catalogue = ENGLISH) -> str:
    """`` (2 uninformative)``: the entries that decide nothing, "" where there are none."""
    names = (LATENT, PROFILED, UNINFORMATIVE, INCONCLUSIVE, NOT_JUDGED)
    rest = [f"{counts[name]} {status(name, say)}" for name in names if counts.get(name)]
    return say(" ({rest})", rest=say(", ").join(rest)) if rest else ""


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
    for side, only in (("torch", mapping.torch_only), ("MindSpore", mapping.mindspore_only)):
        for reason, names in by_reason(only).items():
            lines.append(f"{len(names)} exist in {side} only ({names[0]}, ...): {reason}.")
    if mapping.unused_rules:
        lines.append(f"Dictionary entries that match nothing: {', '.join(mapping.unused_rules)}.")
    return "\n".join(lines)


def by_reason(reasons: Mapping[str, str]) -> dict[str, list[str]]:
    """Reason -> what was left out for it."""
    found: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        found.setdefault(reason, []).append(name)
    return found


def ratio_table(rows: Iterable[tuple[str, str, float]], say: Catalogue = ENGLISH) -> str:
    """(kind, check, e/r) rows as count, median and worst a kind and check."""
    ordered = sorted(rows)
    titles = (say("entries"), say("median e/r"), say("worst e/r"))
    columns = "  ".join(right(title, width) for title, width in zip(titles, (7, 10, 9)))
    lines = [f"  {left(say('kind'), 9)} {left(say('check'), 17)}  {columns}"]
    for (kind, check), group in groupby(ordered, key=lambda row: row[:2]):
        ratios = [row[2] for row in group]
        median, worst = (
            f"{value:.2f}" if value < 1e6 else ratio(value)
            for value in (ratios[len(ratios) // 2], ratios[-1])
        )
        lines.append(f"  {kind:<9} {check:<17} {len(ratios):>8}  {median:>10}  {worst:>9}")
    return "\n".join(lines)


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


def left_out(reasons: Mapping[str, str], say: Catalogue = ENGLISH) -> str:
    """What is declared and was not run, counted by reason."""
    lines = [say("{n} not run, by reason:", n=len(reasons))]
    for why, names in sorted(by_reason(reasons).items()):
        lines.append(
            f"  {len(names):>4}  {why}  ({', '.join(names[:2])}{', ...' * (len(names) > 2)})"
        )
    return "\n".join(lines)


def outcome(name: str, say: Catalogue = ENGLISH) -> str:
    """What an outcome of ``harness.results`` is called."""
    words = {
        "passed": say("passed"),
        "failed": say("failed"),
        "skipped": say("skipped"),
        "xfailed": say("xfailed"),
        "xpassed": say("xpassed"),
        "error": say("error"),
    }
    return words[name]


def part(run: Results, name: str, say: Catalogue = ENGLISH) -> str:
    """One of the parts that a run is merged from."""
    return say(
        "part {part} of {of}: {n} tests, {seconds} s  {file}",
        part=run.part, of=run.of, n=len(run.tests), file=name,
        seconds=f"{sum(test.seconds for test in run.tests):.0f}",
    )  # fmt: skip


def closing(
    verdicts: Sequence[Verdict], reasons: Mapping[str, str], say: Catalogue = ENGLISH
) -> str:
    """What the end of a run says: the distribution of e/r, what was counted, what was left out.

    reasons: what was not run -> why.
    """
    counts: Counter[str] = Counter()
    for verdict in verdicts:
        counts.update(verdict.counts)
    ratios = [(verdict.kind, verdict.check, verdict.worst_ratio) for verdict in verdicts]
    measured = [row for row in ratios if row[2] > 0]
    compared = sum(verdict.compared for verdict in verdicts)
    parts = [f"{number} {status(name, say)}" for name, number in sorted(counts.items())]
    lines = [
        say("worst e/r of each case (error of the port / torch's own error):"),
        ratio_table(measured, say),
        say("{n} cases, {entries} entries: {counts}",
            n=len(verdicts), entries=compared, counts=say(", ").join(parts)),
    ]  # fmt: skip
    return "\n".join([*lines, left_out(reasons, say)] if reasons else lines)


def masked(verdicts: Iterable[Verdict], say: Catalogue = ENGLISH) -> list[str]:
    """A warning for each case with latent faults."""
    return [
        say("WARNING {case}: latent fault at {modules}",
            case=verdict.case, modules=", ".join(c.path for c in verdict.latent))
        for verdict in verdicts
        if verdict.latent
    ]  # fmt: skip


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
