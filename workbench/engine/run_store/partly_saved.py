"""Several files that are written one after the other, whichever of them fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import WeightsSaved


class PartlySaved(WorkbenchError):
    """Some files could not be written: ``failed`` has an error for each, ``saved`` the weights that were written."""

    def __init__(self, failed: Sequence[WorkbenchError], saved: tuple[WeightsSaved, ...]) -> None:
        super().__init__(failed[0].message)
        self.failed, self.saved = tuple(failed), saved

    @property
    def needed(self) -> int:
        """The bytes that a full disk lacked; 0 if it was not full."""
        return sum(error.needed for error in self.failed if isinstance(error, CannotWrite) and error.is_full)


@contextmanager
def collected(failed: list[WorkbenchError], path: Path) -> Iterator[None]:
    """Within it an error is added to ``failed``, so that the other files are written all the same."""
    try:
        yield
    except WorkbenchError as error:
        failed.append(error)
    except Exception as error:  # no memory left for the copy, a GPU that no longer answers
        failed.append(WorkbenchError(f"Cannot write {path}: {str(error) or type(error).__name__}."))
