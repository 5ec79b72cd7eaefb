"""Fixtures of the harness's own tests."""

import pytest


@pytest.fixture(scope="session")
def frameworks() -> None:
    """Both frameworks loaded and set up in this process, for tests that run models themselves.

    Importing MindSpore raises Python's recursion limit, and the backends choose thread counts:
    done once, before any test looks at the global state.
    """
    from harness.backends import open_backend

    for name in ("torch", "mindspore"):
        open_backend(name)
