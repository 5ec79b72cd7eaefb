"""Fixtures of the harness's own tests."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def frameworks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Both frameworks loaded and set up in this process, for tests that run models themselves.

    Importing MindSpore raises Python's recursion limit, and the backends choose thread counts:
    done once, before any test looks at the global state. MindSpore writes into the working
    directory.
    """
    from harness.backends import open_backend

    for name in ("torch", "mindspore"):
        open_backend(name)
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("working-directory"))
    yield
    os.chdir(before)
