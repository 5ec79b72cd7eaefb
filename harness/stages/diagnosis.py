"""Which setting of an optimizer differs, told from how the port's parameters moved."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice

import numpy as np

from harness import stepping
from harness.backends.base import Training
from harness.compare import judge
from harness.inputs import generator
from harness.isolation import nudge
from harness.parameters import Entry
from harness.stages.hypotheses import ROUNDED, Hypothesis, Seen, altered, hypotheses, other_rate
from harness.subject import Subject
from harness.tolerance import EPSILON, FACTOR, SAME_MOVE, UNINFORMATIVE
from harness.verdict import DIVERGES, Finding, Result

#: Factors of the gradients in successive steps: small ones first, where eps shows, then signs that
#: change, then small ones after large ones, where what an optimizer remembers shows.
SCALES = (1e-6, 1e-4, *(1.0, -0.5, 1.0, 0.25, -1.0, 1e-2) * 4)

#: The first step of large gradients: small ones' moves drown in the rounding of the parameters.
_LARGE = 2

#: How many names a sentence lists.
_NAMES = 4
#: Changed settings that are tried together with all others, where none fits alone.
_TOGETHER = 3


def rounded_steps(
    subject: Subject, found: stepping.Moves, changed: Sequence[Hypothesis] = ()
) -> list[Training]:
    """torch's steps with settings rounded to float32, then with gradients one ulp off, too."""
    factory = altered(stepping.optimizer_factory(subject, "torch"), [*changed, ROUNDED])
    rng = generator(subject.entropy, "nudge")
    nudged = {n: None if g is None else nudge(g, rng) for n, g in found.gradients.items()}
    return [
        stepping.again(subject, subject.torch, factory, gradients, SCALES)
        for gradients in (found.gradients, nudged)
    ]


class Diagnosis:
    """Turns what diverges into what is set differently."""

    def __init__(self, subject: Subject, found: stepping.Moves, results: Sequence[Result]) -> None:
        self.subject, self.moves, self.results = subject, found, results
        self.wrong = [result for result in results if result.diverges]
        entries = {entry.mindspore: entry for entry in subject.map.entries}
        self.entries = [
            entry for entry in entries.values() if found.gradients.get(entry.torch) is not None
        ]
        #: What is known to be other already, and stands beside every changed setting.
        self.base: tuple[Hypothesis, ...] = ()
        self.start = stepping.starts(subject)

    def findings(self) -> Iterator[Finding]:
        """Each names a setting only where the numbers single it out."""
        if not self.wrong:
            return
        swapped = self._swapped(self.entries)
        if swapped:
            yield swapped
            return
        names = list(dict.fromkeys(r.entry.partition(":")[0] for r in self.wrong))
        state = [r.entry.partition(":")[0] for r in self.wrong if r.entry.endswith(":moved")]
        if state:
            yield Finding(
                "optimizer.parameters",
                f"MindSpore's optimizer moves {_listed(state)}, which are running statistics: give "
                f"it trainable_params(), not get_parameters().",
            )
        still = [e for e in self.entries if e.mindspore in names and self._is_still(e)]
        if still:
            yield self._not_moved(still)
        unfed = [
            e.mindspore for e in self.subject.map.entries
            if e.mindspore in names and e.torch in self.moves.gradients
            and self.moves.gradients[e.torch] is None and self._moved(e)
        ]  # fmt: skip
        if unfed:
            yield Finding(
                "optimizer.weight_decay",
                f"MindSpore moves {_listed(unfed)}, which nothing uses: torch has no gradient of "
                f"them and skips them, MindSpore's is zero and the decay moves them. Leave them "
                f"out of its optimizer.",
            )
        left = [e for e in self.entries if e not in still]
        if any(e.mindspore in names for e in left):
            yield from self._explained(left)

    def _is_still(self, entry: Entry) -> bool:
        moved = self.moves.torch.steps[-1].parameters[entry.torch]
        return not self._moved(entry) and not np.array_equal(moved, self.start[entry.torch])

    def _moved(self, entry: Entry) -> bool:
        last = self.moves.port.steps[-1].parameters[entry.mindspore]
        return not np.array_equal(last, self.start[entry.torch])

    def _not_moved(self, still: Sequence[Entry]) -> Finding:
        if len(still) == len(self.entries):
            return Finding(
                "optimizer.parameters",
                "MindSpore's optimizer moves nothing. mint.optim's do not in PyNative mode: "
                "operations in place have no effect there.",
            )
        names = _listed([entry.mindspore for entry in still])
        return Finding("optimizer.parameters", f"MindSpore's optimizer does not move {names}.")

    # -- which changed setting of torch's moves as the port does ---------------------------------

    def _explained(self, entries: Sequence[Entry]) -> Iterator[Finding]:
        factory = stepping.optimizer_factory(self.subject, "torch")
        made = factory(self.subject.torch.model)
        optimizer = made[0] if isinstance(made, tuple) else made
        self.base = tuple(self._read_rates(entries))
        if self.base:
            yield self._finding(self.base[0])
            if self._agreement(entries, []) == 1:
                return
        mindspore = {e.torch: e.mindspore for e in self.subject.map.entries}
        tried = list(
            hypotheses(
                optimizer,
                self._seen(entries, optimizer.param_groups[0]["lr"]),
                lambda name: any(word in mindspore[name] for word in ("gamma", "beta")),
            )
        )
        fits = {h: self._agreement(entries, [h]) for h in tried}
        right: list[tuple[Hypothesis, ...]] = [(h,) for h, share in fits.items() if share == 1]
        if not right:
            right = list(islice(self._two_together(entries, fits), 1))
        if right and len({h.setting for h in right[0]}) == len(right[0]):
            settings = {h[0].setting for h in right}
            if len(settings) == 1 or len(right[0]) > 1:
                for hypothesis in right[0]:
                    yield self._finding(hypothesis)
                return
            sentences = " Or: ".join(h[0].sentence for h in right[:3])
            yield Finding("optimizer", f"Several settings would explain it. {sentences}")
            return
        yield self._unexplained(entries)

    def _read_rates(self, entries: Sequence[Entry]) -> Iterator[Hypothesis]:
        """The port's rate, where it is another by one factor for all parameters."""
        ours, theirs = self.moves.port.steps[0].rates, self.moves.torch.steps[0].rates
        both = [(ours.get(e.mindspore, 0.0), theirs.get(e.torch, 0.0)) for e in entries]
        factors = [mindspore / torch if torch else 0.0 for mindspore, torch in both]
        alike = np.ptp(factors) <= SAME_MOVE * max(factors)
        if alike and factors[0] and abs(factors[0] - 1) > SAME_MOVE:
            yield other_rate(both[0][1], both[0][0])

    def _two_together(
        self, entries: Sequence[Entry], fits: Mapping[Hypothesis, float]
    ) -> Iterator[tuple[Hypothesis, ...]]:
        plain = self._agreement(entries, [])
        better = sorted((h for h in fits if fits[h] > plain), key=lambda h: -fits[h])[:_TOGETHER]
        for one in better:
            for other in fits:
                if other.setting != one.setting and self._agreement(entries, [one, other]) == 1:
                    yield one, other

    def _finding(self, found: Hypothesis) -> Finding:
        sentence = found.sentence
        if found.setting == "lr" and not self._rates_differ():
            sentence += " The rates agree, so its gradients are scaled: by a loss scale, or a sum."
        return Finding(f"optimizer.{found.setting}", sentence, found.torch, found.mindspore)

    def _rates_differ(self) -> bool:
        known = any(self.moves.port.steps[0].rates.values())
        return not known or any(":rate" in r.entry for r in self.wrong)

    def _agreement(self, entries: Sequence[Entry], changed: Sequence[Hypothesis]) -> float:
        """The share of steps that torch, so changed, moves as the port does; 1 where all are."""
        changed = [*self.base, *changed]
        factory = altered(stepping.optimizer_factory(self.subject, "torch"), changed)
        train = partial(stepping.again, self.subject)
        oracle = train(self.subject.oracle, factory, self.moves.gradients, SCALES)
        # Far off is far off, whatever rounding costs: most are, and need no more runs.
        near = [
            np.abs(ours - true).max() <= UNINFORMATIVE * np.abs(true).max() + rounding
            for entry in entries
            for rounding in [FACTOR * EPSILON["float32"] * np.abs(self.start[entry.torch]).max()]
            for ours, true in self._pairs(entry, oracle)
        ]
        if not all(near):
            return sum(near) / len(near)
        torch = train(self.subject.torch, factory, self.moves.gradients, SCALES)
        rounded = cache(partial(rounded_steps, self.subject, self.moves, tuple(changed)))
        right = [
            judge(ours, want, true, nudged=partial(self._again, rounded, entry.torch, number))
            for entry in entries
            for number, ((ours, true), (_, want)) in enumerate(
                zip(self._pairs(entry, oracle), self._pairs(entry, torch)), start=1
            )
        ]
        return sum(found.status != DIVERGES for found in right) / len(right)

    def _pairs(self, entry: Entry, other: Training) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Moves of the port and of a torch side, step by step."""
        start = self.start[entry.torch]
        for number in range(1, len(SCALES) + 1):
            yield (
                stepping.move_of(self.moves.port, entry.mindspore, number, start),
                stepping.move_of(other, entry.torch, number, start),
            )

    def _again(
        self, rounded: Callable[[], list[Training]], name: str, number: int
    ) -> list[np.ndarray]:
        return [stepping.move_of(side, name, number, self.start[name]) for side in rounded()]

    def _seen(self, entries: Sequence[Entry], rate: float) -> Seen:
        """How far the port moves at the first large step, and what decay its first step shows."""
        factors, decays = [], []
        for entry in entries:
            ours, want = self._move(entry, _LARGE)
            moving = want != 0
            if moving.any():
                factors.append(np.median(ours[moving] / want[moving]))
            parameter = self.start[entry.torch]
            ours, want = self._move(entry, 0)
            square = float(parameter @ parameter)
            decays.append(float((want - ours) @ parameter) / square if square else 0.0)
        return Seen(float(np.median(factors)), float(np.median(decays)) / rate if rate else 0.0)

    def _move(self, entry: Entry, number: int) -> tuple[np.ndarray, np.ndarray]:
        """What the port and torch moved in one step."""
        start = self.start[entry.torch]
        return (
            stepping.move_of(self.moves.port, entry.mindspore, number + 1, start),
            stepping.move_of(self.moves.torch, entry.torch, number + 1, start),
        )

    def _swapped(self, entries: Sequence[Entry]) -> Finding | None:
        """Equal shapes whose moves, relative to their gradients, are each other's."""
        crossed = []
        for one in entries:
            ours, want = self._move(one, _LARGE)
            if _alike(ours, want):
                continue
            for other in entries:
                if other is one or self.start[other.torch].shape != ours.shape:
                    continue
                if _alike(ours, self._move(other, _LARGE)[1]):
                    crossed.append(f"{one.mindspore} by that of {other.mindspore}")
        if len(crossed) < 2:
            return None
        return Finding(
            "optimizer.groups",
            f"MindSpore's gradients arrive in another order than its parameters: it moves "
            f"{_listed(crossed)}. Take gradients of optimizer.parameters, which groups reorder.",
        )

    def _unexplained(self, entries: Sequence[Entry]) -> Finding:
        """What was measured, where no one setting of torch's gives it."""
        names = {entry.mindspore for entry in entries}
        said = []
        factors = []
        for result in self.wrong:
            name, _, step = result.entry.partition(":")
            if name in names:
                said.append(f"{name}, {step}: {result.measurement.note}")
        for entry in entries:
            ours, want = self._move(entry, _LARGE)
            with np.errstate(divide="ignore", invalid="ignore"):
                ratios = ours / want
            if np.isfinite(ratios).all() and np.ptp(ratios) <= SAME_MOVE * abs(np.median(ratios)):
                factors.append(float(np.median(ratios)))
        text = "; ".join(said[:_NAMES])
        if len(factors) == len(entries) and np.ptp(factors) > SAME_MOVE * max(map(abs, factors)):
            return Finding(
                "optimizer.gradients",
                f"MindSpore's gradients are scaled parameter by parameter, torch's all alike: "
                f"at step {_LARGE + 1} it moves {min(factors):.3g} to {max(factors):.3g} times as "
                f"far.",
            )
        return Finding("optimizer", f"No one setting of torch's moves as MindSpore does. {text}.")


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    scale = np.abs(other).max()
    return bool(scale and np.abs(one - other).max() <= SAME_MOVE * scale)


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {rest} more" if rest > 0 else "")
