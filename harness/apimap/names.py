"""torch's names: the public one of each API, and what calling it returns."""

import builtins
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.apimap.values import OTHER, TENSOR, UNKNOWN, Made, Many, Value

#: Private or older homes of what torch also offers publicly.
_HOMES = {
    "torch.nn.parameter.": "torch.nn.",
    "torch.autograd.variable.": "torch.autograd.",
    "torch.functional.": "torch.",
    "torch._C._nn.": "torch.nn.functional.",
    "torch.optim.optimizer.": "torch.optim.",
    "torch.utils.data.dataloader.": "torch.utils.data.",
    "torch.utils.data.dataset.": "torch.utils.data.",
    "torch.utils.data.sampler.": "torch.utils.data.",
    "torch.utils.data.distributed.": "torch.utils.data.distributed.",
    "torch.nn.utils.clip_grad.": "torch.nn.utils.",
    "torch.nn.utils.rnn.": "torch.nn.utils.rnn.",
    "torch.cuda.amp.autocast_mode.": "torch.cuda.amp.",
}

_SEVERAL = frozenset(
    "split chunk unbind meshgrid tensor_split hsplit vsplit dsplit broadcast_tensors atleast_1d "
    "split_with_sizes where_ unsafe_chunk max_pool2d_with_indices svd qr eigh".split()
)
_NO_TENSOR = frozenset(
    "is_tensor is_floating_point is_complex is_grad_enabled device Size finfo iinfo manual_seed "
    "no_grad enable_grad inference_mode set_grad_enabled save load compile get_default_dtype "
    "set_default_dtype get_rng_state set_rng_state seed is_storage numel result_type size dim item "
    "tolist numpy stride element_size data_ptr is_contiguous is_cuda ndimension backward "
    "storage_offset type get_device nelement set_num_threads get_num_threads typename Generator "
    "retain_grad register_hook is_inference equal allclose is_nonzero autocast "
    "use_deterministic_algorithms is_autocast_enabled __version__ _assert storage".split()
)
#: Modules whose call returns a tuple.
_SEVERAL_MODULES = frozenset({"LSTM", "GRU", "RNN", "MultiheadAttention", "LSTMCell"})
#: Where lower-case names are functions of tensors.
_FUNCTIONS = ("torch", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special",
              "torch.nn.init", "torch.Tensor")  # fmt: skip

#: Methods of Python's own types: on a value of unknown type such a name tells nothing.
_BUILTIN_METHODS = frozenset(
    name
    for kind in (str, bytes, list, dict, set, tuple, int, float, complex)
    for name in vars(kind)
    if not name.startswith("_")
) - {"imag", "real", "numerator", "denominator"}


@dataclass(frozen=True)
class Names:
    """The members of torch's central classes, as the installed torch listed them.

    members: "torch.Tensor", "torch.nn.Module", "torch.optim.Optimizer",
    "torch.optim.lr_scheduler.LRScheduler" -> public names.
    """

    members: Mapping[str, Collection[str]]
    apis: Collection[str]

    def public(self, name: str) -> str:
        """The public name of what ``name`` refers to."""
        for home, shown in _HOMES.items():
            if name.startswith(home):
                return shown + name.removeprefix(home)
        if name.startswith("torch.nn.modules.") and name.rpartition(".")[2][:1].isupper():
            return "torch.nn." + name.rpartition(".")[2]
        if name.startswith("torch.optim.") and name.count(".") == 3:
            kind = name.rpartition(".")[2]
            if kind[:1].isupper() and not name.startswith(("torch.optim.lr_", "torch.optim.swa_")):
                return "torch.optim." + kind
        return name

    def method(self, owner: str, name: str) -> str:
        """The API behind a method of an instance of torch class ``owner``; "" where none is known.

        A class's own row wins over its base's.
        """
        if f"{owner}.{name}" in self.apis:
            return f"{owner}.{name}"
        for base, prefix in _BASES:
            if owner.startswith(prefix) and name in self.members.get(base, ()):
                return f"{base}.{name}"
        return ""

    def by_name(self, receiver: str, name: str) -> tuple[str, str]:
        """(API, "") that a method of a value of unknown type can only be, or ("", what it may be).

        receiver: the value's own source, whose last word may tell (``optimizer.step()``).
        """
        if name.startswith("_") or (name in dir(builtins) and name not in _ALSO_BUILTIN):
            return "", ""
        word = receiver.rpartition(".")[2].lower()
        homes = [home for home in _HOMES_BY_NAME if name in self.members.get(home, ())]
        for home, words in _WORDS.items():
            if home in homes and any(part in word for part in words):
                return f"{home}.{name}", ""
        homes = [home for home in homes if home != _SCHEDULER]
        if not homes:
            return "", ""
        if name in _BUILTIN_METHODS or homes == [_OPTIMIZER]:
            return "", f"{homes[0]}.{name}"
        return f"{homes[0]}.{name}", ""


#: Methods of tensors and modules that Python has functions of, too.
_ALSO_BUILTIN = frozenset("abs all any eval max min pow round sum type".split())
_OPTIMIZER, _SCHEDULER = "torch.optim.Optimizer", "torch.optim.lr_scheduler.LRScheduler"
_HOMES_BY_NAME = ("torch.Tensor", "torch.nn.Module", _OPTIMIZER, _SCHEDULER)
_BASES = (
    ("torch.nn.Module", "torch.nn."),
    (_SCHEDULER, "torch.optim.lr_scheduler."),
    (_OPTIMIZER, "torch.optim."),
    ("torch.Tensor", "torch.Tensor"),
)
_WORDS = {
    _SCHEDULER: ("sched",),
    _OPTIMIZER: ("optim",),
    "torch.nn.Module": ("model", "module", "net", "backbone", "encoder", "decoder", "classifier"),
}


def result_of(api: str) -> Value:
    """What calling a torch API returns."""
    family, _, name = api.rpartition(".")
    if api in ("torch.nn.Parameter", "torch.nn.Buffer", "torch.autograd.Variable", "torch.Tensor"):
        return TENSOR
    if name.startswith("is_") or name in _NO_TENSOR:
        return OTHER
    if name in _SEVERAL:
        return Many(TENSOR)
    if family in _FUNCTIONS:
        return TENSOR
    if name[:1].isupper():
        return Made(api)
    if api == "torch.utils.checkpoint.checkpoint":
        return TENSOR
    if family == "torch.nn.Module":
        several = {"parameters": TENSOR, "buffers": TENSOR, "modules": Made("torch.nn.Module"),
                   "children": Made("torch.nn.Module")}  # fmt: skip
        return Many(several[name]) if name in several else UNKNOWN
    return UNKNOWN


def result_of_instance(name: str) -> Value:
    """What calling an instance of a torch class returns."""
    if not name.startswith("torch.nn."):
        return UNKNOWN
    return Many(TENSOR) if name.rpartition(".")[2] in _SEVERAL_MODULES else TENSOR


def attribute_of(name: str, attribute: str) -> Value:
    """What an attribute of an instance of a torch class holds."""
    if name == "torch.Tensor":
        same = ("data", "grad", "T", "mT", "H", "mH", "real", "imag")
        return TENSOR if attribute in same else OTHER
    if name.startswith("torch.nn."):
        if attribute in ("weight", "bias", "running_mean", "running_var"):
            return TENSOR
        return UNKNOWN
    return UNKNOWN


def item_of(value: Value) -> Value:
    """What iterating a value, or indexing it, yields."""
    if isinstance(value, Many):
        return value.item
    if value == TENSOR:
        return TENSOR
    if isinstance(value, Made) and value.name in (
        "torch.nn.Sequential",
        "torch.nn.ModuleList",
        "torch.nn.ModuleDict",
    ):
        return Made("torch.nn.Module")
    return OTHER if value is OTHER else UNKNOWN
