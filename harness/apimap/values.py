"""What a scanned expression is known to be, without running it."""

import ast
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Api:
    """A torch name itself: a module, class, function or constant.

    partial: keywords that functools.partial has bound. guess: how it is known, where that is not
    certain ("by its default").
    """

    name: str
    partial: tuple[ast.keyword, ...] = ()
    guess: str = ""


@dataclass(frozen=True)
class Made:
    """An instance of a torch class."""

    name: str


@dataclass(frozen=True)
class Many:
    """A sequence whose items are all alike."""

    item: "Value"


@dataclass(frozen=True)
class Foreign:
    """A name of another package, by its full name."""

    name: str


@dataclass(eq=False)
class Local:
    """A class of the scanned file. module: whether it is, or may be, a torch.nn.Module."""

    name: str
    bases: list["Value"] = field(default_factory=list)
    attributes: dict[str, "Value"] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)

    def torch_base(self) -> str:
        """The torch class that it inherits from, "" where none is known."""
        for base in self.bases:
            if isinstance(base, Api):
                return base.name
            if isinstance(base, Local) and base.torch_base():
                return base.torch_base()
        return ""

    @property
    def may_be_module(self) -> bool:
        """Whether a base is a torch class or one that is not known."""
        found = self.torch_base()
        if found:
            return found.startswith("torch.nn.")
        return any(base is UNKNOWN or isinstance(base, Foreign) for base in self.bases)

    def find(self, name: str) -> "Value":
        """What instances hold under a name, in this class or a base of the same file."""
        if name in self.attributes:
            return self.attributes[name]
        for base in self.bases:
            if isinstance(base, Local) and base.find(name) is not UNKNOWN:
                return base.find(name)
        return UNKNOWN

    def defines(self, name: str) -> bool:
        """Whether the class or a base of the same file has the method."""
        return name in self.methods or any(
            isinstance(base, Local) and base.defines(name) for base in self.bases
        )


@dataclass(eq=False)
class Own:
    """An instance of a class of the scanned file."""

    kind: Local


@dataclass(eq=False)
class Function:
    """A function of the scanned file, and what it was seen to return."""

    name: str
    result: "Value" = None


@dataclass(frozen=True)
class Other:
    """Something that is no part of torch: a number, a text, a list."""


Value = Api | Made | Many | Foreign | Local | Own | Function | Other | None
UNKNOWN: Value = None
OTHER = Other()
TENSOR = Made("torch.Tensor")


def either(*values: Value) -> Value:
    """What is known of a value that is one of several: the first that says something of torch."""
    for value in values:
        if isinstance(value, (Api, Made, Local, Own)):
            return value
    known = [value for value in values if value is not UNKNOWN]
    return known[0] if len(known) == len(values) and known else UNKNOWN
