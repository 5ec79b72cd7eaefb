"""Run the API map: every row against the installed frameworks.

What a row's examples port to is derived by ``rewrite`` and run as a pair, forward and backward,
under the same judgement as every pair; so is the naive call, with nothing but the name changed.
"""

import ast
import inspect
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from harness import tree
from harness.apimap.examples import INPUTS, inputs_of
from harness.apimap.executed import Executed, Outcome, Ran, Signature, parse_signature
from harness.apimap.rewrite import literal, naive, rewrite, same_default
from harness.apimap.rows import DIFFERS, MISSING, NOT_ON_CPU, SAME, Row
from harness.backends import Settings, introspection, open_backend
from harness.backends.base import is_array
from harness.backends.kernels import missing_kernel
from harness.checks import check_pair
from harness.compare import judge
from harness.errors import HarnessError
from harness.initialization import fresh, judge_fresh
from harness.inputs import draw_inputs, generator
from harness.pair import Optimizers, Pair, Variant, entropy
from harness.progress import Progress, silent
from harness.running import raised
from harness.stepping import judge_rate
from harness.tolerance import INITIAL_FALSE_ALARMS
from harness.verdict import DIVERGES, Verdict

AGREES = "agrees"
NO_NAME = "no such name"

#: Where a counterpart of the same name would be found.
HOMES = ("mindspore.nn", "mindspore.ops", "mindspore.mint", "mindspore.mint.nn",
         "mindspore.mint.nn.functional")  # fmt: skip
MEMBERS = ("torch.Tensor", "torch.nn.Module", "torch.optim.Optimizer",
           "torch.optim.lr_scheduler.LRScheduler")  # fmt: skip

#: Steps over which a schedule's rates are compared.
_STEPS = 25


def execute(
    rows: Mapping[str, Row], settings: Settings | None = None, progress: Progress = silent
) -> Executed:
    """Run every row on the installed versions. Raises HarnessError where an example is wrong."""
    settings = settings or Settings()
    ran = {}
    for done, row in enumerate(rows.values()):
        progress(row.torch, done, len(rows))
        ran[row.torch] = run_row(row, settings)
    members = {name: introspection.members(name) for name in MEMBERS}
    return Executed(
        version("torch").partition("+")[0], version("mindspore"), settings.ms_device, members, ran
    )


def run_row(row: Row, settings: Settings) -> Ran:
    """Run one row. Raises HarnessError where torch does not take an example."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # examples show deprecated calls, too
        return _run_row(row, settings)


def _run_row(row: Row, settings: Settings) -> Ran:
    open_backend("mindspore", settings)
    ours = _torch_signatures(row)
    ran = Ran(row.status, ours, dict(_their_signatures(row, ours)))
    outcomes = [*_examples(row, ran, settings), *_both(row)]
    forms = {form: _form(row, form, settings) for form in row.also}
    ran = replace(ran, outcomes=tuple(outcomes), forms=forms)
    return replace(ran, status=_status(row, ran))


def _status(row: Row, ran: Ran) -> str:
    if not (row.to or row.call):
        return MISSING
    if not ran.outcomes:
        return row.status  # a pair or a test stands behind it
    if any(lacks_kernel(outcome.found) for outcome in ran.outcomes):
        return NOT_ON_CPU
    if any(outcome.naive_found not in ("", AGREES) for outcome in ran.outcomes):
        return DIFFERS
    if not row.to or (row.both and not row.examples):
        return row.status
    return SAME


def lacks_kernel(found: str) -> bool:
    """Whether an outcome says that the device has no kernel."""
    return "no kernel of" in found


def _torch_signatures(row: Row) -> tuple[Signature, ...]:
    try:
        return introspection.signatures(row.torch)
    except LookupError as error:
        raise HarnessError(f"{row.torch}: {error} in torch.") from None


def _their_signatures(
    row: Row, torch: tuple[Signature, ...]
) -> Iterator[tuple[str, Signature | None]]:
    ours = {p.name for overload in torch for p in overload}
    named = {(row.args[name].to if name in row.args else "") or name for name in ours}
    for form in (row.to, *row.also):
        if not form:
            continue
        try:
            found = introspection.signatures(form)
        except LookupError:
            continue
        # Of overloads, the one in torch's words.
        shared = [len(named & {p.name for p in s}) - len({p.name for p in s} - named) / 100
                  for s in found]  # fmt: skip
        yield form, found[shared.index(max(shared))] if found else None


def exists(name: str) -> bool:
    """Whether a dotted name exists."""
    try:
        introspection.resolve(name)
    except LookupError:
        return False
    return True


def namesakes(row: Row) -> list[str]:
    """MindSpore APIs of the torch API's own name, which a missing row must not have."""
    homes = ("mindspore.Tensor",) if row.family == "torch.Tensor" else HOMES
    names = [f"{home}.{row.local}" for home in homes]
    return [name for name in names if exists(name) and not _is_module(name)]


def _is_module(name: str) -> bool:
    return inspect.ismodule(introspection.resolve(name))


def uncovered_defaults(row: Row, ran: Ran) -> list[str]:
    """Arguments whose defaults differ and of which the row says nothing: a silent difference."""
    theirs = {p.name: p for p in (ran.mindspore.get(row.to) or ())}
    ours = parse_signature(row.signature) if row.signature else (ran.torch or ((),))[0]
    if row.call:
        return []
    wrong = []
    for parameter in ours:
        rule = row.args.get(parameter.name)
        target = theirs.get(rule.to or parameter.name if rule else parameter.name)
        if rule and (rule.drop or rule.absent or rule.default or rule.when):
            continue
        if target is None or parameter.default is None or target.default is None:
            continue
        written = literal(parameter.default) is not None and _is_literal(parameter.default)
        if not written and not same_default(parameter.default, target.default):
            wrong.append(f"{parameter.name}: torch {parameter.default}, MindSpore {target.default}")
    return wrong


def _is_literal(source: str) -> bool:
    try:
        ast.literal_eval(source)
    except (ValueError, SyntaxError):
        return False
    return True


# -- examples ------------------------------------------------------------------------------------


def _examples(row: Row, ran: Ran, settings: Settings) -> Iterator[Outcome]:
    for example in row.examples:
        call, receiver = parsed(row, example)
        port = rewrite(row, ran, call, receiver)
        found = _compared(row, example, port.code, settings)
        plain = naive(row, call, receiver) if row.to and isinstance(call, ast.Call) else ""
        if row.call and not row.to:
            plain_found = ""
        elif plain == port.code:
            plain_found = found
        else:
            plain_found = _compared(row, example, plain, settings) if plain else ""
        yield Outcome(
            example, port.code, found == AGREES, "" if found == AGREES else found,
            plain, plain_found,
        )  # fmt: skip


def parsed(row: Row, example: str) -> tuple[ast.Call | None, str]:
    """The use of the row's API in an example: its call, and the value whose method it is.

    Raises HarnessError where the example does not use the API outermost.
    """
    node = ast.parse(example, mode="eval").body
    if row.family == "torch.Tensor":
        attribute = node.func if isinstance(node, ast.Call) else node
        if not isinstance(attribute, ast.Attribute) or attribute.attr != row.local:
            raise HarnessError(f"{row.torch}: the example {example!r} does not use it outermost.")
        return (node if isinstance(node, ast.Call) else None), ast.unparse(attribute.value)
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node)
    if name != row.torch:
        raise HarnessError(f"{row.torch}: the example {example!r} does not use it outermost.")
    return (node if isinstance(node, ast.Call) else None), ""


def _form(row: Row, form: str, settings: Settings) -> str:
    """How another MindSpore form fares on the row's examples, called naively."""
    if not exists(form):
        return NO_NAME
    for example in row.examples:
        call, receiver = parsed(row, example)
        if call is None:
            continue
        found = _compared(row, example, naive(replace(row, to=form), call, receiver), settings)
        if found != AGREES:
            return found
    return AGREES if row.examples else "exists"


def _compared(row: Row, torch: str, mindspore: str, settings: Settings) -> str:
    """ "agrees", or how the MindSpore expression differs from the torch expression."""
    if not mindspore:
        return "nothing to call"
    if row.torch.startswith("torch.nn.init."):
        return _initializers(row, torch, mindspore)
    if row.torch.startswith("torch.optim.lr_scheduler."):
        return _schedules(torch, mindspore)
    if row.torch.startswith("torch.optim."):
        return _optimizers(row, torch, mindspore, settings)
    return _pairs(row, torch, mindspore, settings)


@dataclass(frozen=True)
class _Sides:
    """One example as a pair's two factories."""

    pair: Pair
    checks: tuple[str, ...]


def _pairs(row: Row, torch: str, mindspore: str, settings: Settings) -> str:
    sides = _module(row, torch, mindspore) if row.on else _function(row, torch, mindspore)
    try:
        verdicts = check_pair(sides.pair, checks=sides.checks, settings=settings)
    except HarnessError as error:
        return _reason(error)
    return _difference(verdicts)


def _reason(error: Exception) -> str:
    kernel = missing_kernel(str(error))
    if kernel:
        return f"no kernel of {kernel}"
    return raised(error) if not isinstance(error, HarnessError) else _first_line(str(error))


def _first_line(text: str) -> str:
    return text.splitlines()[0][:200]


def _module(row: Row, torch: str, mindspore: str) -> _Sides:
    from harness.backends import mindspore_examples, torch_examples

    names = list(row.on)
    pair = Pair(
        f"layers.{row.torch}",
        torch=partial(torch_examples.build, torch),
        mindspore=partial(mindspore_examples.build, mindspore),
        inputs=[INPUTS[name] for name in names],
    )
    module = _torch_side(row, torch, pair)
    state = any(True for _ in module.buffers())
    pair = replace(
        pair,
        has_parameters=bool(module.state_dict()),
        has_state=state,
        differentiable=_has_gradient(pair),
    )
    checks = ("structure", "forward_eval", "forward_train", "state", "backward")
    return _Sides(pair, checks)


def _function(row: Row, torch: str, mindspore: str) -> _Sides:
    from harness.backends import mindspore_examples, torch_examples

    names = inputs_of(torch)
    pair = Pair(
        f"functions.{row.torch}",
        torch=partial(torch_examples.function, torch, names, row.local),
        mindspore=partial(mindspore_examples.function, mindspore, names, row.local),
        # An expression without inputs is given one that it does not use.
        inputs=[INPUTS[name] for name in names] or [INPUTS["row"]],
        has_parameters=False,
        has_state=False,
    )
    if not names:
        pair = replace(
            pair,
            torch=partial(torch_examples.function, torch, ["row"], row.local),
            mindspore=partial(mindspore_examples.function, mindspore, ["row"], row.local),
        )
    _torch_side(row, torch, pair)
    differentiable = _has_gradient(pair)
    checks = ("forward_eval", "backward") if differentiable else ("forward_eval",)
    return _Sides(replace(pair, differentiable=differentiable), checks)


def _torch_side(row: Row, expression: str, pair: Pair) -> Any:
    try:
        return pair.factory("torch")()
    except Exception as error:
        raise HarnessError(f"{row.torch}: torch does not take {expression!r}: {error}") from error


def _has_gradient(pair: Pair) -> bool:
    backend = open_backend("torch")
    run = backend.run(
        backend.build(pair.factory("torch"), {}, 0),
        draw_inputs(pair.inputs, 0),
        cotangents=lambda leaf, shape: np.ones(shape, np.float32),
    )
    return bool(run.grad_inputs) and any(a.any() for a in run.grad_inputs.values())


def _difference(verdicts: list[Verdict]) -> str:
    """ "agrees", or the first failing check and what it found."""
    for verdict in verdicts:
        for result in verdict.results:
            kernel = missing_kernel(result.measurement.note) if result.diverges else ""
            if kernel:
                return f"no kernel of {kernel}"
    for verdict in verdicts:
        if verdict.passed:
            continue
        if verdict.blocked_by:
            return "the parameters do not map"
        if verdict.problems:
            problem = verdict.problems[0].partition(" factory raised ")
            return _reason(HarnessError(problem[2] or problem[0]))
        found = next(r.measurement for r in verdict.results if r.diverges)
        if found.kind == "value":
            return f"{verdict.check}: {_size(found.error, found.scale)}"
        return f"{verdict.check}: {found.kind}, {found.note}"[:200]
    return AGREES


def _size(error: float, scale: float) -> str:
    if not scale or not np.isfinite(error / scale):
        return "other values"
    return f"off by {error / scale:.0e} of its scale"


# -- initializers, optimizers, schedules ---------------------------------------------------------


def _initializers(row: Row, torch: str, mindspore: str) -> str:
    """Two draws a side: the same values where fixed, the same distribution where drawn."""
    from harness.backends import mindspore_examples, torch_examples

    rng = generator(entropy(row.torch), torch)
    names = inputs_of(torch)
    sides = []
    for module, expression in ((torch_examples, torch), (mindspore_examples, mindspore)):
        draws = []
        for seed in range(2):
            _seed(seed)
            zeros = {name: np.zeros(INPUTS[name].shape, np.float32) for name in names}
            try:
                made = module.value(expression, zeros, None)
                draws.append(module.array(made))
            except Exception as error:
                if module is torch_examples:
                    raise HarnessError(f"{row.torch}: torch does not take {torch!r}") from error
                return _reason(error)
        sides.append(fresh(draws[0], draws[1], rng))
    found = judge_fresh(sides[0], sides[1], INITIAL_FALSE_ALARMS)
    return found.note or "other values" if found.status == DIVERGES else AGREES


def _seed(seed: int) -> None:
    for name, call in (("torch", "manual_seed"), ("mindspore", "set_seed")):
        state = np.random.get_state()
        getattr(introspection.resolve(name), call)(seed)
        np.random.set_state(state)


def _optimizers(row: Row, torch: str, mindspore: str, settings: Settings) -> str:
    """Steps from the same gradients over a small network with a normalisation."""
    from harness.backends import mindspore_examples, torch_examples

    def ours(model: Any) -> Any:
        return torch_examples.value(torch, {}, model)

    def theirs(model: Any) -> Any:
        return mindspore_examples.value(mindspore, {}, model)

    pair = Pair(
        f"blocks.{row.torch}",
        torch=partial(
            torch_examples.build,
            "torch.nn.Sequential(torch.nn.Linear(6, 6), torch.nn.LayerNorm(6))",
        ),
        mindspore=partial(
            mindspore_examples.build,
            "nn.SequentialCell(nn.Dense(6, 6), nn.LayerNorm((6,), epsilon=1e-5))",
        ),
        inputs=[INPUTS["features"]],
        optimizers=Optimizers(ours, theirs),
        variants={"default": Variant()},
    )
    try:
        return _difference(check_pair(pair, checks=("optimizer_step",), settings=settings))
    except Exception as error:
        return _reason(error)


def _schedules(torch: str, mindspore: str) -> str:
    """The rate at every step; MindSpore's may be a list, a schedule Cell or a scheduler."""
    from harness.backends import mindspore_examples, torch_examples

    want = torch_examples.rates(torch, _STEPS)
    try:
        found = mindspore_examples.rates(mindspore, _STEPS)
    except Exception as error:
        return _reason(error)
    for step, (ours, theirs) in enumerate(zip(found, want)):
        if judge_rate(ours, theirs).status == DIVERGES:
            return f"at step {step} the rate is {ours:.6g}, torch's {theirs:.6g}"
    return AGREES if len(found) == len(want) else f"there are {len(found)} rates"


# -- both sides given ----------------------------------------------------------------------------


def _both(row: Row) -> Iterator[Outcome]:
    for torch, mindspore in row.both:
        found = _values_differ(row, torch, mindspore)
        yield Outcome(torch, mindspore, not found, found)
    for torch, mindspore in row.unlike:
        found = _values_differ(row, torch, mindspore)
        yield Outcome(torch, "", True, "", mindspore, found or AGREES)


def _values_differ(row: Row, torch: str, mindspore: str) -> str:
    """How two expressions' values differ, "" where they agree.

    Arrays are judged as everywhere: against torch in float64, where it takes the expression.
    """
    from harness.backends import mindspore_examples, torch_examples

    names = inputs_of(torch)
    drawn = dict(zip(names, draw_inputs([INPUTS[n] for n in names], entropy(row.torch))))
    try:
        want = _plain(torch_examples, torch, drawn)
    except Exception as error:
        raise HarnessError(f"{row.torch}: torch does not take {torch!r}: {error}") from error
    try:
        found = _plain(mindspore_examples, mindspore, drawn)
    except Exception as error:
        return _reason(error)
    try:
        wide = {n: a.astype(np.float64) if a.dtype == np.float32 else a for n, a in drawn.items()}
        true = _plain(torch_examples, torch, wide)
    except Exception:
        true = want
    return _unequal(want, found, true)


def _plain(side: Any, expression: str, drawn: Mapping[str, np.ndarray]) -> Any:
    words = set(re.findall(r"\w+", expression))
    net = side.build(side.NETWORK) if words & {"net", "params"} else None
    made = side.value(expression, dict(drawn), net)
    return tree.transform(made, side.is_tensor, side.array)


def _unequal(want: Any, found: Any, true: Any) -> str:
    ours, theirs, oracle = (list(tree.leaves(v, is_array)) for v in (found, want, true))
    if not theirs or not ours:
        equal = _comparable(want) == _comparable(found)
        return "" if equal else f"{found!r}, torch {want!r}"[:200]
    if len(ours) != len(theirs):
        return f"{len(ours)} results, torch {len(theirs)}"
    for (_, a), (_, b), (_, c) in zip(ours, theirs, oracle):
        found = judge(a, b, c if c.shape == b.shape else b)
        if found.status == DIVERGES:
            return "other values" if found.kind == "value" else f"{found.kind}: {found.note}"
    return ""


def _comparable(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_comparable(item) for item in value]
    return value
