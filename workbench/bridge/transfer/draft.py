"""The transfer wizard's draft: a copy of the window's settings that is applied to them as one edit."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task, give_up
from workbench.bridge.transfer.blocks import blocks_key, build_blocks
from workbench.bridge.weights.find_weights import Choice, bringing, describing, looking
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.freezing import Freezing
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.preprocessing.members import NoPreprocessing
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.settings import setting_of
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.free_memory import give_back
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.core.text import grouped, rough_duration, short
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.step_timing import Expected, expected
from workbench.engine.experiments.transfer_plan import Advice, Likeness, advise, plan, title_of
from workbench.engine.report.data_summary import DataSummary, summarizing
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.weights.description import Description

#: The settings that a proposal fills in.
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
    """Lives in the GUI thread, as long as its wizard. ``store`` holds the draft; ``target`` is the window's store."""

    changed = Signal()  #: the draft's settings
    advised = Signal()  #: the similarity of the data, and with it the advice

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

    # --- The head's dropout is a setting of Regularization ------------------------------------------------------

    @property
    def dropout(self) -> float:
        """The probability that a feature is dropped before the head."""
        found = [each.p for each in self.spec.regularization if isinstance(each, Dropout)]
        return found[0] if found else 0.0

    def set_dropout(self, p: float, merge: bool = False) -> None:
        """Drop features before the head with probability ``p``; 0 removes the dropout. Raises SpecError."""
        others = tuple(each for each in self.spec.regularization if not isinstance(each, Dropout))
        mine = next((each for each in self.spec.regularization if isinstance(each, Dropout)), Dropout())
        changed = (Dropout.model_validate({**dict(mine), "p": p}),) if p > 0 else ()
        self.store.edit("regularization", (*others, *changed), merge)

    # --- The weights ---------------------------------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """The list of weights: files that the user has added first, then those that were found."""
        return (*self._files, *(self.found.value or ()))

    def look_for_weights(self) -> None:
        """Search all folders for weights, if that has not been done yet."""
        source = self.spec.data.source
        folder = getattr(source, "path", "") or getattr(source, "folder", "")
        extra = Path(folder).expanduser() if isinstance(folder, str) and folder else None
        self.found.ask(extra, looking(extra, runs_folder()))

    @Slot()
    def look_again(self) -> None:
        """Search all folders again: there may be a new file."""
        self.found.forget()
        self.look_for_weights()

    def add_file(self, path: Path) -> None:
        """Add a file to the top of the list, and choose it."""
        choice = Choice(str(path), path.name, "your file", str(path.parent), path)
        self._files = [choice, *(each for each in self._files if each.key != choice.key)]
        self.choose(choice)

    def choose(self, choice: Choice) -> None:
        """Use these weights: read their description in the background. Weights without a file are looked up instead."""
        self.choice = choice
        if choice.path is None:
            self.description.forget()
            if choice.model is not None:
                self.bring.ask(choice.model, bringing(choice.model))
            self.description.changed.emit()
            return
        self.description.ask(choice.path, describing(choice.path))
        self.store.edit("model.weights", choice.key)

    # --- Requests ------------------------------------------------------------------------------------------------

    def look_at_data(self) -> None:
        """Request the summary of the window's data."""
        spec = self.spec
        self.data.ask(spec.data, as_task(partial(summarizing, spec, self._loaded)))

    def look_at_blocks(self) -> None:
        """Request the blocks of the network with its new head; does nothing before the data's summary is known."""
        data, model = self.summary, self.model
        if data is None:
            return
        shape, classes = data.shape, len(data.classes)
        self.blocks.ask(blocks_key(model, shape, classes), build_blocks(model, shape, classes))

    @property
    def larger_pictures(self) -> int | None:
        """The side in pixels at which the settings should read picture files for the network.

        None if they do, or if the files themselves have no more pixels than are read.
        """
        found: Description | None = self.description.value
        origin, source = (found.origin if found is not None else None), self.spec.data.source
        if origin is None or origin.size is None or not isinstance(source, PictureFiles) or self.model.size == "data":
            return None
        most = setting_of(type(source), "size").knob.high or max(origin.size)
        side = min(int(most), max(origin.size))
        files = self.summary.file_side if self.summary is not None else None
        has_more = files is None or files > source.size
        return side if source.has_files and source.size < side and has_more else None

    @Slot()
    def read_larger(self) -> None:
        """Let the draft read picture files at the size that the network takes, and count the data again."""
        side = self.larger_pictures
        if side is not None:
            self.store.edit("data.source.size", side)
            self.look_at_data()

    @property
    def summary(self) -> DataSummary | None:
        """The summary of the window's data; None while it is unknown."""
        found: DataSummary | None = self.data.value
        return found

    # --- The suggestion ------------------------------------------------------------------------------------------

    @property
    def proposal(self) -> ExperimentSpec | None:
        """The experiment that the rule of thumb proposes; None while data or network are unknown."""
        data, blocks = self.summary, self.blocks.value
        if data is None or blocks is None:
            return None
        spec, side = self.spec, min(data.shape[1:], default=1)
        weights, known = self.model.weights, data.classes
        return plan(weights, spec.data, data.class_train, self.likeness, len(blocks) - 1, side=side, classes=known)

    @property
    def advice(self) -> Advice | None:
        """What to freeze, and why; None while data or network are unknown."""
        data, blocks = self.summary, self.blocks.value
        if data is None or blocks is None:
            return None
        return advise(data.class_train, self.likeness, len(blocks) - 1)

    def set_likeness(self, likeness: Likeness) -> None:
        """Set how similar the data is to what the network was trained on."""
        if likeness != self.likeness:
            self.likeness = likeness
            self.advised.emit()

    @property
    def follows_advice(self) -> bool:
        """Whether the draft is what the rule of thumb proposes."""
        proposal = self.proposal
        return proposal is not None and not _differing(self.spec, proposal)

    @property
    def differences(self) -> str:
        """How the draft differs from the proposal, as a sentence; empty if it does not."""
        proposal = self.proposal
        differing = _differing(self.spec, proposal) if proposal is not None else []
        if proposal is None or not differing:
            return ""
        parts, others = [], []
        for path in differing:
            mine, theirs = self.spec.at(path), proposal.at(path)
            label = self.store.setting_at(path).knob.label.lower()
            if isinstance(mine, Freezing) and isinstance(theirs, Freezing):
                parts.append(f"{_freezing(mine)} instead of {_freezing(theirs)}")
            elif isinstance(mine, int) and not isinstance(mine, bool):
                parts.append(f"{label} {grouped(mine)} instead of {grouped(theirs)}")
            else:
                others.append(label)
        parts += [f"other {' and '.join(others)}"] if others else []
        return f"Differs from the suggestion: {'; '.join(parts)}."

    @Slot()
    def use_advice(self) -> None:
        """Apply the proposal to the draft: one edit."""
        proposal = self.proposal
        if proposal is not None:
            self.store.edit_all({path: proposal.at(path) for path in _PROPOSED})

    def propose_once(self) -> None:
        """Apply the proposal the first time it is known, unless the settings were already a transfer."""
        if not self._is_proposed and self.proposal is not None:
            self._is_proposed = True
            self.use_advice()

    # --- Time ----------------------------------------------------------------------------------------------------

    @Slot()
    def look_at_plan(self) -> None:
        """Request the expected time; not while a run trains, because both would be slower."""
        if self.blocks.value is None or self.why_no_time:
            self.plan.cancel()
            return
        spec = self.spec
        self.plan.ask(spec.model_copy(update={"title": "", "note": ""}), _timing(spec, self._loaded))

    @property
    def why_no_time(self) -> str:
        """Why the expected time cannot be measured now; empty if it can."""
        if self.target.running_spec is not None:
            return "The expected time can be measured when no run is training."
        return "The expected time can be measured when the settings have no errors." if self.store.reason() else ""

    def plan_words(self) -> str:
        """The expected time as a sentence, or why it is unknown."""
        if self.why_no_time:
            return self.why_no_time
        found: Expected | None = self.plan.value
        if found is None:
            return ""
        steps = ", then ".join(_step(each.step) + " on cached features" * each.cached for each in found.phases)
        return f"Expected time {rough_duration(found.seconds)}. A step took {steps}, measured on a temporary copy."

    @Slot()
    @Slot(int)
    def cancel(self, _result: int = 0) -> None:
        """Cancel all requests."""
        for request in self._requests():
            request.cancel()

    def _requests(self) -> tuple[LatestRequest, ...]:
        return self.data, self.found, self.description, self.bring, self.blocks, self.plan

    @property
    def data_trouble(self) -> str:
        """Why an image network cannot learn from the window's data; empty if it can, as far as is known."""
        source = self.spec.data.source
        if not source.is_image:
            return f"{source.title} has points, but a trained network needs pictures. Choose pictures under Data."
        return self.data.trouble

    # --- Applying ------------------------------------------------------------------------------------------------

    def changes(self) -> dict[str, Any]:
        """The top-level settings in which the draft differs from the window's, by name."""
        mine, theirs = self.result, self.target.spec
        return {name: new for name, new in mine if new != getattr(theirs, name)}

    @property
    def result(self) -> ExperimentSpec:
        """The draft with a new title and note, because those of an older experiment no longer fit it.

        An unchanged plan keeps its own.
        """
        mine = self.spec
        if mine == self.target.spec:
            return mine
        advice = self.advice
        note = advice.why if advice is not None and self.follows_advice else ""
        return mine.model_copy(update={"title": title_of(self.model.weights, mine.data), "note": note})

    def take_over(self) -> None:
        """Apply the draft to the window's settings: one edit, which can be undone. Raises SpecError."""
        self.store.settle()
        self.target.edit_all(self.changes())

    @Slot(object)
    def _on_changed(self, _spec: ExperimentSpec) -> None:
        self.changed.emit()


def _as_transfer(spec: ExperimentSpec) -> ExperimentSpec:
    """``spec`` with a transfer model. Its network has its own normalization, so the preprocessing is removed."""
    if isinstance(spec.model, Transfer):
        return spec
    return spec.edited("model", Transfer()).edited("preprocessing", NoPreprocessing())


def _timing(spec: ExperimentSpec, loaded: DataStore) -> Work:
    """Work that measures how long ``spec`` takes. Its result is an Expected."""

    def work(_progress: Progress, is_cancelled: IsCancelled) -> Expected:
        dataset = loaded.loaded(spec.data.source, partial(give_up, is_cancelled))
        try:
            return expected(spec, dataset)
        finally:
            give_back()

    return work


def _differing(spec: ExperimentSpec, proposal: ExperimentSpec) -> list[str]:
    return [path for path in _PROPOSED if spec.at(path) != proposal.at(path)]


def _freezing(freezing: Freezing) -> str:
    return f"{freezing.title.lower()} ({freezing.brief()})" if freezing.brief() else freezing.title.lower()


def _step(seconds: float) -> str:
    """With cached features the time is a difference of two measured times; below 1 ms it is only noise."""
    if seconds < 0.001:
        return "less than 1 ms"
    return f"{short(1000 * seconds, 3)} ms" if seconds < 1 else f"{short(seconds, 2)} s"
