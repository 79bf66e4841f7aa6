"""A start that fails leaves no folder: there is nothing in it that the message and the settings do not say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.engine.run_store.run_folder import RunFolder


@contextmanager
def closed_on_failure(folder: RunFolder | None) -> Iterator[None]:
    """Within it an exception closes ``folder``, which removes it."""
    try:
        yield
    except BaseException:
        if folder is not None:
            folder.close_unless_empty()
        raise
