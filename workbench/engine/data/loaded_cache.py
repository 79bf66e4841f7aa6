"""Data sets that are loaded, kept for the next request."""

from __future__ import annotations

import threading

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Watch, finished
from workbench.engine.data.loading import checked_loading

#: Sets of fewer bytes stay for the previews while a run has its own copy.
KEEP_BELOW = 8 * 2**20


class _Shelf:
    """Keeps the data set that was loaded last, so that a preview after the first takes no time."""

    def __init__(self) -> None:
        self._loading = threading.Lock()
        self._kept: tuple[DataSource, Dataset] | None = None
        self._keep_below: float = float("inf")

    def get(self, source: DataSource, watch: Watch | None = None) -> Dataset:
        with self._loading:
            kept = self._kept
            if kept is not None and kept[0] == source:
                return kept[1]
            del kept
            self._kept = None  # before loading: two big sets need not fit into memory together
            self._keep_below = float("inf")
            dataset = _load(source, watch)
            if dataset.inputs.nbytes < self._keep_below:
                self._kept = (source, dataset)
            return dataset

    def clear(self, smaller_than: int = 0) -> None:
        """Let the set go unless its inputs are smaller than this many bytes; one that is being loaded too.

        Waits for nothing: the window calls it while another thread may read from a slow drive.
        """
        kept = self._kept
        self._keep_below = smaller_than
        if kept is not None and kept[1].inputs.nbytes >= smaller_than:
            self._kept = None


_shelf = _Shelf()


def loaded(source: DataSource, watch: Watch | None = None) -> Dataset:
    """The examples of ``source``; those of the last source are kept. Raises WorkbenchError.

    ``watch`` is told how far the reading is, and ends it by raising.
    """
    return _shelf.get(source, watch)


def make_room() -> None:
    """Let a large set go, because a run is about to load its own: it would be in memory twice."""
    _shelf.clear(KEEP_BELOW)


def forget_data() -> None:
    """Load anew next time: files may have changed."""
    _shelf.clear()


def _load(source: DataSource, watch: Watch | None) -> Dataset:
    try:
        dataset: Dataset = finished(checked_loading(source), watch)
        return dataset
    except MemoryError:
        raise WorkbenchError("The data set does not fit into the memory that is free.", "data.source") from None
