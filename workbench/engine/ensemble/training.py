"""An ensemble trained as one run: its members take a step each in turn, and are measured together.

To the outside it is a run like any other: its curves are the mean of its members (``MeanCurves``), with the average of
their predictions beside them. Every member has a folder of its own, a run folder like any other.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent, overlap
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import (
    Command,
    Copy,
    Edit,
    Edited,
    EnsembleMeasured,
    EvalProgress,
    Evaluated,
    Event,
    Looked,
    MeasuredOnTest,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
)
from workbench.engine.core.step_store import StepStore
from workbench.engine.ensemble.end import last_event, last_words, reason_of, save_at_end
from workbench.engine.ensemble.mean_curves import MeanCurves, with_average
from workbench.engine.ensemble.member import Member, TrainMember
from workbench.engine.ensemble.on_test import asked_on_test
from workbench.engine.ensemble.passed_on import passed_on
from workbench.engine.ensemble.stacked import Stack
from workbench.engine.report.words_on_test import with_test
from workbench.engine.run_store.run_folder import RunFolder, event_of_line, line_of_event
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps, loads
from workbench.engine.training.checkpointer import SAVE_EVERY, save_failed
from workbench.engine.training.command_channel import CommandChannel, EventStream, StopRequested
from workbench.engine.training.evaluate import averaged, score
from workbench.engine.training.on_test import LoadTest
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.state import Progress
from workbench.engine.training.step_choice import choose_step


class EnsembleTraining:
    """Several runs as one, and its events. ``train_member`` is the loop that trains each of them."""

    #: What one of the runs is called.
    noun: ClassVar[str] = "Member"

    def __init__(
        self,
        train_member: TrainMember,
        spec: ExperimentSpec,
        folder: RunFolder | None = None,
        steps: StepStore | None = None,
        dataset: Dataset | None = None,
        load_test: LoadTest | None = None,
    ) -> None:
        """``steps`` gets the mean of the members' steps. ``dataset`` is what the spec's source has given; without it
        it is read here. ``load_test`` loads the test part, which is measured at the end. Raises WorkbenchError with a
        sentence for the user.
        """
        errors = [p for p in spec.problems() if p.severity == "error"]
        if errors:
            raise SpecError(errors)
        self.spec, self.folder, self._load_test = spec, folder, load_test
        self._differing = self._differences()
        runs = self._set_up(dataset)
        choice = choose_step(runs)
        #: Why the members are computed one after the other; empty if they are computed as one.
        self.one_by_one = choice.reason
        self._stack = Stack(runs) if choice.kind == "stacked" else None
        self.members = [Member(number, run, train_member) for number, run in enumerate(runs, 1)]
        self.steps_per_epoch = max(run.batches.per_epoch for run in runs)
        self.mean = self._curves(steps if steps is not None else StepStore())
        #: Its steps are rounds in which a member has made one. A member's own may be fewer, never more.
        self.progress = Progress()
        self.channel = CommandChannel(self, folder)
        self._rounds = 0
        self._measured = -1  # epochs
        self._pending: list[Event] = []
        self._last: EnsembleMeasured | None = None
        self.tested: MeasuredOnTest | None = None
        self._saved_at = time.perf_counter()

    def run(self) -> Run:
        """The events of the whole run from wherever its state is."""
        try:
            try:
                yield from self._epochs()
                yield from self._measure_test()
            except StopRequested:
                yield from self._stop_members()
            self.channel.ignore_stop()
            self._save_at_end()
            yield self.channel.log(self._ended())
        finally:
            for member in self.members:
                member.run.close()
            if self.folder is not None:
                self.folder.close_unless_empty()

    def state(self) -> dict[str, Any]:
        """A deep copy as plain data and tensors; loadable with ``torch.load(weights_only=True)``.

        Exact between any two events but those within a step, a pass over the whole training set.
        """
        return {
            "spec": dumps(self.spec),
            "step": self.progress.step,
            "rounds": self._rounds,
            "measured": self._measured,
            "mean": self.mean.state(),
            "last": None if self._last is None else line_of_event(self._last),
            "members": [member.state() for member in self.members],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put a copy made by ``state`` back before the run begins; it then goes on as if nothing had happened."""
        self.spec = loads(saved["spec"])
        self.progress.step, self._rounds, self._measured = saved["step"], saved["rounds"], saved["measured"]
        self.mean.restore(saved["mean"])
        last = None if saved["last"] is None else event_of_line(saved["last"])
        assert last is None or isinstance(last, EnsembleMeasured)
        self._last = last
        for member, each in zip(self.members, saved["members"], strict=True):
            member.restore(each)
        if self._stack is not None:
            self._stack.gather(without=[k for k, member in enumerate(self.members) if not member.is_going])

    # --- what an ensemble of independent models is -----------------------------------------------------------------

    def _differences(self) -> tuple[str, ...]:
        """The paths of the settings in which the runs differ."""
        assert isinstance(self.spec.ensemble, Independent)
        return ("loop.seed", *self.spec.ensemble.different())

    def _set_up(self, dataset: Dataset | None) -> list[RunContext]:
        """A run for each member, each with a folder; those with the same preprocessing share their examples."""
        runs: list[RunContext] = []
        for number, each in enumerate(self.spec.ensemble.members_of(self.spec), 1):
            like = runs[0] if runs and _preprocessing(runs[0].initial) == _preprocessing(each) else None
            runs.append(set_up(each, self._own_folder(number, each), StepStore(1 << 16), like, dataset))
        return runs

    def _own_folder(self, number: int, spec: ExperimentSpec) -> RunFolder | None:
        return self.folder.member(number, spec) if self.folder is not None else None

    def _curves(self, steps: StepStore) -> MeanCurves:
        return MeanCurves(steps)

    # --- rounds ----------------------------------------------------------------------------------------------

    def _epochs(self) -> EventStream:
        """Rounds until every member has closed its epoch, then the evaluation; again until all have ended."""
        yield from self.channel.offer(self._started())
        while self._going:
            while self._waiting:
                if any(member.has_news for member in self.members):
                    yield from self._measure_within()
                yield from self._round()
            if self._closed:
                yield from self._measure()

    @property
    def _going(self) -> list[Member]:
        return [member for member in self.members if member.is_going]

    @property
    def _waiting(self) -> list[Member]:
        """Those that have not closed the epoch yet."""
        return [member for member in self._going if member.epochs <= self._measured]

    @property
    def _closed(self) -> list[Member]:
        """Those that have closed an epoch which is not measured yet."""
        return [member for member in self.members if not member.failed and member.epochs > self._measured]

    def _round(self) -> EventStream:
        """Each waiting member in turn: a step, or an evaluation. Its other events come afterwards."""
        for member in self._waiting:
            if member.rounds <= self._rounds:  # else it has had its turn: restored within a round
                yield from self._advance(member)
        self._count_round()
        stepped = any(member.stepped == self._rounds for member in self.members)
        yield from self._offer_pending(*([Stepped(self.progress.step)] if stepped else []))

    def _stop_members(self) -> EventStream:
        """Let every member end. A round that some of them have not finished is not counted: a restored run goes on in
        it."""
        going = self._going
        for member in going:
            member.stop()
            while member.is_going:
                yield from self._advance(member)
        if going and not any(member.was_cut(self._rounds) for member in self.members):
            self._count_round()
        yield from self._offer_pending()

    def _offer_pending(self, *more: Event) -> EventStream:
        """Send what members have said within the round, then ``more``; then obey what was held back."""
        pending, self._pending = self._pending, []
        yield from self.channel.offer(*pending, *more)
        if self.channel.held:
            yield from self.channel.obey_held()

    def _count_round(self) -> None:
        """One step more if a member has made one; the last row of a run whose members have all failed shows it."""
        self._rounds += 1
        if any(member.stepped == self._rounds for member in self.members):
            self.progress.step += 1
            self.mean.step([member.row for member in self.members if not member.failed])
        elif all(member.failed for member in self.members):
            self.mean.step([member.row for member in self.members])

    def _advance(self, member: Member) -> EventStream:
        """To the member's next step, evaluation or end. An edit waits for the end of the round, so that it acts at the
        same step in all members."""
        while True:
            event = member.next()
            if isinstance(event, (Stepped, Evaluated)):
                member.had_its_turn(self._rounds + 1)
                return
            if isinstance(event, RunEnded):
                self._take_out(member)
                return
            if isinstance(event, EvalProgress):
                yield from self.channel.offer(event, later=(Edit,))
            else:
                self._pending += passed_on(event, member.number, self.noun)

    def _take_out(self, member: Member) -> None:
        if self._stack is not None:
            self._stack.leave(member.number - 1)
        if member.failed:
            why = member.ended.message if member.ended is not None and member.ended.code != "diverged" else ""
            words = f"{self.noun} {member.number} has failed and is left out from here on. {why}".strip()
            self._pending.append(Notice(self.progress.step, "ensemble", words, "warning"))

    # --- commands (see CommandTarget) --------------------------------------------------------------------------

    def apply(self, edit: Edit) -> Edited:
        """Change the setting in every member; each one's own folder has the edit at its own step."""
        first, *_ = [member.answer(edit) for member in self._going]
        assert isinstance(first, Edited)
        self.spec = self.spec.edited(edit.path, edit.value)
        return replace(first, step=self.progress.step)

    def refusal(self, edit: Edit) -> str:
        """Why not all members can take ``edit``, as a sentence; empty if they can."""
        differing = next((path for path in self._differing if overlap(path, edit.path)), None)
        if differing is not None:
            what = "differs" if differing == edit.path else f"holds {differing}, which differs"
            what = f"is a part of {differing}, which differs" if edit.path.startswith(f"{differing}.") else what
            return f"{edit.path} {what} between the members; it takes effect in the next run."
        if not self._going:
            return f"{edit.path} comes too late; it takes effect in the next run."
        refusals = (member.context.channel.refusal(edit) for member in self._going)
        return next((why for why in refusals if why), "")

    def copy(self, copy: Copy) -> Event | None:
        """Copy the first member that is still training; in the middle of its step the answer comes behind it."""
        if not self._going:
            return Notice(self.progress.step, "copy_refused", "All members have ended; there is no state to copy.")
        return self._going[0].copy(copy)

    def look(self) -> Event:
        """The first member's last step, or Looked."""
        return self.members[0].context.state.look() or Looked(self.progress.step)

    # --- measuring -----------------------------------------------------------------------------------------------

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
        return sum(member.context.network.parameters for member in self.members)

    def _measure(self) -> EventStream:
        """Every member has closed its epoch: their average, then the mean of their epochs."""
        yield from self._fill()
        whole = yield from self._average(max(member.epochs for member in self._closed))
        ends = [member.closed for member in self.members if member.closed is not None and not member.failed]
        epoch = self.mean.epoch(ends, self.progress.step)
        self._measured = epoch.epochs_done
        yield from self.channel.offer(with_average(epoch, whole))
        if time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self._save()

    def _measure_within(self) -> EventStream:
        """Members have measured themselves within the epoch; one that has not keeps its last figures.

        Nothing comes of it before each has been measured on all examples.
        """
        for member in self.members:
            member.has_news = False
        latest = [member.latest for member in self.members if member.latest is not None and not member.failed]
        if any(not each.step for each in latest):
            return
        whole = yield from self._average(self._measured)
        yield from self.channel.offer(with_average(self.mean.within(latest, self.progress.step), whole))

    def _average(self, epochs: int) -> Generator[Event, Command | None, EnsembleMeasured | None]:
        """Send the average of the probabilities of all members that have not failed, after ``epochs`` whole epochs."""
        whole = self._whole(epochs)
        if whole is not None:
            self._last = whole
            yield from self.channel.offer(whole)
        return whole

    def _fill(self) -> EventStream:
        """Every epoch has the same number of steps, even if those that make the most of them have ended."""
        missing = max(member.epochs for member in self._closed) * self.steps_per_epoch - self.progress.step
        for _ in range(missing):
            self.progress.step += 1
            self.mean.again()
        if missing:
            yield from self.channel.offer(Stepped(self.progress.step))

    def _whole(self, epochs: int) -> EnsembleMeasured | None:
        made = [(m, m.answers) for m in self.members if m.answers is not None and not m.failed]
        if not made:
            return None
        first = made[0][0].context
        _, val = first.data.measured_at(first.state.progress.step)
        labels = first.data.examples.labels_of(val).cpu()
        whole = score(averaged(torch.stack([logs for _, logs in made])), labels)
        members = tuple(score(logs, labels).accuracy for _, logs in made)
        each = tuple(m.context.state.progress.seconds for m, _ in made)
        seconds = each if self.one_by_one else (sum(each),)
        return EnsembleMeasured(epochs, self.progress.step, members, whole, seconds, self.parameters)

    # --- the test part -------------------------------------------------------------------------------------------

    def _measure_test(self) -> EventStream:
        """Once, when all have been trained; see ``measure_test`` of a single run."""
        runs = [member.context for member in self.members if not member.failed]
        if self._load_test is None or not runs:
            return
        asked = yield from asked_on_test(runs, self._load_test, self.channel, self.progress.step)
        if asked is not None:
            self.tested = self._tested(*asked)
            yield from self.channel.offer(self.tested)

    def _tested(self, logs: list[Tensor], labels: Tensor, looks: int) -> MeasuredOnTest:
        """What is said of the members' answers to the test part: the average of the probabilities is measured."""
        return MeasuredOnTest(self.progress.step, score(averaged(torch.stack(logs)), labels), looks)

    # --- files and the end ---------------------------------------------------------------------------------------

    def _save(self) -> EventStream:
        """The run's own steps, and the state of all members in one piece; the members keep their own besides."""
        if self.folder is None:
            return
        self._saved_at = time.perf_counter()
        try:
            self.folder.keep(self.state(), self.mean.steps, self.progress.step)
        except WorkbenchError as error:
            yield from self.channel.offer(save_failed(self.progress.step, error.message))

    def _save_at_end(self) -> None:
        """Save and read back, unless no member has made a step before it failed."""
        if self.folder is not None and (self.progress.step or reason_of(self.members) != "failed"):
            wanted = self.state(), self.mean.steps, self.progress.step
            save_at_end(self.folder, self.members, lambda made: made.keep(*wanted))

    def _ended(self) -> RunEnded:
        words = with_test(self.tested, self._last_words(reason_of(self.members)))
        return last_event(self.members, self.mean, self.progress.step, words, self.folder)

    def _last_words(self, reason: str) -> str:
        return last_words(self.members, reason, self.noun, self.progress.step, self._last)


def _preprocessing(spec: ExperimentSpec) -> Preprocessing:
    return spec.model.preprocessing(spec)
