"""The folder of a new pair: pt.py, ms.py and pair.py, and the checks before anything is written."""

import ast
import importlib
import importlib.util
import inspect
import keyword
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.inputs import Input, draw_inputs
from harness.pair import resolve_factory
from harness.porting.constructs import Left
from harness.porting.described import Described
from harness.porting.port import Port, write_port
from harness.porting.sources import pair_source, pt_source


@dataclass(frozen=True)
class Request:
    """What the command line says.

    name: the new package, dotted or not. torch: "module:attribute". kwargs: ``key=value`` texts.
    inputs: shapes as ``2,3,32,32``. out: the folder that ``name`` is imported from. package: the
    package that ``out`` is, where it is one. force: existing files are overwritten.
    """

    name: str
    torch: str
    kwargs: Sequence[str] = ()
    inputs: Sequence[str] = ()
    out: str = "."
    package: str = ""
    force: bool = False


@dataclass(frozen=True)
class ToDo(Left):
    """A Left with the line of ms.py that it is about, "" where there is none."""

    place: str = ""


@dataclass(frozen=True)
class Folder:
    """What was written. root: where to run from. port: ms.py. pair: ``module:PAIR``."""

    files: tuple[str, ...]
    left: tuple[ToDo, ...]
    notes: tuple[str, ...]
    layers: int
    root: str
    port: str
    pair: str


def write_folder(request: Request) -> Folder:
    """Build the torch network, write its first port. Raises HarnessError that says what to change.

    Nothing is written where anything is wrong with the request.
    """
    from harness.backends import torch_describe

    folder = Path(request.out, *_parts(request.name))
    module = f"{request.package}.{request.name}" if request.package else request.name
    _check_name(request, module, folder)
    kwargs = _kwargs(request.kwargs)
    factory = _factory(request.torch)
    model, described = _built(factory, kwargs, request, torch_describe.build_and_describe)
    inputs, notes = _inputs(request, described)
    _try(model, inputs, request, torch_describe)
    attribute = request.torch.partition(":")[2].rpartition(".")[2]
    port = write_port(described, attribute, request.torch)
    sources = {
        "__init__.py": "",
        "pt.py": pt_source(request.torch, kwargs),
        "ms.py": port.source,
        "pair.py": pair_source(request.torch, module, attribute, inputs, described, kwargs),
    }
    existing = [f"{folder / name}" for name in sources if name != "__init__.py"
                and (folder / name).exists()]  # fmt: skip
    if existing and not request.force:
        raise HarnessError(f"{', '.join(existing)} exists: give --force to overwrite, or another "
                           f"NAME.")  # fmt: skip
    written = []
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        path = folder / name
        if name == "__init__.py" and path.exists():
            continue
        path.write_text(text, encoding="utf-8")
        written.append(str(path))
    importlib.invalidate_caches()
    ms = folder / "ms.py"
    return Folder(
        tuple(written), _to_do(port, ms, request.torch), tuple(notes), port.layers, _root(request),
        str(ms), f"{module}.pair:PAIR",
    )  # fmt: skip


# -- what was asked for ----------------------------------------------------------------------


def _parts(name: str) -> list[str]:
    parts = name.split(".")
    for part in parts:
        if not part.isidentifier() or keyword.iskeyword(part):
            raise HarnessError(
                f"{name}: {part!r} is no Python name; a NAME is one, or several with dots between, "
                f"e.g. my_net or mypkg.ports.my_net."
            )
    return parts


def _check_name(request: Request, module: str, folder: Path) -> None:
    """Refuse a package that hides a module, or that another one hides."""
    if folder.with_suffix(".py").exists():
        raise HarnessError(f"{request.name}: a folder of that name would hide the module "
                           f"{folder.with_suffix('.py')}; choose another NAME.")  # fmt: skip
    root = Path(request.out, request.name.partition(".")[0]).resolve()
    first = module.partition(".")[0]
    if request.package:
        return
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return
    places = [Path(p).resolve() for p in (spec.submodule_search_locations or ())] if spec else []
    if spec is not None and root not in places and (spec.origin or places):
        where = spec.origin or str(places[0])
        if not Path(where).is_relative_to(root):
            raise HarnessError(f"{request.name}: {first} is the name of a module already, {where}; "
                               f"choose another NAME.")  # fmt: skip


def _kwargs(texts: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in texts:
        try:
            call = ast.parse(f"f({text})", mode="eval").body
            assert isinstance(call, ast.Call)
            if call.args or any(k.arg is None for k in call.keywords):
                raise ValueError
            found |= {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
        except (SyntaxError, ValueError):
            raise HarnessError(
                f"--kwargs {text!r}: write NAME=VALUE with literal values, e.g. "
                f"--kwargs 'num_classes=10, width=0.5'."
            ) from None
    return found


def _factory(text: str) -> Callable[..., Any]:
    if text.partition(":")[0].partition(".")[0] == "torchvision":
        from harness.backends.vision import import_torchvision

        import_torchvision()
    try:
        return resolve_factory(text, f"--torch {text}")
    except HarnessError:
        raise
    except Exception as error:
        raise HarnessError(f"--torch {text}: importing it raises "
                           f"{type(error).__name__}: {error}") from error  # fmt: skip


def _built(
    factory: Callable[..., Any],
    kwargs: Mapping[str, Any],
    request: Request,
    build: Callable[..., tuple[Any, Any]],
) -> tuple[Any, Described]:
    try:
        inspect.signature(factory).bind(**kwargs)
    except TypeError as error:
        raise HarnessError(
            f"--torch {request.torch}: {error}; its arguments are "
            f"{inspect.signature(factory)}: give them as --kwargs 'name=value, ...'."
        ) from None
    except ValueError:  # no signature
        pass
    try:
        model, described = build(factory, kwargs)
    except Exception as error:
        raise HarnessError(
            f"--torch {request.torch}: building it raises {type(error).__name__}: {error}; see "
            f"--kwargs."
        ) from error
    if described is None:
        raise HarnessError(
            f"--torch {request.torch}: it returns a {type(model).__name__}, which is no "
            f"torch.nn.Module; name a class or a function that builds one."
        )
    return model, described


# -- inputs ----------------------------------------------------------------------------------


def _inputs(request: Request, described: Described) -> tuple[list[Input], list[str]]:
    """What the pair feeds: as given, else as the first layer tells."""
    first = next((d for d in described.walk() if d.layer and d.arguments and d.held), None)
    guessed = _guess(first)
    if request.inputs:
        given = [Input(_shape(text)) for text in request.inputs]
        if guessed and guessed.dtype != "float32":
            given[0] = replace(guessed, shape=given[0].shape)
        return given, []
    if guessed is None or first is None:
        raise HarnessError(
            "Nothing tells the input's shape: give it as --input 2,3,32,32, once for each input of "
            "forward."
        )
    shape = ",".join(map(str, guessed.shape))
    note = f"input {shape}, guessed from {first.path or 'the network'}, a {first.layer}: change it "
    return [guessed], [note + "with --input"]


def _guess(first: Described | None) -> Input | None:
    if first is None:
        return None
    given, kind = first.arguments, first.layer.removeprefix("torch.nn.")
    if kind == "Linear":
        return Input((8, given["in_features"]))
    if kind in ("Conv1d", "Conv2d"):
        return Input((4, given["in_channels"], *((32,) * int(kind[4]))))
    if kind == "Embedding":
        high = given["num_embeddings"]
        return Input((4, 16), "int64", draw="integers", low=0, high=high)
    if kind in ("LSTM", "GRU", "RNN"):
        return Input((4, 6, given["input_size"]))
    return None


def _shape(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise HarnessError(f"--input {text}: write a shape, e.g. 2,3,32,32.") from None


def _try(model: Any, inputs: Sequence[Input], request: Request, backend: Any) -> None:
    """Raises HarnessError where torch's forward does not take the inputs."""
    names, needed = backend.forward_inputs(model)
    if len(inputs) < needed:
        raise HarnessError(
            f"forward takes {', '.join(names[:needed])}: give {needed} --input, in this order."
        )
    try:
        backend.forward_once(model, list(draw_inputs(inputs, 0)))
    except Exception as error:
        shapes = " ".join(f"--input {','.join(map(str, i.shape))}" for i in inputs)
        raise HarnessError(
            f"torch's own forward raises on {shapes}: {type(error).__name__}: {error}; give the "
            f"shape with --input."
        ) from error


def _to_do(port: Port, ms: Path, torch: str) -> tuple[ToDo, ...]:
    """What is left, each with its line of ms.py."""
    lines = port.source.splitlines()
    found = []
    for left in port.left:
        mark = f"{Path(left.file).name}:{left.line}: " if left.file else f"torch: {left.source} "
        at = next((n for n, line in enumerate(lines, 1) if left.blocking and mark in line), 0)
        file = _shown(left.file) if left.file else ""
        found.append(
            ToDo(file, left.line, left.source, left.why, left.blocking, f"{ms}:{at}" if at else "")
        )
    return tuple(found)


def _shown(file: str) -> str:
    """A path from here where it is below, else whole."""
    near = os.path.relpath(file) if os.path.isabs(file) else file
    return file if near.startswith("..") else near


def _root(request: Request) -> str:
    """The folder to run ``check`` from: the one that holds the outermost package."""
    up = len(request.package.split(".")) if request.package else 0
    root = Path(request.out).resolve()
    for _ in range(up):
        root = root.parent
    return "." if root == Path.cwd() else str(root)
