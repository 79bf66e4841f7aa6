"""The test part of several runs that are one: each predicts it with its best weights, and that is one look."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from torch import Tensor

from workbench.engine.core.events import Command, EvalProgress, Event
from workbench.engine.core.progress import Returned
from workbench.engine.data.looks_at_test import count_look
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.evaluate import answers, how_to_test
from workbench.engine.training.on_test import HeldOut, LoadTest, best_network, not_measured, opened
from workbench.engine.training.run_context import RunContext


@dataclass(frozen=True, slots=True, eq=False)
class AnswersOnTest:
    """``logs`` has of each run the logarithms (n, K) of its probabilities; ``labels`` (n,).

    ``looks`` and ``is_share``: see MeasuredOnTest.
    """

    logs: list[Tensor]
    labels: Tensor
    looks: int
    is_share: bool


def asked_on_test(
    runs: Sequence[RunContext], load: LoadTest, channel: CommandChannel, step: int
) -> Generator[Event, Command | None, AnswersOnTest | None]:
    """What ``runs`` answer on their common test part.

    None if there is no test part, or none is to be measured. Raises StopRequested, and has then not looked.
    """
    first = runs[0]
    if not first.spec.data.measure_test:
        return None
    held = yield from opened(first.data, first.where.device, load, channel, step)
    if held is None:
        return None
    logs = []
    try:
        for done, run in enumerate(runs):
            logs.append((yield from _answers(run, held, done, len(runs), channel, step)))
    except (RuntimeError, MemoryError) as error:
        yield from channel.offer(not_measured(step, error))
        return None
    labels = held.examples.labels_of(held.indices).cpu()
    return AnswersOnTest(logs, labels, count_look(held.mark), held.is_share)


def _answers(
    run: RunContext, held: HeldOut, done: int, total: int, channel: CommandChannel, step: int
) -> Generator[Event, Command | None, Tensor]:
    """``done`` of ``total`` runs were asked before."""
    size = len(held.indices)
    examples = held.examples.standardized_by(run.data.examples.standardizer)
    work = Returned(answers(best_network(run), examples, held.indices, how_to_test(run.spec)))
    for count in work:
        yield from channel.offer(EvalProgress(step, done * size + count, total * size))
    return work.result
