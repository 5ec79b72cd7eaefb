"""Building models without memory for their parameters, where only names and shapes are wanted."""

from contextlib import AbstractContextManager

from harness.errors import HarnessError


def without_data(framework: str) -> AbstractContextManager:
    """A context in which models of "torch" or "mindspore" are built without parameter data.

    torch builds on its meta device; MindSpore leaves its initializers unapplied. A factory that
    looks at values fails inside. Raises HarnessError where the framework has no such context.
    """
    if framework == "torch":
        import torch

        return torch.device("meta")
    from harness.backends import runtime

    runtime.import_mindspore()
    try:
        from mindspore.nn.utils import no_init_parameters
    except ImportError as error:
        raise HarnessError("This MindSpore cannot leave parameters uninitialised.") from error
    return no_init_parameters()
