"""An ensemble trained as one run: its members take a step each in turn, and are measured together.

To the outside it is a run like any other: its curves are the mean of its members (``MeanCurves``), with the average of
their predictions beside them. Every member has a folder of its own, a run folder like any other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.ensembles.independent import Independent, overlap
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import (
    Copy,
    Edit,
    Edited,
    EnsembleMeasured,
    Event,
    Looked,
    Notice,
    RunEnded,
    RunStarted,
)
from workbench.engine.core.step_store import StepStore
from workbench.engine.ensemble.end import last_event, last_words, reason_of, save_at_end
from workbench.engine.ensemble.mean_curves import MeanCurves
from workbench.engine.ensemble.measuring import Measuring
from workbench.engine.ensemble.member import Member, TrainMember
from workbench.engine.ensemble.rounds import Rounds
from workbench.engine.ensemble.shared import Shared
from workbench.engine.ensemble.stacked import Stack
from workbench.engine.report.words_on_test import with_test
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps, loads
from workbench.engine.training.checkpointer import SAVE_EVERY, save_failed
from workbench.engine.training.command_channel import CommandChannel, EventStream, StopRequested
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
        self.members = [Member(number, run, train_member) for number, run in enumerate(runs, 1)]
        self.mean = self._curves(steps if steps is not None else StepStore())
        #: Its steps are rounds in which a member has made one. A member's own may be fewer, never more.
        self.progress = Progress()
        self.channel = CommandChannel(self, folder)
        self._shared = Shared(self.members, self.mean, self.progress, self.channel, self.noun, choice.reason)
        self._rounds = Rounds(self._shared, Stack(runs) if choice.kind == "stacked" else None)
        self._measuring = self._measured_by()
        self._saved_at = time.perf_counter()

    def run(self) -> Run:
        """The events of the whole run from wherever its state is."""
        try:
            try:
                yield from self._epochs()
                yield from self._measuring.on_test(self._load_test)
            except StopRequested:
                yield from self._rounds.stop()
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
        last = self._measuring.last
        return {
            "spec": dumps(self.spec),
            "step": self.progress.step,
            "rounds": self._rounds.done,
            "measured": self._measuring.epochs,
            "mean": self.mean.state(),
            "last": None if last is None else line_of_event(last),
            "members": [member.state() for member in self.members],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put a copy made by ``state`` back before the run begins; it then goes on as if nothing had happened."""
        self.spec = loads(saved["spec"])
        self.progress.step, self._measuring.epochs = saved["step"], saved["measured"]
        self.mean.restore(saved["mean"])
        last = None if saved["last"] is None else event_of_line(saved["last"])
        assert last is None or isinstance(last, EnsembleMeasured)
        self._measuring.last = last
        for member, each in zip(self.members, saved["members"], strict=True):
            member.restore(each)
        self._rounds.restored(saved["rounds"])

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

    def _measured_by(self) -> Measuring:
        return Measuring(self._shared)

    @property
    def parameters(self) -> int:
        """What one answer of the whole ensemble needs."""
        return self._shared.parameters

    # --- the loop --------------------------------------------------------------------------------------------

    def _epochs(self) -> EventStream:
        """Rounds until every member has closed its epoch, then the evaluation; again until all have ended."""
        measuring = self._measuring
        yield from self.channel.offer(self._started())
        while self._shared.going:
            while measuring.waiting:
                if any(member.has_news for member in self.members):
                    yield from measuring.within_epoch()
                yield from self._rounds.one(measuring.waiting)
            if measuring.closed:
                yield from measuring.at_end_of_epoch()
                yield from self._save_now_and_then()

    def _started(self) -> RunStarted:
        first = self.members[0].started
        return replace(
            first,
            spec=plain(self.spec),
            parameters=self.parameters,
            steps_per_epoch=self._shared.steps_per_epoch,
            folder=str(self.folder.path) if self.folder is not None else "",
        )

    # --- commands (see CommandTarget) --------------------------------------------------------------------------

    def apply(self, edit: Edit) -> Edited:
        """Change the setting in every member; each one's own folder has the edit at its own step."""
        first, *_ = [member.answer(edit) for member in self._shared.going]
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
        if not self._shared.going:
            return f"{edit.path} comes too late; it takes effect in the next run."
        refusals = (member.context.channel.refusal(edit) for member in self._shared.going)
        return next((why for why in refusals if why), "")

    def copy(self, copy: Copy) -> Event | None:
        """Copy the first member that is still training; in the middle of its step the answer comes behind it."""
        if not self._shared.going:
            return Notice(self.progress.step, "copy_refused", "All members have ended; there is no state to copy.")
        return self._shared.going[0].copy(copy)

    def look(self) -> Event:
        """The first member's last step, or Looked."""
        return self.members[0].context.state.look() or Looked(self.progress.step)

    # --- files and the end ---------------------------------------------------------------------------------------

    def _save_now_and_then(self) -> EventStream:
        """The run's own steps, and the state of all members in one piece; the members keep their own besides."""
        if self.folder is None or time.perf_counter() - self._saved_at < SAVE_EVERY:
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
        words = with_test(self._measuring.tested, self._last_words(reason_of(self.members)))
        return last_event(self.members, self.mean, self.progress.step, words, self.folder)

    def _last_words(self, reason: str) -> str:
        return last_words(self.members, reason, self.noun, self.progress.step, self._measuring.last)


def _preprocessing(spec: ExperimentSpec) -> Preprocessing:
    return spec.model.preprocessing(spec)
