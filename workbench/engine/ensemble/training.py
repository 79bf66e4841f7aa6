"""An ensemble trained as one run: its members take a step each in turn, and are measured together.

To the outside it is a run like any other: its curves are the mean of its members (``MeanCurves``), with the average of
their predictions beside them. Every member has a folder of its own, a run folder like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from workbench.engine.core.text import counted
from workbench.engine.ensemble.end import last_event, last_words, reason_of
from workbench.engine.ensemble.mean_curves import MeanCurves
from workbench.engine.ensemble.measuring import Measuring
from workbench.engine.ensemble.member import Member, TrainMember
from workbench.engine.ensemble.rounds import Rounds
from workbench.engine.ensemble.saved import SavedEnsemble
from workbench.engine.ensemble.shared import Shared
from workbench.engine.ensemble.stacked import Stack
from workbench.engine.report.words_on_test import with_test
from workbench.engine.run_store.event_lines import event_of_line, line_of_event
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec, plain
from workbench.engine.spec.toml import dumps, loads
from workbench.engine.training.checkpointer import Checkpointer
from workbench.engine.training.command_channel import CommandChannel, EventStream, StopRequested
from workbench.engine.training.forking import adapted
from workbench.engine.training.going_on import NO_ROWS, fill
from workbench.engine.training.misfit import refuse_misfit
from workbench.engine.training.on_test import LoadTest
from workbench.engine.training.run_context import Origin, RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.state import Progress, as_here
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
        self.origin = Origin()
        self._checkpointer = Checkpointer(SavedEnsemble(self))

    def run(self) -> Run:
        """The events of the whole run from wherever its state is."""
        try:
            try:
                yield from self._epochs()
                yield from self._measuring.on_test(self._load_test)
            except StopRequested:
                yield from self._rounds.stop()
            self.channel.ignore_stop()
            yield from self._save_at_end()
            yield self.channel.log(self._ended())
        finally:
            self._checkpointer.close()
            for member in self.members:
                member.run.close()
            if self.folder is not None:
                self.folder.close_unless_empty()

    def state(self, into: Any = None) -> dict[str, Any]:
        """A deep copy as plain data and tensors; loadable with ``torch.load(weights_only=True)``.

        Exact between any two events but those within a step, a pass over the whole training set. ``into`` is an earlier
        one whose memory is used again.
        """
        last = self._measuring.last
        known = into["members"] if into else [None] * len(self.members)
        return {
            "spec": dumps(self.spec),
            "step": self.progress.step,
            "rounds": self._rounds.done,
            "measured": self._measuring.epochs,
            "mean": self.mean.state(),
            "last": None if last is None else line_of_event(last),
            "measured_step": self._measuring.step,
            "members": [member.state(each) for member, each in zip(self.members, known, strict=True)],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put a copy made by ``state`` back before the run begins; it then goes on as if nothing had happened."""
        self._refuse_other(saved)
        self.spec = as_here(loads(saved["spec"]), self.spec)
        self.progress.step, self._measuring.epochs = saved["step"], saved["measured"]
        self._measuring.step = saved.get("measured_step", self.progress.step)
        self.mean.restore(saved["mean"])
        last = None if saved["last"] is None else event_of_line(saved["last"])
        assert last is None or isinstance(last, EnsembleMeasured)
        self._measuring.last = last
        for member, each in zip(self.members, saved["members"], strict=True):
            member.restore(each)
        self._rounds.restored(saved["rounds"])

    def branch_off(self, saved: Mapping[str, Any]) -> list[str]:
        """As ``restore``, with the settings that it was made with; returns sentences about what was begun anew."""
        self._refuse_other(saved)
        spec, made = self.spec, []
        words: list[str] = []
        for member, each in zip(self.members, saved["members"], strict=True):
            training, said = adapted(each["training"], member.context)
            made.append({**each, "training": training})
            fill(member.context.steps, at := int(training["progress"]["step"]), NO_ROWS, at)
            words = words or said
        self.restore({**saved, "members": made})
        self.spec = spec
        for member in self.members:
            member.context.spec.optimizer.tune(member.context.state.optimizer)
        return words

    def _refuse_other(self, saved: Mapping[str, Any]) -> None:
        """Raise WorkbenchError if ``saved`` is no state of such networks."""
        count = len(saved.get("members", ()))
        if count != len(self.members):
            was = counted(count, "network") if count else "one network"
            raise WorkbenchError(f"The kept state is that of {was}; this run has {len(self.members)}.", "ensemble")
        for member, each in zip(self.members, saved["members"], strict=True):
            refuse_misfit(member.context, each["training"])

    @property
    def first(self) -> RunContext:
        """The first member's run."""
        return self.members[0].context

    @property
    def is_complete(self) -> bool:
        """Whether every member has ended."""
        return not self._shared.going

    @property
    def best_step(self) -> int:
        """The step of the best mean evaluation, −1 before it."""
        return self.mean.best_step

    @property
    def is_sane(self) -> bool:
        """Whether a member is left that has not diverged."""
        return bool(self._shared.sound)

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
            own = self._own_folder(number, each)
            runs.append(set_up(each, own, own_steps(own), like, dataset))
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
        if self.origin.resumed is not None:
            yield from self.channel.offer(self.origin.resumed)
            self._checkpointer.was_read()
        elif self.origin.is_fork:
            yield from self._checkpointer.save()
        while self._shared.going:
            while measuring.waiting:
                if any(member.has_news for member in self.members):
                    yield from measuring.within_epoch()
                yield from self._rounds.one(measuring.waiting)
                if self._checkpointer.is_due:
                    yield from self._checkpointer.save_if_due()
            if measuring.closed:
                yield from measuring.at_end_of_epoch()
                yield from self._checkpointer.after_evaluation()

    def _started(self) -> RunStarted:
        first = self.members[0].started
        return replace(
            first,
            spec=plain(self.spec),
            parameters=self.parameters,
            steps_per_epoch=self._shared.steps_per_epoch,
            folder=str(self.folder.path) if self.folder is not None else "",
            parent=self.origin.parent,
            parent_step=self.origin.parent_step,
            measured=self.origin.measured,
            steps_words=self._steps_words(first.steps_words),
        )

    def _steps_words(self, of_member: str) -> str:
        if not self.one_by_one:
            return f"All {self.noun.lower()}s are computed as one, their gradients written out without autograd."
        return f"{of_member} One {self.noun.lower()} after the other: {self.one_by_one}."

    # --- commands (see CommandTarget) --------------------------------------------------------------------------

    def apply(self, edit: Edit) -> Edited:
        """Change the setting in every member; each one's own folder has the edit at its own step."""
        takers = [member for member in self.members if member.takes(edit)]
        first, *_ = [member.answer(edit) for member in takers]
        assert isinstance(first, Edited)
        self._wake(takers)
        self.spec = self.spec.edited(edit.path, edit.value)
        step = self.progress.step
        return replace(first, step=step, measured=self._measuring.step == step)

    def refusal(self, edit: Edit) -> str:
        """Why not all members can take ``edit``, as a sentence; empty if they can."""
        differing = next((path for path in self._differing if overlap(path, edit.path)), None)
        if differing is not None:
            what = "differs" if differing == edit.path else f"holds {differing}, which differs"
            what = f"is a part of {differing}, which differs" if edit.path.startswith(f"{differing}.") else what
            return f"{edit.path} {what} between the members; it takes effect in the next run."
        takers = [member for member in self.members if member.takes(edit)]
        if not takers:
            return f"{edit.path} comes too late; it takes effect in the next run."
        refusals = (member.context.channel.refusal(edit) for member in takers)
        return next((why for why in refusals if why), "")

    def _wake(self, members: Sequence[Member]) -> None:
        """Let those of ``members`` go on that were complete when they were restored."""
        resting = [member for member in members if member.is_resting]
        for member in resting:
            member.go_on()
        if resting:
            self._rounds.restored(self._rounds.done)

    def copy(self, copy: Copy) -> Event | None:
        """Copy the first member that is still training; in the middle of its step the answer comes behind it."""
        if not self._shared.going:
            return Notice(self.progress.step, "copy_refused", "All members have ended; there is no state to copy.")
        return self._shared.going[0].copy(copy)

    def look(self) -> Event:
        """The first member's last step, or Looked."""
        return self.members[0].context.state.look() or Looked(self.progress.step)

    # --- files and the end ---------------------------------------------------------------------------------------

    def _save_at_end(self) -> EventStream:
        """Save and read back, unless no member has made a step before it failed."""
        if self.progress.step or reason_of(self.members) != "failed":
            own = (member.context.folder for member in self.members)
            yield from self._checkpointer.save_at_end([folder for folder in own if folder is not None])

    def _ended(self) -> RunEnded:
        words = with_test(self._measuring.tested, self._last_words(reason_of(self.members)))
        return last_event(self.members, self.mean, self.progress.step, words, self.folder)

    def _last_words(self, reason: str) -> str:
        return last_words(self.members, reason, self.noun, self.progress.step, self._measuring.last)


def own_steps(folder: RunFolder | None) -> StepStore:
    """The steps of a member, with those that its folder has kept where it goes on."""
    steps = StepStore(1 << 16)
    if folder is not None:
        fill(steps, *folder.kept_steps, folder.goes_on_at)
    return steps


def _preprocessing(spec: ExperimentSpec) -> Preprocessing:
    return spec.model.preprocessing(spec)
