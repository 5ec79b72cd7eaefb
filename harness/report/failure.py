"""The page of a failing case: a sentence, the trace, the modules alone, the next command."""

from collections.abc import Sequence

from harness import registry
from harness.report import culprits
from harness.report.messages import Catalogue, catalogue
from harness.report.told import told
from harness.report.traces import trace_table
from harness.report.words import (
    WIDTH,
    left,
    listing,
    mode,
    place,
    right,
    sentences,
    status,
    wrap,
)
from harness.verdict import Finding, Verdict


def page(verdict: Verdict, reference: str = "", lang: str = "en") -> str:
    """The page of a failing case; reference: the "module:name" by which its pair was named."""
    say = catalogue(lang)
    lines = [*_head(verdict, say), ""]
    if verdict.blocked_by:
        lines.append(say("Not run: blocked by {check}, which fails for this pair.",
                         check=verdict.blocked_by))  # fmt: skip
        return "\n".join(lines)
    lines += wrap(sentence(verdict, say), WIDTH)
    for line in (line for problem in verdict.problems for line in problem.splitlines()):
        body = line.lstrip()
        lines.append(f"  {line[: len(line) - len(body)]}{told(body, say)}")
    lines += _findings(verdict.findings, say)
    if any(row.place for row in verdict.trace):
        lines += ["", *trace_table(verdict.trace, verdict.check == "backward", say)]
    lines += culprits.worst_element(verdict, say)
    if verdict.culprits:
        lines += ["", *culprits.alone(verdict, say)]
    elif verdict.divergences and not verdict.findings:
        lines += ["", *culprits.entries(verdict.divergences, say)]
    lines += latent(verdict, lang)
    lines += _remarks(verdict, say)
    lines += ["", *_counted(verdict, say), ""]
    # No registry knows reduced pairs, and no case of a suite starts other processes.
    if not verdict.case.startswith("reduced.") and verdict.check != "distributed":
        named = f"--pair {reference} " if reference else ""
        lines.append(f'{left(say("rerun"), 8)}pytest {named}-k "{verdict.case}"')
    if verdict.bundle:
        lines.append(f"{left(say('replay'), 8)}python -m harness replay {place(verdict.bundle)}")
    narrow = _narrow(verdict)
    if narrow:
        lines.append(f'{left(say("narrow"), 8)}pytest -k "{narrow}"')
    return "\n".join(lines)


def latent(verdict: Verdict, lang: str = "en") -> list[str]:
    """The warning about modules that are wrong where this network cannot show it."""
    if not verdict.latent:
        return []
    say = catalogue(lang)
    lines = ["", *wrap(say(
        "Latent: {names} {n:is|are} wrong alone, but this network's own structure masks it: put "
        "into torch's network, not one bit of its outputs, gradients or statistics changes. It "
        "will show where the module is used elsewhere.",
        names=listing([c.path for c in verdict.latent], say), n=len(verdict.latent),
    ))]  # fmt: skip
    for culprit in verdict.latent:
        lines += culprits.described([culprit], say)
    return lines


def _findings(findings: Sequence[Finding], say: Catalogue) -> list[str]:
    """Where the sides of a stage part, each with both sides' values."""
    lines: list[str] = []
    for found in findings:
        sentence = told(found.sentence, say)
        lines += ["", *wrap(say("{place}: {sentence}", place=found.place, sentence=sentence))]
        if found.torch or found.mindspore:
            lines.append(f"    torch      {told(found.torch, say)}")
            lines.append(f"    mindspore  {told(found.mindspore, say)}")
    return lines


def _head(verdict: Verdict, say: Catalogue) -> list[str]:
    seed = say("seed {seed}", seed=verdict.seed)
    lines = [f"{verdict.case}  {right(seed, WIDTH - 2 - len(verdict.case))}"]
    if verdict.labels:
        graph = verdict.case.rsplit("-", 2)[-2:][:1] == ["graph"]
        lines.append(say(
            "{reference}  vs  {candidate} {mode}",
            reference=verdict.labels.get("reference", "torch"),
            candidate=verdict.labels.get("candidate", "mindspore"),
            mode=say("graph mode") if graph else say("PyNative"),
        ))  # fmt: skip
    return lines


def sentence(verdict: Verdict, say: Catalogue) -> str:
    """What a failing case comes to, and where it starts."""
    kind = _noun(verdict.kind, say)
    if (
        verdict.problems
        and not (verdict.divergences or verdict.findings)
        and verdict.check != "structure"
    ):
        return say("The check {check} does not pass for the two {kind}.",
                   check=verdict.check, kind=kind)  # fmt: skip
    said = [_what_differs(verdict.check, kind, say)]
    root = say("the root")
    starts = [row.name or root for row in verdict.trace if row.place == "starts here"]
    if starts:
        where = listing(starts, say, say("and, separately, at"))
        number = {2: say("two"), 3: say("three"), 4: say("four")}.get(len(starts), len(starts))
        if verdict.check == "backward":
            said.append(say("Going back from the end, it starts with what reaches {where}.",
                            where=where))  # fmt: skip
        elif len(starts) == 1:
            said.append(say("It starts at {where}; everything feeding it agrees.", where=where))
        else:
            said.append(say("It starts at {where}; everything feeding those {number} agrees.",
                            where=where, number=number))  # fmt: skip
    wrong = list(dict.fromkeys(
        say("{name} (its own construct)", name=c.path or root) if c.wiring else c.path or root
        for c in verdict.culprits
    ))  # fmt: skip
    if wrong and wrong != starts:
        said.append(say("Wrong alone: {names}.", names=listing(wrong, say)))
    elif verdict.divergences and verdict.right and not wrong:
        said.append(say("No module is wrong alone in this; look at how they are put together."))
    return sentences(said, say)


def _what_differs(check: str, kind: str, say: Catalogue) -> str:
    """What a check found, in one sentence."""
    moves = say("The two {kind} move parameters differently from the same gradients.", kind=kind)
    return {
        "structure": say("The two {kind} are not built alike.", kind=kind),
        "parameters": say("The two {kind} do not hold the same parameters.", kind=kind),
        "initialization": say("The two {kind} start from different initial values.", kind=kind),
        "forward_eval": say("The two {kind} disagree in eval mode.", kind=kind),
        "forward_train": say("The two {kind} disagree in train mode.", kind=kind),
        "state": say("The two {kind} keep different running statistics.", kind=kind),
        "backward": say("The two {kind} have different gradients.", kind=kind),
        "same_as_pynative": say("The two {kind} differ once compiled as a graph.", kind=kind),
        "optimizer_step": say(
            "The two {kind} move differently when trained for a few steps.", kind=kind
        ),
        "steps": moves,
        "rates": say("The two {kind} use different learning rates.", kind=kind),
        "distribution": say("The two {kind} draw from different distributions.", kind=kind),
        "records": say("The two {kind} read different records.", kind=kind),
        "order": say(
            "The two {kind} do not see each sample once an epoch, in the order they should.",
            kind=kind,
        ),
        "transforms": say("The two {kind} transform the same image differently.", kind=kind),
        "augmentation": say("The two {kind} augment differently.", kind=kind),
        "batches": say("The two {kind} make different batches.", kind=kind),
        "evaluation": say("The two {kind} evaluate differently.", kind=kind),
        "optimizer": moves,
        "resume": say("The two {kind} do not go on as if they had never stopped.", kind=kind),
        "teacher_forced": say(
            "The two {kind} take different steps from the same parameters and batches.", kind=kind
        ),
        "free_running": say(
            "The two {kind} train apart, further than rounding explains.", kind=kind
        ),
        "distributed": say(
            "The two {kind} do not both train over several processes as one process does.",
            kind=kind,
        ),
    }[check]


def _noun(kind: str, say: Catalogue) -> str:
    return {
        "layers": say("layers"),
        "functions": say("functions"),
        "blocks": say("blocks"),
        "networks": say("networks"),
        "losses": say("losses"),
        "optimizers": say("optimizers"),
        "schedules": say("schedules"),
        "initializers": say("initializers"),
        "pipelines": say("pipelines"),
        "recipes": say("recipes"),
    }.get(kind, say("models"))


def _remarks(verdict: Verdict, say: Catalogue) -> list[str]:
    notes = [told(note, say) for note in verdict.notes]
    for result in verdict.reference_far[:3]:
        m = result.measurement
        notes.append(say(
            "torch itself is off at {entry} ({mode}): error {reference:.1e}, the port's "
            "{error:.1e}; look at the reference",
            entry=result.entry, mode=mode(result.mode, say), reference=m.reference, error=m.error,
        ))  # fmt: skip
    return ["", *(left(say("note"), 8) + note for note in notes)] if notes else []


def _counted(verdict: Verdict, say: Catalogue) -> list[str]:
    parts = [say("{n} entries compared", n=verdict.compared)]
    parts += [
        say("{n} {status}", n=number, status=status(name, say))
        for name, number in sorted(verdict.counts.items())
    ]
    return [f"  {say('({counts})', counts=say('; ').join(parts))}"]


def _narrow(verdict: Verdict) -> str:
    if verdict.case.startswith(("layers.", "functions.")):
        return ""  # it is as narrow as it gets
    types = {c.torch_type.lower() for c in verdict.culprits if not c.wiring}
    name = f"layers.{types.pop()}" if len(types) == 1 else ""
    return f"{name}:" if name and name in registry.all_pairs() else ""
