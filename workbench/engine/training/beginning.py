"""How a run begins: its data is read, then its kept state, or that of the run from which it branches off."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.loading import read
from workbench.engine.data.store import DataStore
from workbench.engine.distributed.joining import GroupOfRun, group_for
from workbench.engine.run_store.resumable import run_spec, started_as
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Fork, Resume, Start
from workbench.engine.spec.experiment import MEASURED, ExperimentSpec
from workbench.engine.training.branching_off import branched_off
from workbench.engine.training.device import resolve
from workbench.engine.training.fastest import fastest
from workbench.engine.training.going_on import going_on
from workbench.engine.training.joining_run import train_together
from workbench.engine.training.on_test import LoadTest
from workbench.engine.training.trainable import Make, Trainable

#: Makes what trains a spec on data, with the test part if it is to be measured, into a folder and a store.
MakeOf = Callable[[ExperimentSpec, Dataset, LoadTest | None, RunFolder | None, StepStore], Trainable]


def settled(
    spec: ExperimentSpec, dataset: Dataset, start: Fork | None, cores_left: int
) -> Generator[Event, None, tuple[ExperimentSpec, str]]:
    """``spec`` with the fastest threads, precision and memory format in it, and a sentence about them.

    A fork takes over those of its parent, if that has measured them. Yields progress. Raises WorkbenchError.
    """
    begun = started_as(start.parent) if start is not None else None
    if begun is not None and begun.measured:
        for name in MEASURED:
            spec = spec.edited(f"loop.{name}", begun.spec["loop"][name])
        return spec, begun.measured
    way, words = yield from fastest(spec, dataset, cores_left)
    return way.of(spec), words


def _saying(measured: str, together: GroupOfRun | None, make: Make) -> Make:
    """``make``, whose runs say at their start what was measured, and are trained by the processes of ``together``."""

    def made(folder: RunFolder | None, steps: StepStore) -> Trainable:
        training = make(folder, steps)
        training.origin.measured = measured
        train_together(training.first, together)
        return training

    return made


def begun(
    made: MakeOf,
    spec: ExperimentSpec,
    folder: RunFolder | None,
    steps: StepStore,
    data: DataStore,
    start: Start | None,
    cores_left: int = 0,
) -> Generator[Event, None, Run]:
    """The run of ``spec``, from its first step or from ``start``. Yields progress. Raises WorkbenchError.

    ``cores_left``: how many processor cores stay free where ``spec`` lets the number of threads be measured.
    """
    dataset = yield from read(spec, data)
    together: GroupOfRun | None = None
    try:
        measured = ""
        if spec.loop.fastest and not isinstance(start, Resume):
            spec, measured = yield from settled(spec, dataset, start, cores_left)
            if folder is not None:
                folder.settle(spec)
        together = yield from _together(spec, dataset)
        make = _saying(measured, together, partial(made, spec, dataset, partial(data.loading_test, spec.data.source)))
        if start is None:
            return make(folder, steps).run()
        if isinstance(start, Resume):
            assert folder is not None
            return (yield from going_on(start, make, partial(made, spec, dataset, None), folder, steps))

        def again(folder: RunFolder | None, steps: StepStore) -> Trainable:
            """What trains the parent's own settings, on the same data."""
            own, _ = run_spec(start.parent)
            if own.data != spec.data:
                raise WorkbenchError("With other data a run branches off its kept states only; leave the step out.")
            return made(own, dataset, None, folder, steps)

        return (yield from branched_off(start, make, again, folder, steps))
    except BaseException:
        if together is not None:
            together.close()
        if dataset.arriving is not None:
            dataset.arriving.close()
        raise


def _together(spec: ExperimentSpec, dataset: Dataset) -> Generator[Event, None, GroupOfRun | None]:
    """The processes that train ``spec``, once all pictures are decoded: the others then read them from the cache."""
    arriving, rows = dataset.arriving, np.arange(len(dataset.labels))
    while spec.loop.processes > 1 and arriving is not None and arriving.lacks(rows):
        yield arriving.progress()
    if spec.loop.processes > 1 and resolve(spec.loop).device == "mps":
        words = "Several processes cannot share an Apple GPU. Train with one, or choose the CPU as the device."
        raise WorkbenchError(words, "loop.processes")
    return (yield from group_for(spec))
