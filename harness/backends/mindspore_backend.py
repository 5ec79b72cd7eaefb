"""The MindSpore backend: the candidate, in PyNative mode and, for comparison, in graph mode."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from harness import tree
from harness.backends import runtime
from harness.backends.base import (
    Arguments,
    Backend,
    Call,
    Cotangents,
    Player,
    Run,
    Settings,
    Step,
    Training,
    is_array,
    is_float,
    is_plain,
    narrower,
    stand_ins,
)
from harness.backends.draws import fixed_dropout
from harness.backends.mindspore_arrays import (
    as_tuple,
    assign,
    dtype_name,
    is_tensor,
    named_parameters,
    rate_of_each,
    restored,
    tensor_of,
    under_every_name,
    unique_of,
)
from harness.backends.mindspore_hooks import (
    DROPPING,
    DtypeLog,
    capturing,
    drop,
    dropouts,
    fixed_draws,
    rate_of,
    rounding,
    without_wrappers,
)
from harness.backends.mindspore_playback import DUMMY, play
from harness.errors import ParameterMapError
from harness.inventory import Inventory, Module, Parameter

runtime.quieten()
import mindspore as ms  # noqa: E402  after its chatter is turned down
from mindspore.common.api import _pynative_executor  # noqa: E402
from mindspore.ops.composite.base import _Grad  # noqa: E402  GradOperation with the outputs

_CONTAINERS = (ms.nn.SequentialCell, ms.nn.CellList, ms.nn.CellDict)
#: Bookkeeping of a Cell and of a Primitive, which is no setting of the layer.
_BOOKKEEPING = {
    "training", "requires_grad", "is_top_cell", "arguments_key", "mixed_precision_type",
    "cell_type", "grad_ops_label", "has_bprop", "bprop_debug",
    "name", "instance_name", "input_names", "output_names", "generator_step",
}  # fmt: skip


@dataclass(frozen=True)
class _Index:
    cells: Mapping[str, ms.nn.Cell]
    parameters: Mapping[str, ms.Parameter]


class MindSporeBackend(Backend):
    """MindSpore float32 on one device."""

    name = "mindspore"
    model_type = "mindspore.nn.Cell"

    def __init__(self, settings: Settings) -> None:
        self.notes = runtime.prepare(settings.target)
        self.coarse = settings.ms_device.endswith(":f16")
        self._indices: WeakKeyDictionary[ms.nn.Cell, _Index] = WeakKeyDictionary()
        #: Models whose mode this backend has set: doing it again for every module is quadratic.
        self._set: WeakSet[ms.nn.Cell] = WeakSet()
        #: Whether uniform numbers are taken from the other end, see ``fixed_draws``.
        self.mirrored = False
        self.label = f"mindspore {ms.__version__} {settings.ms_device} float32"

    def build(self, factory: Callable[..., Any], kwargs: Mapping[str, Any], seed: int) -> Any:
        with self.seeded(seed):
            return factory(**kwargs)

    def is_model(self, value: Any) -> bool:
        return isinstance(value, ms.nn.Cell)

    @contextmanager
    def seeded(self, seed: int) -> Iterator[None]:
        before = np.random.get_state()
        ms.set_seed(seed % 2**31)  # also reseeds NumPy's global generator
        try:
            yield
        finally:
            np.random.set_state(before)

    def inventory(self, model: ms.nn.Cell) -> Inventory:
        modules = tuple(
            Module(
                path,
                type(c).__name__,
                type(c).__module__,
                _settings(c),
                _source(c),
                base=_base(c),
                overrides=type(c).construct is not _stock(c).construct,
            )  # fmt: skip
            for path, c in model.cells_and_names()
        )
        first: dict[int, str] = {}
        parameters = []
        for name, p in named_parameters(model).items():
            shares = first.setdefault(id(p), name)
            parameters.append(
                Parameter(
                    name,
                    tuple(p.shape),
                    dtype_name(p),
                    bool(p.requires_grad),
                    "" if shares == name else shares,
                )
            )
        return Inventory("mindspore", modules, tuple(parameters))

    def read(self, model: ms.nn.Cell) -> dict[str, np.ndarray]:
        # asnumpy() of a parameter is a live view.
        return {name: p.asnumpy().copy() for name, p in named_parameters(model).items()}

    def extents(self, model: ms.nn.Cell) -> dict[str, tuple[int, int]]:
        found = {}
        for name, p in named_parameters(model).items():
            array = p.asnumpy()
            found[name] = (array.ctypes.data, array.ctypes.data + array.nbytes)
        return found

    def write(self, model: ms.nn.Cell, arrays: Mapping[str, np.ndarray]) -> None:
        targets = named_parameters(model)
        for name, array in arrays.items():
            if name not in targets or tuple(targets[name].shape) != array.shape:
                raise ParameterMapError(
                    f"MindSpore has no parameter {name!r} of shape {array.shape}."
                )
            assign(targets[name], array)

    def _index(self, model: ms.nn.Cell) -> "_Index":
        """Cells and parameters by name; walking the tree for every module would be quadratic."""
        if model not in self._indices:
            self._indices[model] = _Index(dict(model.cells_and_names()), named_parameters(model))
        return self._indices[model]

    def load(self, model: ms.nn.Cell, arrays: Mapping[str, np.ndarray]) -> None:
        """Overwrite parameters the way users do, which compiled functions may not notice."""
        # By their own names, which those of a lone layer's parameters are not.
        own = {name: p.name for name, p in named_parameters(model).items()}
        ms.load_param_into_net(
            model,
            {own[n]: ms.Parameter(tensor_of(a), name=own[n]) for n, a in arrays.items()},
        )

    def train(
        self,
        model: ms.nn.Cell,
        factory: Callable[..., Any],
        gradients: Mapping[str, np.ndarray | None],
        scales: Sequence[float],
        keep: Callable[[str, np.ndarray], np.ndarray],
    ) -> Training:
        model.set_train(True)
        self._set.discard(model)
        own = named_parameters(model)
        before = {name: p.asnumpy().copy() for name, p in own.items()}
        made = factory(model)
        optimizer, schedule = made if isinstance(made, tuple) else (made, None)
        names = {id(p): name for name, p in reversed(own.items())}
        moved = [names.get(id(p), "") for p in optimizer.parameters]
        steps = []
        for scale in scales:
            fed = []
            for name, parameter in zip(moved, optimizer.parameters):
                gradient = gradients.get(name)
                # MindSpore has no missing gradient: it is zero.
                fed.append(tensor_of(np.zeros(parameter.shape, "f4") if gradient is None
                                   else gradient * np.float32(scale)))  # fmt: skip
            rates = dict(zip(moved, rate_of_each(optimizer)))
            optimizer(tuple(fed))
            if schedule is not None:
                schedule.step()
            after = {name: keep(name, p.asnumpy()) for name, p in own.items()}
            steps.append(Step(after, rates))
        slots = {p.name.partition(".")[0] for p in optimizer.get_parameters() if "." in p.name}
        slots -= {name.partition(".")[0] for name in own}
        for name, parameter in own.items():
            assign(parameter, before[name])
        return Training(steps, tuple(sorted(slots)))

    def modes(self, model: ms.nn.Cell, train: bool) -> dict[str, bool]:
        self._set.discard(model)
        model.set_train(train)
        return {path: bool(cell.training) for path, cell in model.cells_and_names()}

    def precisions(
        self, model: ms.nn.Cell, arguments: Arguments, train: bool, amp: str = ""
    ) -> dict[str, str]:
        if not hasattr(ms, "MsDispatchMode"):
            return {}
        self._set.discard(model)
        if amp not in ("", "O0"):
            model = ms.amp.auto_mixed_precision(model, amp, ms.float16)
        model.set_train(train)
        log = DtypeLog()
        handles = []
        for path, cell in model.cells_and_names():
            handles.append(cell.register_forward_pre_hook(lambda c, i, p=path: log.stack.append(p)))
            handles.append(cell.register_forward_hook(lambda c, i, out: log.stack.pop() and None))
        args, kwargs = tree.transform(arguments, is_array, tensor_of)
        buffers = [p for _, p in model.parameters_and_names() if not p.requires_grad]
        try:
            with restored(buffers), log:
                model(*args, **kwargs)
        finally:
            for handle in handles:
                handle.remove()
        found: dict[str, str] = {}
        for path, dtype in log.found.items():
            narrower(found, without_wrappers(path), dtype)
        return found

    def run(
        self,
        model: ms.nn.Cell,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        path: str = "",
        train: bool = False,
        cotangents: Cotangents | None = None,
        parameters: Sequence[str] = (),
        state: Sequence[str] = (),
        played: Mapping[str, Sequence[Call]] | None = None,
        capture: bool = False,
    ) -> Run:
        if model.training != train or model not in self._set:
            model.set_train(train)
            self._set.add(model)
        tree_of = self._index(model)
        cell, own = tree_of.cells[path], tree_of.parameters
        result = Run({})
        player = Player(played or {})
        with ExitStack() as stack:
            stack.enter_context(restored([own[name] for name in state]))
            if played:
                children = {child: tree_of.cells[child] for child in played}
                stack.enter_context(stand_ins(children, partial(play, player)))
            layers = dropouts(cell) if train else {}
            stack.enter_context(fixed_dropout(layers, DROPPING, rate_of, drop))
            told = partial(setattr, result, "random", True)
            stack.enter_context(fixed_draws(self.mirrored, told))
            if self.coarse:
                stack.enter_context(rounding(cell))
            if capture:
                stack.enter_context(capturing(cell, result.calls))
            said = _in_its_words(cell, kwargs or {})
            _forward_backward(result, cell, args, said, own, parameters, cotangents)
            result.state = {name: own[name].asnumpy().copy() for name in state}
        result.fed, result.surplus = player.fed, player.surplus
        return result

    def run_graph(
        self,
        model: ms.nn.Cell,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        path: str = "",
        train: bool,
        cotangents: Cotangents | None = None,
        parameters: Sequence[str] = (),
        state: Sequence[str] = (),
    ) -> Run:
        """The model, or the cell at ``path``, compiled as one graph: outputs, gradients, state.

        With cotangents, outputs and gradients come from one graph, as in training. The mode is put
        back to PyNative afterwards. Outputs are tensors or tuples of them; there are no input
        gradients, and none at all where ``construct`` takes keywords only.
        """
        model.set_train(train)
        self._set.discard(model)
        cell = self._index(model).cells[path]
        cell._phase = model._phase  # set_train names the graph only of the cell it is called on
        own = named_parameters(model)
        inputs, named = _in_order(cell, args, kwargs or {})
        unique = unique_of(parameters, own)
        weights = ms.ParameterTuple([own[name] for name in unique.values()]) if unique else None
        tensors = any(is_tensor(value) for value in inputs)
        kept = [own[name] for name in state]
        sens = None
        if cotangents is not None and (tensors or weights) and not named:
            with restored(kept):
                sens = _cotangents_of(cell(*inputs), cotangents)
        result = Run({})
        with restored(kept):
            with runtime.graph_mode():
                if sens is None:
                    returned = cell(*inputs, **named)
                else:
                    take = _Grad(
                        get_all=tensors, get_by_list=bool(weights), sens_param=True, get_value=True
                    )
                    function = take(cell, weights) if weights else take(cell)
                    returned, grads = function(*inputs, sens)
            output = tree.leaves(returned, is_tensor)
            result.output = {leaf: t.asnumpy().copy() for leaf, t in output}
            result.state = {name: own[name].asnumpy().copy() for name in state}
        if sens is not None and weights:
            by_weight = as_tuple(grads[1] if tensors else grads)
            result.grads = under_every_name(parameters, own, unique, by_weight)
        return result


def _cotangents_of(returned: Any, cotangents: Cotangents) -> Any:
    """The cotangents of what a cell returned, in its structure; None where one is missing.

    An output of integers takes part in no gradient, and wants one of its own dtype.
    """
    fed = [
        cotangents(leaf, tuple(t.shape)) if t.is_floating_point() else np.zeros_like(t.asnumpy())
        for leaf, t in tree.leaves(returned, is_tensor)
    ]
    if any(array is None for array in fed):
        return None
    order = iter(fed)
    return tree.transform(returned, is_tensor, lambda _: tensor_of(next(order)))  # type: ignore[arg-type]


#: Keywords that torch's Transformer passes down: its hints change no value, and one has a new name.
_KEYWORDS = {"is_causal": "", "tgt_is_causal": "", "memory_is_causal": "", "mask": "src_mask"}


def _in_its_words(cell: ms.nn.Cell, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a call that torch recorded, as the cell knows them."""
    if not kwargs.keys() & _KEYWORDS.keys():
        return dict(kwargs)
    known = inspect.signature(cell.construct).parameters
    names = {name: name if name in known else _KEYWORDS.get(name, name) for name in kwargs}
    return {names[name]: value for name, value in kwargs.items() if names[name]}


def _in_order(
    cell: ms.nn.Cell, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A call's arguments by position, as graphs want them, where ``construct`` takes them so."""
    given = (tuple(args), _in_its_words(cell, kwargs))
    ours_args, ours_kwargs = tree.transform(given, is_array, tensor_of)
    if not kwargs:
        return ours_args, {}
    bound = inspect.signature(cell.construct).bind(*ours_args, **ours_kwargs)
    bound.apply_defaults()
    return bound.args, bound.kwargs


def _forward_backward(
    result: Run,
    cell: ms.nn.Cell,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    own: Mapping[str, ms.Parameter],
    parameters: Sequence[str],
    cotangents: Cotangents | None,
) -> None:
    given = (tuple(args), dict(kwargs))
    arrays = [array for _, array in tree.leaves(given, is_array)]
    floats = [tensor_of(array) for array in arrays if is_float(array)]

    def forward(*tensors: ms.Tensor) -> list[tuple[str, ms.Tensor]]:
        order = iter(tensors)
        ours_args, ours_kwargs = tree.transform(
            given,
            is_array,
            lambda array: next(order) if is_float(array) else tensor_of(array),
        )
        outputs = list(tree.leaves(cell(*ours_args, **ours_kwargs), is_tensor))
        result.output = {leaf: value.asnumpy().copy() for leaf, value in outputs}
        return outputs

    if cotangents is None:
        forward(*floats)
        return

    def loss(dummy: ms.Tensor, *tensors: ms.Tensor) -> ms.Tensor:
        # d(sum(out * cotangent))/d(out) is the cotangent itself, exactly.
        total = dummy * 0
        DUMMY.append(dummy)
        try:
            outputs = forward(*tensors)
        finally:
            DUMMY.pop()
        for leaf, value in outputs:
            cotangent = cotangents(leaf, tuple(value.shape)) if value.is_floating_point() else None
            if cotangent is not None and cotangent.shape == tuple(value.shape):
                total = total + (value * tensor_of(cotangent)).sum()
        return total

    unique = unique_of(parameters, own)
    names = list(unique.values())
    weights = [own[name] for name in names] or None
    positions = tuple(range(len(floats) + 1))
    try:
        _, grads = ms.value_and_grad(loss, positions, weights)(
            tensor_of(np.zeros((), "float32")), *floats
        )
    except Exception:
        # What the failed gradient left behind makes later, unrelated gradients raise.
        _pynative_executor.clear_res()
        raise
    by_input, by_weight = grads if weights else (grads, ())
    result.grad_inputs = {k: g.asnumpy().copy() for k, g in enumerate(as_tuple(by_input)[1:])}
    result.grads = under_every_name(parameters, own, unique, by_weight)


def _settings(cell: ms.nn.Cell) -> dict[str, Any]:
    """Plain public attributes; of the framework's own layers also what they are made of.

    What a primitive, an inner cell or a parameter holds is named as Python reaches it, "elu.alpha".
    """
    found = _plain_attributes(cell)
    if not _base(cell) or isinstance(cell, _CONTAINERS):
        return found
    for name, inner in (*vars(cell).items(), *cell._cells.items()):
        if isinstance(inner, ms.nn.Cell):
            found[f"{name}.type"] = type(inner).__name__
        if isinstance(inner, (ms.nn.Cell, ms.ops.Primitive)):
            attributes = _plain_attributes(inner)
            found |= {f"{name}.{attribute}": value for attribute, value in attributes.items()}
    for name, parameter in cell._params.items():
        found[f"{name}.shape"] = tuple(parameter.shape)
        found[f"{name}.requires_grad"] = bool(parameter.requires_grad)
    return found


def _plain_attributes(holder: Any) -> dict[str, Any]:
    found = {}
    for name, value in vars(holder).items():
        if name.startswith("_") or name in _BOOKKEEPING:
            continue
        if type(value) is ms.Tensor and value.size <= 16 and not value.has_init:
            value = value.asnumpy().tolist()
        if is_plain(value):
            found[name] = value
    return found


def _base(cell: ms.nn.Cell) -> str:
    """The framework's own layer that the cell is or inherits from; "" where there is none."""
    nearest = _stock(cell)
    return "" if nearest is ms.nn.Cell else nearest.__name__


def _stock(cell: ms.nn.Cell) -> type[ms.nn.Cell]:
    """The framework's own class that the cell is of or inherits from."""
    return next(kind for kind in type(cell).__mro__ if kind.__module__.startswith("mindspore."))


def _source(cell: ms.nn.Cell) -> str:
    code = getattr(type(cell).construct, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def default_optimizer(model: ms.nn.Cell) -> ms.nn.Optimizer:
    """What a pair that names no optimizer is stepped with."""
    return ms.nn.SGD(model.trainable_params(), learning_rate=0.1, momentum=0.9)
