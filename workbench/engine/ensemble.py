"""An ensemble trained as one run: its members take a step each in turn, and are measured together.

To the outside it is a run like any other: its curves are those of the first member, with the average of all members'
predictions beside them. Every member has a folder of its own, a run folder like any other.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from workbench.engine.batched import compute_as_one, why_not
from workbench.engine.drive import Run
from workbench.engine.ensembles.independent import Independent
from workbench.engine.evaluate import averaged, score
from workbench.engine.events import (
    Boundary,
    Command,
    Edit,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    LayerStats,
    Measured,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
    Watched,
)
from workbench.engine.problems import SpecError
from workbench.engine.runs import RunFolder
from workbench.engine.spec import ExperimentSpec, plain
from workbench.engine.steps import StepStore
from workbench.engine.train import Training

Part = Generator[Event, Command | None, None]


def train_ensemble(spec: ExperimentSpec, folder: RunFolder | None = None, steps: StepStore | None = None) -> Run:
    """Train ``spec``'s ensemble. ``steps`` gets those of the first member. Raises as ``train`` does."""
    try:
        ensemble = EnsembleTraining(spec, folder, steps)
    except Exception as error:
        if folder is not None:
            folder.log(RunEnded("failed", 0, 0, 0.0, str(error), getattr(error, "path", "")))
            folder.close()
        raise
    yield from ensemble.run()


class _Member:
    """One run of the ensemble, and the event at which it stands."""

    def __init__(self, number: int, training: Training) -> None:
        self.number = number
        self.training = training
        training.measuring.kept = []
        self.run = training.run()
        self.at: Event = next(self.run)
        self.answers: Tensor | None = None
        self.stop_told = False

    @property
    def is_going(self) -> bool:
        return not isinstance(self.at, RunEnded)

    @property
    def failed(self) -> bool:
        return isinstance(self.at, RunEnded) and self.at.reason == "failed"

    def listen(self) -> None:
        """Take over the answers of its evaluation; a member that has ended keeps its last ones."""
        if isinstance(self.at, EpochEnded) and self.training.measuring.kept:
            logits = torch.cat(self.training.measuring.kept).cpu().double()
            self.answers = logits.log_softmax(1)

    def next(self, stop: bool) -> Event:
        command = Stop() if stop and not self.stop_told else None
        self.stop_told = self.stop_told or stop
        return self.run.send(command)


class EnsembleTraining:
    """The members, and what their average gives."""

    def __init__(self, spec: ExperimentSpec, folder: RunFolder | None = None, steps: StepStore | None = None) -> None:
        errors = [p for p in spec.problems() if p.severity == "error"]
        if errors or not isinstance(spec.ensemble, Independent):
            raise SpecError(errors)
        self.spec, self.folder = spec, folder
        self._differing = {"loop.seed", *spec.ensemble.different()}
        trainings: list[Training] = []
        for number, each in enumerate(spec.ensemble.members_of(spec), 1):
            like = trainings[0] if trainings and trainings[0].initial.preprocessing == each.preprocessing else None
            own = folder.member(number, each) if folder is not None else None
            trainings.append(Training(each, own, steps if number == 1 else StepStore(1 << 16), like))
        #: Why the members are computed one after the other; empty if they are computed as one.
        self.one_by_one = why_not(trainings)
        if not self.one_by_one:
            compute_as_one(trainings)
        self.members = [_Member(number, training) for number, training in enumerate(trainings, 1)]
        self._pending: list[Event] = []
        self._stopping = False
        self._best: tuple[int, Measured] | None = None
        self._last: EnsembleMeasured | None = None

    def run(self) -> Run:
        """The events of the whole run."""
        try:
            yield from self._offer(self._started())
            while any(member.is_going for member in self.members):
                yield from self._to_measurement()
                if not self._stopping and any(isinstance(member.at, EpochEnded) for member in self.members):
                    yield from self._measure()
            yield self._logged(self._ended())
        finally:
            for member in self.members:
                member.run.close()
            if self.folder is not None:
                self.folder.close()

    # --- rounds ----------------------------------------------------------------------------------------------

    def _to_measurement(self) -> Part:
        """A step of every member in turn, until each has closed an epoch or ended."""
        waiting = [member for member in self.members if member.is_going]
        while waiting:
            for member in waiting:
                yield from self._advance(member)
            waiting = [member for member in waiting if isinstance(member.at, Stepped)]
            pending, self._pending = self._pending, []
            for event in pending:
                yield from self._offer(event)
            if waiting:
                yield from self._offer(Stepped(self._step))

    def _advance(self, member: _Member) -> Part:
        """To the member's next step, evaluation or end."""
        while True:
            event = member.next(self._stopping)
            if isinstance(event, (Stepped, EpochEnded, RunEnded)):
                member.at = event
                if member.failed:
                    self._pending.append(self._said(member, "has failed and is left out from here on.", "warning"))
                return
            if isinstance(event, EvalProgress):
                yield from self._offer(event)
            elif isinstance(event, Notice):
                self._pending.append(replace(event, message=f"Member {member.number}: {event.message}"))
            elif isinstance(event, (Boundary, LayerStats, Watched)) and member is self.members[0]:
                self._pending.append(event)

    @property
    def _step(self) -> int:
        return max(member.training.state.progress.step for member in self.members)

    def _said(self, member: _Member, words: str, severity: Literal["info", "warning"]) -> Notice:
        return Notice(self._step, "ensemble", f"Member {member.number} {words}", severity)

    # --- events and commands -----------------------------------------------------------------------------------

    def _offer(self, event: Event) -> Part:
        command = yield self._logged(event)
        while isinstance(command, Edit):
            command = yield self._logged(self._edited(command))
        if isinstance(command, Stop):
            self._stopping = True

    def _logged(self, event: Event) -> Event:
        if self.folder is not None:
            self.folder.log(event)
        return event

    def _edited(self, edit: Edit) -> Event:
        """Every member takes the edit; each one's own folder has it at its own step."""
        going = [member for member in self.members if member.is_going]
        if edit.path in self._differing or not going:
            why = "differs between the members" if going else "comes too late"
            return Notice(self._step, "edit_refused", f"{edit.path} {why}; it takes effect in the next run.")
        replies = [member.run.send(edit) for member in going]
        if isinstance(replies[0], Edited):
            self.spec = self.spec.edited(edit.path, edit.value)
        return replies[0]

    def _started(self) -> RunStarted:
        first = self.members[0].at
        assert isinstance(first, RunStarted)
        folder = str(self.folder.path) if self.folder is not None else ""
        return replace(first, spec=plain(self.spec), parameters=self.parameters, folder=folder)

    @property
    def parameters(self) -> int:
        """What one answer of the whole ensemble needs."""
        return sum(member.training.network.parameters for member in self.members)

    # --- measuring -----------------------------------------------------------------------------------------------

    def _measure(self) -> Part:
        """The average of the probabilities of all members that have not failed, then the epoch of the first."""
        lead = next(member.at for member in self.members if isinstance(member.at, EpochEnded))
        taking_part = [member for member in self.members if not member.failed]
        for member in taking_part:
            member.listen()
        made = [(m, m.answers) for m in taking_part if m.answers is not None]
        if not made:
            yield from self._offer(lead)
            return
        first = made[0][0].training
        labels = first.examples.labels_of(first.split.val).cpu()
        whole = score(averaged(torch.stack([logs for _, logs in made])), labels)
        members = tuple(score(logs, labels).accuracy for _, logs in made)
        each = tuple(m.training.state.progress.seconds for m, _ in made)
        seconds = each if self.one_by_one else (sum(each),)
        self._last = EnsembleMeasured(lead.epochs_done, lead.step, members, whole, seconds, self.parameters)
        if self._best is None or whole.accuracy > self._best[1].accuracy:
            self._best = (lead.epochs_done, whole)
        yield from self._offer(self._last)
        yield from self._offer(replace(lead, averages={**lead.averages, "ensemble": whole}))

    def _ended(self) -> RunEnded:
        failed = all(member.failed for member in self.members)
        reason: Literal["completed", "stopped", "failed"]
        reason = "failed" if failed else "stopped" if self._stopping else "completed"
        progress = self.members[0].training.state.progress
        seconds = sum(member.training.state.progress.seconds for member in self.members)
        best = self._best
        return RunEnded(
            reason,
            self._step,
            progress.epoch,
            seconds,
            self._last_words(reason),
            best_epoch=best[0] if best is not None else None,
            best_accuracy=best[1].accuracy if best is not None else None,
        )

    def _last_words(self, reason: str) -> str:
        if reason == "failed":
            return "All members have failed. A learning rate ten times lower usually helps."
        head = f"Stopped after {self._step} steps." if reason == "stopped" else "Finished."
        last = self._last
        if last is None:
            return head
        return (
            f"{head} Average of {len(last.members)} models {last.averaged.accuracy:.1%}, "
            f"mean member {last.mean_member:.1%}"
        )
