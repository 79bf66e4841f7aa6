"""The one owner of loaded data: lists, reads and decodes a source once, for all who ask for it.

What is shared, and when it is looked at again:

- *Folders* are scanned once and again when the folder's time of change is another one (``FolderScans``).
- *Pictures* are decoded once, into the cache on disk. In memory there is one array of them, used as long as every
  file has the size and time of change that it had (``PictureMemory``).
- *Examples* that are in memory are given by ``loading`` without a look at the disk, until ``outdate`` says that files
  or corrections may have changed. ``fresh`` and ``beginning`` (a check, a run) always look.
- *Memory*: the newest set is kept; a large one, while a run trains, only as long as something is computed from it
  (``reader``). A request for what a run trains on, or several, gets the run's own arrays, so there is one copy.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_load import PictureLoad
from workbench.engine.core.array_holder import ArrayHolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import IsCancelled, Watch, finished
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.data.checked import checked
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import OwnData
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_memory import PictureMemory
from workbench.engine.pictures.request import Status, file_statuses
from workbench.engine.pictures.turns import Turns

#: Size and time of change of the files of a source; None if it does not say which these are.
_State = Sequence[Status] | None
_NO_INPUTS = np.empty(0)


@dataclass(frozen=True, slots=True)
class _Known:
    """Examples that were loaded: all but their inputs, which are held weakly."""

    state: _State
    edition: int
    rest: Dataset
    inputs: weakref.ref[npt.NDArray[Any]]


class DataStore:
    """One for an application, or for a headless run. Thread-safe; no method but the jobs waits for a disk."""

    def __init__(self) -> None:
        self.scans = FolderScans()
        self._holder = ArrayHolder()
        self._memory = PictureMemory(self._holder)
        self._turns = Turns()
        self._lock = threading.Lock()
        self._known: dict[DataSource, _Known] = {}
        self._edition = 0

    # --- What can be asked for ----------------------------------------------------------------------------------

    def recognised(self, paths: Sequence[Path], is_cancelled: IsCancelled = lambda: False) -> OwnData:
        """What was dropped. Raises NotData, or WorkbenchError where the disk does not answer."""
        return recognise(paths, is_cancelled, self.scans)

    def steps(self, source: PictureFiles) -> PictureLoad:
        """The steps of loading picture files, for a check or a browser."""
        return source.steps(self.scans, self._memory)

    def loading(self, source: DataSource) -> Loadings:
        """The checked examples of ``source``, which are given at once if they are in memory. Raises WorkbenchError."""
        known = self._recalled(source)
        return known if known is not None else (yield from self.fresh(source))

    def loaded(self, source: DataSource, watch: Watch | None = None) -> Dataset:
        """As ``loading``, waited for."""
        return finished(self.loading(source), watch)

    def fresh(self, source: DataSource) -> Loadings:
        """As ``loading``, and whatever has changed on the disk is read again."""
        steps = self._steps_of(source)
        if steps is None:
            return (yield from self._read(source))
        edition = self._edition
        return self._kept(source, (yield from _guarded(source, steps.loading())), None, edition)

    def beginning(self, source: DataSource) -> Loadings:
        """As ``fresh``, but pictures may still be ``arriving`` when it returns; the caller has to close them."""
        steps = self._steps_of(source)
        if steps is None:
            return (yield from self.fresh(source))
        edition = self._edition
        dataset = yield from _guarded(source, steps.beginning())
        return dataset if dataset.arriving is not None else self._kept(source, dataset, None, edition)

    def loading_test(self, source: DataSource) -> Loadings:
        """The test part of ``source``, which is not kept. Raises WorkbenchError if there is none."""
        steps = self._steps_of(source)
        return (yield from steps.loading_test() if steps is not None else source.loading_test())

    # --- What is outdated ---------------------------------------------------------------------------------------

    def outdate(self) -> None:
        """Files or corrections may have changed: the next request looks at the disk."""
        with self._lock:
            self._edition += 1

    def forget(self) -> None:
        """As ``outdate``, and all folders and files are read anew, also those whose time of change is the same."""
        self.scans.forget()
        with self._lock:
            self._known = {}
        self.outdate()

    # --- Who uses it --------------------------------------------------------------------------------------------

    def run(self) -> contextlib.AbstractContextManager[None]:
        """A run trains inside the ``with`` block."""
        return self._holder.run()

    def reader(self) -> contextlib.AbstractContextManager[None]:
        """Something is computed from the data in several requests inside the ``with`` block."""
        return self._holder.reader()

    # --- Inside -------------------------------------------------------------------------------------------------

    def _steps_of(self, source: DataSource) -> PictureLoad | None:
        return self.steps(source) if isinstance(source, PictureFiles) and source.has_files else None

    def _read(self, source: DataSource) -> Loadings:
        """Of a source that has no file for each example: all of it, unless its files are unchanged."""
        words, edition = f"Reading {source.title}", self._edition
        with contextlib.ExitStack() as stack:
            yield from self._turns.take(source.model_dump_json(), stack, words)
            where = getattr(source, "folder", "") or getattr(source, "file", "")
            state = yield from in_daemon_thread(lambda: _state(source), where, words)
            known = self._recalled(source, state) if state is not None else None
            if known is not None:
                return known
            self._holder.release()
            return self._kept(source, (yield from _guarded(source, source.loading())), state, edition)

    def _recalled(self, source: DataSource, state: _State = None) -> Dataset | None:
        """What was loaded of ``source`` if it is still in memory, and its files had this ``state`` if one is given."""
        with self._lock:
            known = self._known.get(source)
        if known is None:
            return None
        if known.state != state if state is not None else known.edition != self._edition:
            return None
        inputs = known.inputs()
        if inputs is None:
            return None
        self._holder.hold(inputs)
        return replace(known.rest, inputs=inputs)

    def _kept(self, source: DataSource, dataset: Dataset, state: _State, edition: int) -> Dataset:
        """``dataset``, remembered as of ``edition``: it may have been called outdated while it was loaded."""
        self._holder.hold(dataset.inputs)
        known = _Known(state, edition, replace(dataset, inputs=_NO_INPUTS), weakref.ref(dataset.inputs))
        with self._lock:
            others = {each: one for each, one in self._known.items() if one.inputs() is not None}
            self._known = {**others, source: known}
        return dataset


def _guarded(source: DataSource, work: Loadings) -> Loadings:
    """The examples that ``work`` loads, checked. Raises WorkbenchError, also where memory does not suffice."""
    try:
        dataset = yield from work
    except MemoryError:
        raise WorkbenchError("The data set does not fit into the memory that is free.", "data.source") from None
    try:
        return checked(dataset, source.title)
    except BaseException:
        if dataset.arriving is not None:
            dataset.arriving.close()
        raise


def _state(source: DataSource) -> _State:
    """None also where the source cannot be read: loading it will say why."""
    try:
        files = source.files()
    except WorkbenchError:
        return None
    return file_statuses(files) if files is not None else None
