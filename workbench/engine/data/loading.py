"""The data of a run before its first step: read with progress, a Stop obeyed meanwhile, then checked."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator

import numpy as np

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, Stop
from workbench.engine.core.randomness import permutation
from workbench.engine.core.text import grouped
from workbench.engine.data.split import Indices, Split, measured_part, refreshed_on, split
from workbench.engine.spec.experiment import ExperimentSpec

#: The number of examples that are searched for NaN or infinite values at a time.
_CHUNK = 4096


def read(spec: ExperimentSpec, held: list[Command]) -> Generator[Event, Command | None, Dataset | None]:
    """The checked examples of ``spec``'s source, None if Stop came first. Other commands are put into ``held``.

    Pictures that are not needed to begin may still be arriving. Raises WorkbenchError with a sentence for the user.
    """
    source = spec.data.source
    # An ensemble's members take turns in one computation, which waits for nothing.
    loading = checked_loading(source) if isinstance(spec.ensemble, Independent) else _beginning(spec)
    try:
        while True:
            command = yield next(loading)
            if isinstance(command, Stop):
                return None
            if command is not None:
                held.append(command)
    except StopIteration as end:
        dataset: Dataset = end.value
        return dataset
    except MemoryError:
        raise WorkbenchError("The data set does not fit into the memory that is free.", "data.source") from None
    finally:
        loading.close()


def _beginning(spec: ExperimentSpec) -> Loadings:
    """The examples as soon as a run can begin: when those have arrived that its preprocessing measures."""
    dataset = yield from spec.data.source.beginning()
    arriving = dataset.arriving
    if arriving is None:
        return checked(dataset, spec.data.source.title)
    try:
        checked(dataset, spec.data.source.title)
        parts = split(dataset, spec.data)
        first = measured_part(parts.train, dataset.measured_on, spec.data.split_seed)
        arriving.prefer(np.concatenate([first, *_needed(spec, parts)]))
        arriving.lacks(first)  # it begins to decode, also for a run that is paused at once
        yield arriving.told()
        while arriving.lacks(first):
            yield arriving.told()
    except BaseException:
        arriving.close()
        raise
    return dataset


def _needed(spec: ExperimentSpec, parts: Split) -> list[Indices]:
    """What a run needs after its first pictures, in this order."""
    order = parts.train[permutation(len(parts.train), spec.loop.seed, 0)]
    measures_more = spec.averaging or isinstance(spec.model, Transfer)  # then also when Stop comes early
    refreshed = [refreshed_on(parts.train, spec.loop.seed)] if measures_more else []
    return [*refreshed, parts.train_eval, parts.val, order]


def told_first(run: Run, held: list[Command]) -> Run:
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


def checked(dataset: Dataset, title: str) -> Dataset:
    """``dataset``, if a run can use it: found here, a wrong label or number is named; found by torch, it is a crash.

    Raises WorkbenchError that names the file or the example.
    """
    if len(dataset.inputs) != len(dataset.labels):
        counts = f"{grouped(len(dataset.inputs))} examples and {grouped(len(dataset.labels))} labels"
        raise WorkbenchError(f"{title} has {counts}; there must be one label for each example.", "data.source")
    wrong = np.flatnonzero((dataset.labels < 0) | (dataset.labels >= len(dataset.classes)))
    if len(wrong):
        where = int(wrong[0])
        more = f", and {grouped(len(wrong) - 1)} more are wrong" if len(wrong) > 1 else ""
        text = f"{_named(dataset, where)} of {title} has the label {dataset.labels[where]}, "
        known = f"but the {len(dataset.classes)} classes count from 0 to {len(dataset.classes) - 1}{more}."
        raise WorkbenchError(text + known, "data.source")
    if dataset.inputs.dtype.kind == "f":
        _refuse_no_numbers(dataset, title)
    return dataset


def _refuse_no_numbers(dataset: Dataset, title: str) -> None:
    for start in range(0, len(dataset.inputs), _CHUNK):
        part = dataset.inputs[start : start + _CHUNK]
        finite = np.isfinite(part).reshape(len(part), -1).all(1)
        if not finite.all():
            where = start + int(np.argmin(finite))
            text = f"{_named(dataset, where)} of {title} holds a value that is NaN or infinite"
            raise WorkbenchError(f"{text}; one would make every weight NaN. Mend or remove it.", "data.source")


def _named(dataset: Dataset, index: int) -> str:
    return dataset.files[index] if index < len(dataset.files) else f"Example {grouped(index + 1)}"
