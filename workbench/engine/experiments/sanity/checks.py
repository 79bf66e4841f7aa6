"""All sanity checks in turn, in about 20 seconds: is a long run of these settings worth its time?

A check is a class with ``name``, ``title`` and ``run``; a new one is its question, its class and its place in
``CHECKS``, which is that of its question in ``QUESTIONS``.
Everything is trained on throw-away networks; neither the settings nor a run are touched.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import ClassVar, Final, Protocol

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import is_out_of_memory
from workbench.engine.core.progress import Loading
from workbench.engine.data.loading import read
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.sanity.at_start import LossAtStart
from workbench.engine.experiments.sanity.cost import Memory, Time
from workbench.engine.experiments.sanity.few_examples import FewExamples
from workbench.engine.experiments.sanity.result import Checking, Result, SanityJob
from workbench.engine.experiments.sanity.shuffled_labels import ShuffledLabels
from workbench.engine.experiments.sanity.subject import Subject
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.set_up import refuse_problems, set_up

#: Seconds of training that a check may take.
SECONDS: Final = 6.0


class Check(Protocol):
    """One check, under the name and title of its question.

    ``run`` may raise WorkbenchError where it makes no sense, with the reason.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def run(self, subject: Subject) -> Checking: ...


CHECKS: Final[tuple[Check, ...]] = (Memory(), LossAtStart(), FewExamples(), ShuffledLabels(), Time())


def sanity(
    spec: ExperimentSpec,
    data: DataStore | None = None,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> SanityJob:
    """Check ``spec``; of an ensemble its first member, of a cross-validation its first fold.

    Each check trains for at most ``seconds`` on ``clock``; None: SECONDS. Raises WorkbenchError with a sentence for
    the user if the settings or the data are at fault.
    """
    refuse_problems(spec)
    data = data or DataStore()
    with data.reader(), contextlib.ExitStack() as stack:
        dataset = yield from read(spec, data)
        if dataset.arriving is not None:
            stack.callback(dataset.arriving.close)
        yield Loading(0, 0, "Preparing the examples")
        member = spec.ensemble.members_of(spec)[0]
        most = SECONDS if seconds is None else seconds
        subject = Subject(spec, member, set_up(member, dataset=dataset), dataset, most, clock)
        results = []
        for check in CHECKS:
            results.append((yield from _safely(check, subject)))
            yield results[-1]
        return tuple(results)


def _safely(check: Check, subject: Subject) -> Checking:
    """What ``check`` finds; where it cannot be made the reason, and where memory is short what needs less."""
    try:
        return (yield from check.run(subject))
    except WorkbenchError as error:
        return Result(check.name, check.title, "skipped", error.message)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
    words = "There was not enough memory for it."
    return Result(check.name, check.title, "fail", words, None, "Use more Parts of a batch, or a smaller model.")
