"""The test part: measured once, when training is complete, with the best weights; training never sees it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator
from dataclasses import dataclass

from torch import nn

from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.core.errors import NoTestPart, WorkbenchError
from workbench.engine.core.events import Command, EvalProgress, Event, Measured, MeasuredOnTest, Notice
from workbench.engine.core.progress import Job, Loading, Returned
from workbench.engine.data.examples import Examples
from workbench.engine.data.looks_at_test import count_look, fingerprint
from workbench.engine.data.part_for_test import part_for_test
from workbench.engine.data.split import Indices
from workbench.engine.training.command_channel import CommandChannel, EventStream, StopRequested
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.run_data import RunData

#: Loads the test part that the source keeps. Raises NoTestPart.
LoadTest = Callable[[], Loadings]


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """The examples ``indices`` of ``examples``, standardized as in training; ``mark`` is their fingerprint.

    ``is_share``: the settings hold them out; else they are a test part of the data's own.
    """

    examples: Examples
    indices: Indices
    mark: str
    is_share: bool


def measure_test(run: RunContext, load: LoadTest) -> EventStream:
    """Measure the test part, if there is one, and send MeasuredOnTest. Raises StopRequested, and has then not looked.

    A test part that cannot be read is a Notice: it does not undo what was trained.
    """
    if not run.spec.data.measure_test:
        return
    held = yield from opened(run.data, run.where.device, load, run.channel, run.state.progress.step)
    if held is None:
        return
    step = run.state.progress.step
    try:
        measured = yield from _measured(run, held, step)
    except (RuntimeError, MemoryError) as error:
        yield from run.channel.offer(not_measured(step, error))
        return
    run.tested = MeasuredOnTest(step, measured, count_look(held.mark), is_share=held.is_share)
    yield from run.channel.offer(run.tested)


def not_measured(step: int, error: Exception) -> Notice:
    """The notice of a test part that could not be read or computed with."""
    why = str(error) or "The memory does not suffice."
    return Notice(step, "test_failed", f"The test part was not measured. {why}")


def _measured(run: RunContext, held: HeldOut, step: int) -> Generator[Event, Command | None, Measured]:
    network = best_network(run)
    work = Returned(measure(network, held.examples, held.indices, how_to_test(run.spec), run.network.stochastic))
    for done in work:
        yield from run.channel.offer(EvalProgress(step, done, len(held.indices)))
    assert work.result is not None  # a test part is never empty
    return work.result


def opened(
    data: RunData, device: str, load: LoadTest, channel: CommandChannel, step: int
) -> Generator[Event, Command | None, HeldOut | None]:
    """The test part of a run on ``data``: the share held out, else that of the source; None if there is none."""
    work = Returned(_loading(data, device, load))
    try:
        for loading in work:
            yield from channel.offer(loading)
    except NoTestPart:
        return None
    except StopRequested:
        raise
    except Exception as error:  # whatever is wrong with it must not undo what was trained
        yield from channel.offer(not_measured(step, error))
        return None
    return work.result


def _loading(data: RunData, device: str, load: LoadTest) -> Job[HeldOut | None]:
    part = yield from part_for_test(data.split, load)
    dataset, indices = part.dataset, part.indices
    if dataset is None:
        while data.examples.lacks(indices):
            yield data.examples.waiting or Loading(0, 0, "Reading the test part")
        return HeldOut(data.examples, indices, data.test_mark, is_share=True)
    if dataset.classes != data.classes or dataset.shape != data.shape:
        what = "classes" if dataset.classes != data.classes else "inputs"
        raise WorkbenchError(f"It has other {what} than what was trained on.", "data.source")
    if not len(indices):
        return None
    examples = Examples(dataset, device)
    examples.use(data.examples.standardizer)
    return HeldOut(examples, indices, fingerprint(dataset, indices), is_share=False)


def best_network(run: RunContext) -> nn.Module:
    """A copy of the run's network with its best weights, or the last ones where nothing validates."""
    network = copy.deepcopy(run.state.network)
    if run.state.best_weights:
        network.load_state_dict(run.state.best_weights)
    return network.eval()
