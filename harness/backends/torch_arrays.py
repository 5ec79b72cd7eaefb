"""torch tensors as NumPy arrays, by name, and put back afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch


def numpy_of(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy().copy()


def hollow_of(tensor: torch.Tensor) -> np.ndarray:
    """An array of the tensor's shape and dtype that takes no memory; its values mean nothing."""
    like = tensor.detach().numpy()
    return np.broadcast_to(np.zeros((), like.dtype), like.shape)


def view_of(tensor: torch.Tensor) -> np.ndarray:
    """A result that nobody else holds, without a copy; of a parameter or buffer, a copy."""
    if isinstance(tensor, torch.nn.Parameter) or tensor._base is not None:
        return numpy_of(tensor)
    # Not ascontiguousarray, which makes one dimension of none.
    return np.asarray(tensor.detach().numpy(), order="C")


def tensors_of(model: torch.nn.Module, names: Sequence[str]) -> dict[str, torch.Tensor]:
    """Parameters and buffers by name; cheaper than a state_dict of the whole model."""
    found = {}
    for name in names:
        path, _, local = name.rpartition(".")
        found[name] = getattr(model.get_submodule(path), local)
    return found


@contextmanager
def restored(module: torch.nn.Module) -> Iterator[None]:
    """Put every buffer back, those that are not compared (counters) included."""
    saved = {name: buffer.clone() for name, buffer in module.named_buffers()}
    try:
        yield
    finally:
        for name, buffer in module.named_buffers():
            buffer.copy_(saved[name])


def namespace_of(module: torch.nn.Module) -> str:
    return type(module).__module__
