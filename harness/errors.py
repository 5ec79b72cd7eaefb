"""The errors a user can cause, each with a sentence that says what to change."""


class HarnessError(Exception):
    """Base of every error that is about the user's command, pair or files (exit code 2)."""


class PairError(HarnessError):
    """A pair's declaration is wrong: a name that does not resolve, a missing input, a bad id."""


class ParameterMapError(HarnessError):
    """The two sides' parameters cannot be mapped one to one; lists both sides' leftovers."""


class CheckpointError(HarnessError):
    """A checkpoint file cannot be read, written, or does not belong to the network."""


class NothingCompared(HarnessError):
    """A check found nothing to compare; an empty comparison is never a pass."""


class BudgetError(HarnessError):
    """A budget is no budget, or too small for even one module."""


class DeviceError(HarnessError):
    """The device that was asked for is not there."""
