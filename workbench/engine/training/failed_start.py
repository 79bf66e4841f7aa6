"""A start that fails is on record too: its reason is logged, its files are closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.engine.core.events import RunEnded
from workbench.engine.run_store.run_folder import RunFolder


@contextmanager
def recorded_failure(folder: RunFolder | None) -> Iterator[None]:
    """Within it an exception is logged into ``folder`` as RunEnded("failed"), and the folder is closed."""
    try:
        yield
    except GeneratorExit:
        if folder is not None:
            folder.close()
        raise
    except Exception as error:
        close_with(folder, RunEnded("failed", 0, 0, 0.0, str(error), getattr(error, "path", "")))
        raise


def close_with(folder: RunFolder | None, ended: RunEnded) -> None:
    """Log the only event of a run that has not begun, and close its folder."""
    if folder is not None:
        folder.log(ended)
        folder.close()
