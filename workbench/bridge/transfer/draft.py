"""The settings that the transfer wizard prepares: a draft beside the window's settings, taken over as one edit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task, give_up
from workbench.bridge.transfer.blocks import blocks_question, building
from workbench.bridge.weights.find_weights import Choice, bringing, describing, looking
from workbench.engine.catalog.freezing import Freezing
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.preprocessing.members import NoPreprocessing
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.core.text import grouped
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.step_timing import Expected, expected
from workbench.engine.experiments.transfer_plan import Advice, Likeness, advise, plan, title_of
from workbench.engine.report.data_summary import DataSummary, summarizing
from workbench.engine.spec.experiment import ExperimentSpec

#: What a proposal fills in.
_PROPOSED = (
    "model.freezing",
    "model.trainable",
    "model.frozen",
    "model.rate_below",
    "model.rates",
    "model.freeze_norm",
    "augmentations",
    "optimizer",
    "schedule",
    "loop.epochs",
    "loop.batch_size",
)


class TransferDraft(QObject):
    """Lives in the GUI thread, as long as its wizard. ``store`` has the draft; ``target`` is the window's store."""

    changed = Signal()  #: the draft's settings
    advised = Signal()  #: the likeness of the data, and with it the advice

    def __init__(self, target: SpecStore, tasks: Tasks, loaded: DataStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.target, self.tasks, self._loaded = target, tasks, loaded
        self.store = SpecStore(_as_transfer(target.spec), self)
        self.data = LatestRequest(tasks, "Reading the data", self)
        self.found = LatestRequest(tasks, "Looking for weights", self)
        self.description = LatestRequest(tasks, "Opening the weights", self)
        self.bring = LatestRequest(tasks, "Looking up the file", self)
        self.blocks = LatestRequest(tasks, "Building the network", self)
        self.plan = LatestRequest(tasks, "Measuring a step", self)
        self.likeness: Likeness = "different"
        self._is_proposed = isinstance(target.spec.model, Transfer)
        self.choice: Choice | None = None
        self._files: list[Choice] = []
        self.store.changed.connect(self._on_changed)

    @property
    def spec(self) -> ExperimentSpec:
        """The draft."""
        return self.store.spec

    @property
    def model(self) -> Transfer:
        """The draft's model."""
        model = self.store.spec.model
        assert isinstance(model, Transfer)
        return model

    # --- The head's dropout stands in Regularization ------------------------------------------------------------

    @property
    def dropout(self) -> float:
        """The probability that a feature is dropped before the head."""
        found = [each.p for each in self.spec.regularization if isinstance(each, Dropout)]
        return found[0] if found else 0.0

    def set_dropout(self, p: float, merge: bool = False) -> None:
        """Drop features before the head with probability ``p``; 0 takes the dropout out. Raises SpecError."""
        others = tuple(each for each in self.spec.regularization if not isinstance(each, Dropout))
        mine = next((each for each in self.spec.regularization if isinstance(each, Dropout)), Dropout())
        changed = (Dropout.model_validate({**dict(mine), "p": p}),) if p > 0 else ()
        self.store.edit("regularization", (*others, *changed), merge)

    # --- The weights ---------------------------------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """What the list of weights shows: files that the user has brought first, then what was found."""
        return (*self._files, *(self.found.value or ()))

    def look_for_weights(self) -> None:
        """Look in all places, if that was not done yet."""
        source = self.spec.data.source
        folder = getattr(source, "path", "") or getattr(source, "folder", "")
        extra = Path(folder).expanduser() if isinstance(folder, str) and folder else None
        self.found.ask(extra, looking(extra, runs_folder()))

    @Slot()
    def look_again(self) -> None:
        """Look in all places once more: a file may have been brought."""
        self.found.forget()
        self.look_for_weights()

    def add_file(self, path: Path) -> None:
        """Put a file of the user's at the top of the list, and choose it."""
        choice = Choice(str(path), path.name, "your file", str(path.parent), path)
        self._files = [choice, *(each for each in self._files if each.key != choice.key)]
        self.choose(choice)

    def choose(self, choice: Choice) -> None:
        """Use these weights: open them in the background, and build on them where they are here."""
        self.choice = choice
        if choice.path is None:
            self.description.forget()
            if choice.model is not None:
                self.bring.ask(choice.model, bringing(choice.model))
            self.description.changed.emit()
            return
        self.description.ask(choice.path, describing(choice.path))
        self.store.edit("model.weights", choice.key)

    # --- Asking --------------------------------------------------------------------------------------------------

    def look_at_data(self) -> None:
        """Count the window's data."""
        spec = self.spec
        self.data.ask(spec.data, as_task(partial(summarizing, spec, self._loaded)))

    def look_at_blocks(self) -> None:
        """Build the network with its new head; the answer is a tuple of Block. The data must have been counted."""
        data, model = self.summary, self.model
        if data is None:
            return
        shape, classes = data.shape, len(data.classes)
        self.blocks.ask(blocks_question(model, shape, classes), building(model, shape, classes))

    @property
    def summary(self) -> DataSummary | None:
        """The window's data in numbers; None while it is not known."""
        found: DataSummary | None = self.data.value
        return found

    # --- The suggestion ------------------------------------------------------------------------------------------

    @property
    def proposal(self) -> ExperimentSpec | None:
        """The whole experiment that the rule of thumb proposes; None while data or network are not known."""
        data, blocks = self.summary, self.blocks.value
        if data is None or blocks is None:
            return None
        spec, side = self.spec, min(data.shape[1:], default=1)
        return plan(self.model.weights, spec.data, data.class_train, self.likeness, len(blocks) - 1, side=side)

    @property
    def advice(self) -> Advice | None:
        """What to freeze, and why in words."""
        data, blocks = self.summary, self.blocks.value
        if data is None or blocks is None:
            return None
        return advise(data.class_train, self.likeness, len(blocks) - 1)

    def set_likeness(self, likeness: Likeness) -> None:
        """Say how like the data is to what the network was trained on."""
        if likeness != self.likeness:
            self.likeness = likeness
            self.advised.emit()

    @property
    def follows_advice(self) -> bool:
        """Whether the draft is what the rule of thumb proposes."""
        proposal = self.proposal
        return proposal is not None and not _differing(self.spec, proposal)

    @property
    def not_suggested(self) -> str:
        """What the draft has otherwise than the rule of thumb proposes, as a sentence; empty if it follows it."""
        proposal = self.proposal
        differing = _differing(self.spec, proposal) if proposal is not None else []
        if proposal is None or not differing:
            return ""
        said, others = [], []
        for path in differing:
            mine, theirs = self.spec.at(path), proposal.at(path)
            label = self.store.setting_at(path).knob.label.lower()
            if isinstance(mine, Freezing) and isinstance(theirs, Freezing):
                said.append(f"{_freezing(mine)} instead of {_freezing(theirs)}")
            elif isinstance(mine, int) and not isinstance(mine, bool):
                said.append(f"{label} {grouped(mine)} instead of {grouped(theirs)}")
            else:
                others.append(label)
        said += [f"other {' and '.join(others)}"] if others else []
        return f"Not the suggestion: {'; '.join(said)}."

    @Slot()
    def use_advice(self) -> None:
        """Take the proposal over into the draft: one edit."""
        proposal = self.proposal
        if proposal is not None:
            self.store.edit_all({path: proposal.at(path) for path in _PROPOSED})

    def propose_once(self) -> None:
        """Fill the proposal in where the user has not set up a transfer before."""
        if not self._is_proposed and self.proposal is not None:
            self._is_proposed = True
            self.use_advice()

    # --- Time ----------------------------------------------------------------------------------------------------

    @Slot()
    def look_at_plan(self) -> None:
        """Measure how long the plan takes; not while a run trains, which would make both slower."""
        if self.blocks.value is None or self.why_no_time:
            self.plan.cancel()
            return
        spec = self.spec
        self.plan.ask(spec.model_copy(update={"title": "", "note": ""}), _timing(spec, self._loaded))

    @property
    def why_no_time(self) -> str:
        """Why the expected time cannot be measured now; empty if it can."""
        if self.target.running_spec is not None:
            return "The expected time is measured when no run is training."
        return "The expected time is measured when the settings are right." if self.store.reason() else ""

    def plan_words(self) -> str:
        """The expected time in a sentence, or why it is not known."""
        if self.why_no_time:
            return self.why_no_time
        found: Expected | None = self.plan.value
        if found is None:
            return ""
        steps = ", then ".join(_step(each.step) + " on kept features" * each.cached for each in found.phases)
        return f"Expected time {_duration(found.seconds)}. A step took {steps}, measured on a throw-away copy."

    @Slot()
    @Slot(int)
    def cancel(self, _result: int = 0) -> None:
        """Leave off everything that is still on its way."""
        for asked in self._all():
            asked.cancel()

    def _all(self) -> tuple[LatestRequest, ...]:
        return self.data, self.found, self.description, self.bring, self.blocks, self.plan

    @property
    def data_trouble(self) -> str:
        """Why no picture network can learn from the window's data; empty if one can, as far as is known."""
        source = self.spec.data.source
        if not source.is_image:
            return f"{source.title} has points, and a trained network needs pictures. Choose pictures under Data."
        return self.data.trouble

    # --- Taking over ---------------------------------------------------------------------------------------------

    def changes(self) -> dict[str, Any]:
        """What the draft has otherwise than the window's settings, by their first name."""
        mine, theirs = self.result, self.target.spec
        return {name: new for name, new in mine if new != getattr(theirs, name)}

    @property
    def result(self) -> ExperimentSpec:
        """The draft with a title and a note of its own: those of an older experiment do not fit it any more.

        A plan that was there before and was not changed keeps its own.
        """
        mine = self.spec
        if mine == self.target.spec:
            return mine
        advice = self.advice
        note = advice.why if advice is not None and self.follows_advice else ""
        return mine.model_copy(update={"title": title_of(self.model.weights, mine.data), "note": note})

    def take_over(self) -> None:
        """Make the draft the window's settings: one edit, which undo takes back. Raises SpecError."""
        self.store.settle()
        self.target.edit_all(self.changes())

    @Slot(object)
    def _on_changed(self, _spec: ExperimentSpec) -> None:
        self.changed.emit()


def _as_transfer(spec: ExperimentSpec) -> ExperimentSpec:
    """``spec`` with a trained network as its model, which brings its own normalization."""
    if isinstance(spec.model, Transfer):
        return spec
    return spec.edited("model", Transfer()).edited("preprocessing", NoPreprocessing())


def _timing(spec: ExperimentSpec, loaded: DataStore) -> Work:
    """Measure how long ``spec`` takes: an Expected."""

    def work(_progress: Progress, is_cancelled: IsCancelled) -> Expected:
        dataset = loaded.loaded(spec.data.source, partial(give_up, is_cancelled))
        return expected(spec, dataset)

    return work


def _differing(spec: ExperimentSpec, proposal: ExperimentSpec) -> list[str]:
    return [path for path in _PROPOSED if spec.at(path) != proposal.at(path)]


def _freezing(freezing: Freezing) -> str:
    return f"{freezing.title.lower()} ({freezing.brief()})" if freezing.brief() else freezing.title.lower()


def _step(seconds: float) -> str:
    """Kept features cost the difference of two measured times, which below a millisecond is no more than noise."""
    if seconds < 0.001:
        return "less than 1 ms"
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.2g} s"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 90 else f"about {minutes // 60} h {minutes % 60} min"
