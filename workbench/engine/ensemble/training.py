"""An ensemble trained as one run: its members take a step each in turn, and are measured together.

To the outside it is a run like any other: its curves are the mean of its members (``MeanCurves``), with the average of
their predictions beside them. Every member has a folder of its own, a run folder like any other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import torch

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent, overlap
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import (
    Boundary,
    Certified,
    Command,
    Copied,
    Copy,
    Edit,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    LayerStats,
    Look,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
    Watched,
)
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import percent
from workbench.engine.ensemble.mean_curves import MeanCurves
from workbench.engine.ensemble.member import Member
from workbench.engine.ensemble.stacked import Stack, why_not
from workbench.engine.run_store.run_folder import RunFolder, event_of_line, line_of_event
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps, loads
from workbench.engine.train import Training
from workbench.engine.training.checkpointer import SAVE_EVERY
from workbench.engine.training.command_channel import Part
from workbench.engine.training.evaluate import averaged, score

#: Pictures of the inside of one model: those of the first member are shown.
_LOOKED_INTO = (Boundary, LayerStats, Watched)


def train_ensemble(
    spec: ExperimentSpec,
    folder: RunFolder | None = None,
    steps: StepStore | None = None,
    dataset: Dataset | None = None,
) -> Run:
    """Train ``spec``'s ensemble. ``steps`` gets the mean of its members' steps. Raises as ``train`` does."""
    try:
        ensemble = EnsembleTraining(spec, folder, steps, dataset)
    except Exception as error:
        if folder is not None:
            folder.log(RunEnded("failed", 0, 0, 0.0, str(error), getattr(error, "path", "")))
            folder.close()
        raise
    del dataset  # the members have what they need of it
    yield from ensemble.run()


class EnsembleTraining:
    """The members, and what their average gives. Its state may be copied and put back between two events."""

    def __init__(
        self,
        spec: ExperimentSpec,
        folder: RunFolder | None = None,
        steps: StepStore | None = None,
        dataset: Dataset | None = None,
    ) -> None:
        """``dataset`` is what the spec's source has given; without it it is read here."""
        errors = [p for p in spec.problems() if p.severity == "error"]
        if errors or not isinstance(spec.ensemble, Independent):
            raise SpecError(errors)
        self.spec, self.folder = spec, folder
        self._differing = ("loop.seed", *spec.ensemble.different())
        trainings: list[Training] = []
        for number, each in enumerate(spec.ensemble.members_of(spec), 1):
            like = trainings[0] if trainings and trainings[0].initial.preprocessing == each.preprocessing else None
            own = folder.member(number, each) if folder is not None else None
            trainings.append(Training(each, own, StepStore(1 << 16), like, dataset))
        #: Why the members are computed one after the other; empty if they are computed as one.
        self.one_by_one = why_not(trainings)
        self._stack = None if self.one_by_one else Stack(trainings)
        self.members = [Member(number, training) for number, training in enumerate(trainings, 1)]
        self.steps_per_epoch = max(training.steps_per_epoch for training in trainings)
        self.mean = MeanCurves(steps if steps is not None else StepStore())
        #: The steps of this run: rounds in which a member has made one. Its own may be fewer, never more.
        self._step = 0
        self._rounds = 0
        self._measured = -1  # epochs
        self._pending: list[Event] = []
        self._held: list[Edit] = []
        self._stopping = False
        self._last: EnsembleMeasured | None = None
        self._saved_at = time.perf_counter()

    def run(self) -> Run:
        """The events of the whole run from wherever its state is."""
        try:
            yield from self._offer(self._started())
            while any(member.is_going for member in self.members):
                while self._waiting:
                    yield from self._round()
                if not self._stopping and self._closed:
                    yield from self._measure()
            yield from self._save()
            yield self._logged(self._ended())
        finally:
            for member in self.members:
                member.run.close()
            if self.folder is not None:
                self.folder.close()

    def state(self) -> dict[str, Any]:
        """A deep copy as plain data and tensors; loadable with ``torch.load(weights_only=True)``.

        Exact between any two events but those within a step, a pass over the whole training set.
        """
        return {
            "spec": dumps(self.spec),
            "step": self._step,
            "rounds": self._rounds,
            "measured": self._measured,
            "mean": self.mean.state(),
            "last": None if self._last is None else line_of_event(self._last),
            "members": [member.state() for member in self.members],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put a copy made by ``state`` back before the run begins; it then goes on as if nothing had happened."""
        self.spec = loads(saved["spec"])
        self._step, self._rounds, self._measured = saved["step"], saved["rounds"], saved["measured"]
        self.mean.restore(saved["mean"])
        last = None if saved["last"] is None else event_of_line(saved["last"])
        assert last is None or isinstance(last, EnsembleMeasured)
        self._last = last
        for member, each in zip(self.members, saved["members"], strict=True):
            member.restore(each)
        if self._stack is not None:
            self._stack.gather(without=[k for k, member in enumerate(self.members) if not member.is_going])

    # --- rounds ----------------------------------------------------------------------------------------------

    @property
    def _waiting(self) -> list[Member]:
        """Those that have not closed the epoch yet; after a Stop all that are to end."""
        going = [member for member in self.members if member.is_going]
        return going if self._stopping else [member for member in going if member.epochs <= self._measured]

    @property
    def _closed(self) -> list[Member]:
        """Those that have closed an epoch which is not measured yet."""
        return [member for member in self.members if not member.failed and member.epochs > self._measured]

    def _round(self) -> Part:
        """Each waiting member in turn: a step, or the end of its epoch. What was said meanwhile comes afterwards."""
        for member in self._waiting:
            if self._stopping or member.rounds <= self._rounds:  # else it has had its turn: restored within a round
                yield from self._advance(member)
        if not any(member.was_cut(self._rounds) for member in self.members):
            self._rounds += 1
            self._count()
        pending, self._pending = self._pending, []
        for event in pending:
            yield from self._offer(event)
        if not self._stopping and any(member.stepped == self._rounds for member in self.members):
            yield from self._offer(Stepped(self._step))
        held, self._held = self._held, []
        for edit in held:
            yield from self._obey(edit)

    def _count(self) -> None:
        """One step more if a member has made one; the last row of a run whose members have all failed shows it."""
        if any(member.stepped == self._rounds for member in self.members):
            self._step += 1
            self.mean.step([member.row for member in self.members if not member.failed])
        elif all(member.failed for member in self.members):
            self.mean.step([member.row for member in self.members])

    def _advance(self, member: Member) -> Part:
        """To the member's next step, evaluation or end."""
        while True:
            event = member.next(self._stopping)
            if isinstance(event, (Stepped, EpochEnded)):
                member.had_its_turn(self._rounds + 1)
                return
            if isinstance(event, RunEnded):
                self._take_out(member)
                return
            if isinstance(event, EvalProgress):
                yield from self._offer_within(event)
            elif isinstance(event, Notice):
                # One member's end is not the run's: the others go on, and the verdict is about them.
                severity = "warning" if event.code == "diverged" else event.severity
                words = f"Member {member.number}: {event.message}"
                self._pending.append(replace(event, message=words, severity=severity))
            elif isinstance(event, Certified):
                self._pending.append(replace(event, words=f"Member {member.number}: {event.words}"))
            elif isinstance(event, Copied) or (member is self.members[0] and isinstance(event, _LOOKED_INTO)):
                self._pending.append(event)

    def _take_out(self, member: Member) -> None:
        if self._stack is not None:
            self._stack.leave(member.number - 1)
        if member.failed:
            words = f"Member {member.number} has failed and is left out from here on."
            self._pending.append(Notice(self._step, "ensemble", words, "warning"))

    # --- events and commands -----------------------------------------------------------------------------------

    def _offer(self, event: Event) -> Part:
        yield from self._obey((yield self._logged(event)))

    def _offer_within(self, event: Event) -> Part:
        """Within a round: an edit waits for its end, so that it acts at the same step in all members."""
        command = yield self._logged(event)
        while isinstance(command, Copy):
            going = [member for member in self.members if member.is_going]
            answer = going[0].copy(command)
            if answer is None:
                return
            command = yield self._logged(answer)
        if isinstance(command, Edit):
            self._held.append(command)
        elif isinstance(command, Stop):
            self._stopping = True
        elif isinstance(command, Look):
            self._look()

    def _look(self) -> None:
        for companion in self.members[0].training.state.companions:
            companion.look()

    def _obey(self, command: Command | None) -> Part:
        while isinstance(command, (Edit, Copy)):
            command = yield self._logged(self._answered(command))
        if isinstance(command, Stop):
            self._stopping = True
        elif isinstance(command, Look):
            self._look()

    def _logged(self, event: Event) -> Event:
        if self.folder is not None:
            self.folder.log(event)
        return event

    def _answered(self, command: Edit | Copy) -> Event:
        """A copy is that of the first member which is still training; an edit goes to all."""
        going = [member for member in self.members if member.is_going]
        if isinstance(command, Edit):
            return self._edited(command, going)
        if not going:
            return Notice(self._step, "copy_refused", "All members have ended; there is no state to copy any more.")
        return going[0].answer(command)

    def _edited(self, edit: Edit, going: Sequence[Member]) -> Event:
        """Every member takes the edit or none does; each one's own folder has it at its own step."""
        why = self._why_not(edit, going)
        if why:
            return Notice(self._step, "edit_refused", why)
        first, *_ = [member.answer(edit) for member in going]
        assert isinstance(first, Edited)
        self.spec = self.spec.edited(edit.path, edit.value)
        return replace(first, step=self._step)

    def _why_not(self, edit: Edit, going: Sequence[Member]) -> str:
        """Why not all members can take ``edit``; empty if they can."""
        differing = next((path for path in self._differing if overlap(path, edit.path)), None)
        if differing is not None:
            what = "differs" if differing == edit.path else f"holds {differing}, which differs"
            what = f"is a part of {differing}, which differs" if edit.path.startswith(f"{differing}.") else what
            return f"{edit.path} {what} between the members; it takes effect in the next run."
        if not going:
            return f"{edit.path} comes too late; it takes effect in the next run."
        for member in going:
            why = member.training.dialogue.why_not(edit)
            if why:
                return why
        return ""

    def _started(self) -> RunStarted:
        first = self.members[0].started
        folder = str(self.folder.path) if self.folder is not None else ""
        return replace(
            first,
            spec=plain(self.spec),
            parameters=self.parameters,
            steps_per_epoch=self.steps_per_epoch,
            folder=folder,
        )

    @property
    def parameters(self) -> int:
        """What one answer of the whole ensemble needs."""
        return sum(member.training.network.parameters for member in self.members)

    # --- measuring -----------------------------------------------------------------------------------------------

    def _measure(self) -> Part:
        """The average of the probabilities of all members that have not failed, then the mean of their epochs."""
        yield from self._fill()
        whole = self._whole()
        if whole is not None:
            self._last = whole
            yield from self._offer(whole)
        ends = [member.closed for member in self.members if member.closed is not None and not member.failed]
        epoch = self.mean.epoch(ends, self._step)
        self._measured = epoch.epochs_done
        if whole is not None:
            epoch = replace(epoch, averages={**epoch.averages, "ensemble": whole.averaged})
        yield from self._offer(epoch)
        if time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self._save()

    def _fill(self) -> Part:
        """Every epoch has the same number of steps, even if those that make the most of them have ended."""
        missing = max(member.epochs for member in self._closed) * self.steps_per_epoch - self._step
        for _ in range(missing):
            self._step += 1
            self.mean.again()
        if missing:
            yield from self._offer(Stepped(self._step))

    def _whole(self) -> EnsembleMeasured | None:
        made = [(m, m.answers) for m in self.members if m.answers is not None and not m.failed]
        if not made:
            return None
        first = made[0][0].training
        labels = first.examples.labels_of(first.split.val).cpu()
        whole = score(averaged(torch.stack([logs for _, logs in made])), labels)
        members = tuple(score(logs, labels).accuracy for _, logs in made)
        each = tuple(m.training.state.progress.seconds for m, _ in made)
        seconds = each if self.one_by_one else (sum(each),)
        epochs = max(member.epochs for member in self._closed)
        return EnsembleMeasured(epochs, self._step, members, whole, seconds, self.parameters)

    # --- files and the end ---------------------------------------------------------------------------------------

    def _save(self) -> Part:
        """The run's own steps, and the state of all members in one piece; the members keep their own besides."""
        if self.folder is None:
            return
        self._saved_at = time.perf_counter()
        try:
            self.folder.keep(self.state(), self.mean.steps, self._step)
        except WorkbenchError as error:
            yield from self._offer(Notice(self._step, "save_failed", f"{error.message} Training goes on."))

    def _ended(self) -> RunEnded:
        failed = all(member.failed for member in self.members)
        reason: Literal["completed", "stopped", "failed"]
        reason = "failed" if failed else "stopped" if self._stopping else "completed"
        states = [member.training.state.progress for member in self.members]
        best = self.mean.best_epoch
        return RunEnded(
            reason,
            self._step,
            max(progress.epoch for progress in states),
            sum(progress.seconds for progress in states),
            self._last_words(reason),
            best_epoch=best if best >= 0 else None,
            best_accuracy=self.mean.best_accuracy,
        )

    def _last_words(self, reason: str) -> str:
        if reason == "failed":
            return "All members have failed. A learning rate ten times lower usually helps."
        head = f"Stopped after {self._step} steps." if reason == "stopped" else "Finished."
        last = self._last
        if last is None:
            return head
        return (
            f"{head} Average of {len(last.members)} models {percent(last.averaged.accuracy)}, "
            f"mean member {percent(last.mean_member)}"
        )
