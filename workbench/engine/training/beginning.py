"""How a run begins: its data is read, then its kept state, or that of the run from which it branches off."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.loading import read
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.resumable import run_spec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Resume, Start
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.branching_off import branched_off
from workbench.engine.training.going_on import going_on
from workbench.engine.training.on_test import LoadTest
from workbench.engine.training.trainable import Trainable

#: Makes what trains a spec on data, with the test part if it is to be measured, into a folder and a store.
MakeOf = Callable[[ExperimentSpec, Dataset, LoadTest | None, RunFolder | None, StepStore], Trainable]


def begun(
    made: MakeOf,
    spec: ExperimentSpec,
    folder: RunFolder | None,
    steps: StepStore,
    data: DataStore,
    start: Start | None,
) -> Generator[Event, None, Run]:
    """The run of ``spec``, from its first step or from ``start``. Yields progress. Raises WorkbenchError."""
    dataset = yield from read(spec, data)
    try:
        make = partial(made, spec, dataset, partial(data.loading_test, spec.data.source))
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
        if dataset.arriving is not None:
            dataset.arriving.close()
        raise
