"""One run of an ensemble, the event at which it stands, and what it last said of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from workbench.engine.core.drive import Run
from workbench.engine.core.events import (
    Command,
    Copied,
    Copy,
    Edit,
    EpochEnded,
    Evaluated,
    Event,
    Resumed,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.ensemble.mean_curves import Row
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.training.run_context import RunContext

#: Trains one run to its end; the loop of ``workbench.engine.train``, which stands above this.
TrainMember = Callable[[RunContext], Run]


class Member:
    """One run of an ensemble, which ``train`` trains. It steps on only when ``next`` is called.

    ``answers`` are the logarithms of its probabilities on validation, float64 (n, K), on the CPU.
    """

    def __init__(self, number: int, context: RunContext, train: TrainMember) -> None:
        self.number = number
        self.context = context
        self._kept: list[Tensor] = []
        context.val_answers = self._kept
        self.run = train(context)
        started = next(self.run)
        assert isinstance(started, RunStarted)
        self.started: RunStarted = started
        self.answers: Tensor | None = None
        self.closed: EpochEnded | None = None
        self.latest: Evaluated | None = None
        #: Whether ``latest`` is an evaluation within an epoch that the ensemble has not counted yet.
        self.has_news = False
        self.ended: RunEnded | None = None
        #: Whether it was complete when it was restored: with more epochs it goes on.
        self.is_resting = False
        self.row: Row = ()
        #: The rounds (from 1) in which it last had its turn, and in which it last made a step.
        self.rounds = self.stepped = 0
        self._has_moved = False
        self._command: Command | None = None
        self._early: Event | None = None

    @property
    def is_going(self) -> bool:
        """Whether it has neither ended nor failed."""
        return self.ended is None

    def takes(self, edit: Edit) -> bool:
        """Whether ``edit`` acts on it: it is going, or more epochs let it go on."""
        if not self.is_resting:
            return self.is_going
        run = self.context
        return not run.channel.refusal(edit) and not run.is_complete_with(run.spec.edited(edit.path, edit.value))

    def go_on(self) -> None:
        """Go on, if it was complete when it was restored and has more epochs by now."""
        if self.is_resting and not self.context.is_complete:
            self.ended, self.is_resting = None, False

    @property
    def epochs(self) -> int:
        """The epochs it has closed; 0 is the start, −1 before that is measured."""
        return -1 if self.closed is None else self.closed.epochs_done

    @property
    def failed(self) -> bool:
        """Whether it has diverged."""
        return self.ended is not None and self.ended.reason == "failed"

    def was_cut(self, rounds: int) -> bool:
        """Whether a Stop took it out after ``rounds`` rounds, before its next turn."""
        return self.ended is not None and self.ended.reason == "stopped" and self.rounds <= rounds

    def had_its_turn(self, number: int) -> None:
        """It has stepped, or closed its epoch, in round ``number``."""
        self.rounds = number
        if self._has_moved:
            self.stepped = number

    def stop(self) -> None:
        """Have it finish the step it is in, save and end, when ``next`` is called."""
        self._command = Stop()

    def next(self) -> Event:
        """Its next event. Must not be called after RunEnded."""
        event, self._early = self._early, None
        if event is None:
            command, self._command = self._command, None
            event = self.run.send(command)
        self._has_moved = isinstance(event, Stepped)
        if isinstance(event, (Stepped, RunEnded)):
            self.row = self.context.steps.last or self.row  # restored, it may have none of its own yet
        if isinstance(event, Evaluated):
            self._measured(event)
        elif isinstance(event, RunEnded):
            self.ended = event
        return event

    def answer(self, command: Edit | Copy) -> Event:
        """What it says to a command; it does not step on."""
        return self.run.send(command)

    def copy(self, command: Copy) -> Event | None:
        """As ``answer``; None in the middle of a step, a pass over the whole training set: then ``next`` brings it."""
        answer = self.answer(command)
        if isinstance(answer, Copied):
            return answer
        self._early = answer
        return None

    def _measured(self, event: Evaluated) -> None:
        self.latest, self.has_news = event, not isinstance(event, EpochEnded)
        if isinstance(event, EpochEnded):
            self.closed = event
        if self._kept:
            self.answers = torch.cat(self._kept).cpu().double().log_softmax(1)
            self._kept.clear()

    def state(self, into: Any = None) -> dict[str, Any]:
        """A deep copy as plain data and tensors; ``into`` is an earlier one whose memory is used again."""
        return {
            "training": self.context.state.state(into and into["training"]),
            "answers": None if self.answers is None else self.answers.clone(),
            "closed": None if self.closed is None else line_of_event(self.closed),
            "latest": None if self.latest is None else line_of_event(self.latest),
            "has_news": self.has_news,
            "ended": None if self.ended is None or self.ended.reason == "stopped" else line_of_event(self.ended),
            "row": self.row,
            "rounds": self.rounds,
            "stepped": self.stepped,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put back what ``state`` gave; it has not stepped on since it was made."""
        self.context.state.restore(saved["training"])
        step = self.context.state.progress.step
        self.context.origin.resumed = Resumed(step, "", "nothing", "It goes on with the others.")
        self.answers = None if saved["answers"] is None else saved["answers"].clone()
        closed, ended = (None if saved[k] is None else event_of_line(saved[k]) for k in ("closed", "ended"))
        latest = closed if saved.get("latest") is None else event_of_line(saved["latest"])
        assert closed is None or isinstance(closed, EpochEnded)
        assert latest is None or isinstance(latest, Evaluated)
        assert ended is None or isinstance(ended, RunEnded)
        self.closed, self.ended = closed, ended
        self.latest, self.has_news = latest, saved.get("has_news", False)
        self.row, self.rounds, self.stepped = tuple(saved["row"]), saved["rounds"], saved["stepped"]
        self.is_resting = ended is not None and ended.reason == "completed"
        self.go_on()
