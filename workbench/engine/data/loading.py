"""The data of a run before its first step: read with progress, a Stop obeyed meanwhile, then checked."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, Stop
from workbench.engine.core.progress import Loading, Returned
from workbench.engine.core.randomness import permutation
from workbench.engine.core.text import grouped
from workbench.engine.data.augmented_copies import copies_notes, has_copies
from workbench.engine.data.checked import checked
from workbench.engine.data.group_doubts import unused_groups
from workbench.engine.data.split import Indices, Split, first_look, measured_part, refreshed_on, split
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import before_run
from workbench.engine.spec.experiment import ExperimentSpec

T = TypeVar("T")

#: Splitting and standardizing examples of this size takes a moment (bytes).
LONG_TO_PREPARE = 8 * 2**20


def read(spec: ExperimentSpec, data: DataStore) -> Loadings:
    """The checked examples of ``spec``'s source. Pictures that are not needed to begin may still be arriving.

    Raises WorkbenchError with a sentence for the user.
    """
    dataset = yield from _understood(spec, data)
    if dataset.inputs.nbytes >= LONG_TO_PREPARE:
        yield Loading(0, 0, "Preparing the examples")
    return dataset


def unless_stopped(work: Generator[Event, None, T], held: list[Command]) -> Generator[Event, Command | None, T | None]:
    """What ``work`` returns, None if Stop came first. Other commands are put into ``held``."""
    returned = Returned(work)
    with contextlib.closing(returned):
        for progress in returned:
            command = yield progress
            if isinstance(command, Stop):
                return None
            if command is not None:
                held.append(command)
    return returned.result


def _understood(spec: ExperimentSpec, data: DataStore) -> Loadings:
    """The examples, once no doubt is left that a person must decide; other doubts become notes."""
    known = yield from before_run(spec.data.source, data)
    doubts = [doubt.sentence for doubt in known.doubts]
    # An ensemble's members take turns in one computation, which waits for nothing.
    is_together = isinstance(spec.ensemble, Independent) or spec.data.trains_all_folds
    dataset = yield from (data.fresh(spec.data.source) if is_together else _beginning(spec, data))
    notes = (*doubts, *_fold_notes(spec, dataset), *_copies_notes(spec, dataset), *_group_notes(spec, dataset))
    return replace(dataset, notes=(*notes, *dataset.notes), test_size=known.test)


def _fold_notes(spec: ExperimentSpec, dataset: Dataset) -> tuple[str, ...]:
    """What becomes of the source's own validation part if there are folds."""
    if spec.data.folds is None or dataset.validation is None:
        return ()
    held = grouped(int(dataset.validation.sum()))
    return (f"The {held} examples of the data's own validation part are dealt into the folds with the others.",)


def _group_notes(spec: ExperimentSpec, dataset: Dataset) -> tuple[str, ...]:
    """That folders seem to be groups, which the split mixes."""
    doubt = unused_groups(dataset, spec.data)
    return () if doubt is None else (doubt.sentence,)


def _copies_notes(spec: ExperimentSpec, dataset: Dataset) -> tuple[str, ...]:
    """That augmented copies of a picture are on both sides of the split."""
    if not has_copies(dataset):
        return ()
    try:
        return copies_notes(dataset, split(dataset, spec.data))
    except WorkbenchError:  # the run says why it cannot be split
        return ()


def _beginning(spec: ExperimentSpec, data: DataStore) -> Loadings:
    """The examples as soon as a run can begin: when those have arrived that its preprocessing measures."""
    dataset = yield from data.beginning(spec.data.source)
    arriving = dataset.arriving
    if arriving is None:
        return dataset
    try:
        parts = split(dataset, spec.data)
        first = measured_part(parts.train, dataset.measured_on, spec.data.split_seed)
        arriving.prefer(np.concatenate([first, *_needed(spec, parts, dataset.labels)]))
        arriving.lacks(first)  # it begins to decode, also for a run that is paused at once
        yield arriving.progress()
        while arriving.lacks(first):
            yield arriving.progress()
    except BaseException:
        arriving.close()
        raise
    return dataset


def _needed(spec: ExperimentSpec, parts: Split, labels: Indices) -> list[Indices]:
    """What a run needs after its first pictures, in this order."""
    order = parts.train[permutation(len(parts.train), spec.loop.seed, 0)]
    measures_more = spec.averaging or isinstance(spec.model, Transfer)  # then also when Stop comes early
    refreshed = [refreshed_on(parts.train, spec.loop.seed)] if measures_more else []
    return [*refreshed, *first_look(parts, labels, spec.data.split_seed), order, parts.val]


def with_commands_first(run: Run, held: list[Command]) -> Run:
    """``run``, which is given the commands ``held`` before those that come."""
    waiting = deque(held)
    event = next(run)
    try:
        while True:
            command = yield event
            if command is not None:
                waiting.append(command)
            event = run.send(waiting.popleft() if waiting else None)
    except StopIteration:
        return
    finally:
        run.close()


def checked_loading(source: DataSource) -> Loadings:
    """As ``source.loading``, and ``checked``."""
    return checked((yield from source.loading()), source.title)
