"""A network judged on labelled data, in the background; what is mended there, and again after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.data.corrections_desk import CorrectionsDesk, exclude, give_class, pictures_are
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Cancelled, Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.engine.core.events import WeightsSaved
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.pictures.corrections import CorrectionsFile

if TYPE_CHECKING:
    from workbench.engine.data.browse import Catalogue
    from workbench.engine.data.store import DataStore
    from workbench.engine.evaluation.evaluation_data import Data, MeasuredPart
    from workbench.engine.evaluation.results import EvaluationProgress
    from workbench.engine.inspection.confusion import Integers
    from workbench.engine.inspection.judged import Judged


#: Minimum interval between two inspections of a run that saves better weights, in milliseconds.
LIVE_MS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What was judged, the pictures of it, and the classes in the order in which confused ones are neighbours.

    ``temperature`` is the one that fits validation examples best, and ``cooled`` the same predictions at it; None for
    any others.
    """

    judged: Judged
    catalogue: Catalogue
    order: Integers
    temperature: float | None = None
    cooled: Judged | None = None


class _Kept(LatestRequest):
    """Keeps the last result until a new one is ready."""

    keeps_value: ClassVar[bool] = True


class InspectDesk(QObject):
    """Lives in the GUI thread. Corrections are those that the data browser keeps."""

    changed = Signal()  #: progress, trouble
    inspected = Signal(object)  #: an Inspection
    mended = Signal(object)  #: the Catalogue with a change that is being written
    written = Signal(str, bool)  #: a change was written: a sentence, and whether it can be undone
    refused = Signal(str)  #: a change was not written, and why

    def __init__(
        self,
        session: Session,
        tasks: Tasks,
        writing: CorrectionsDesk,
        loaded: DataStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._loaded = session, loaded
        self._number = 0
        self._asked: tuple[tuple[Path, ...], Data, MeasuredPart] | None = None
        #: Whether the inspection of the current run is made again when it has saved weights.
        self.is_live = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(LIVE_MS)
        self._soon.timeout.connect(self._inspect_again)
        self.request = _Kept(tasks, "Inspecting a network", self)
        self.request.changed.connect(self.changed)
        self.request.answered.connect(self._on_answered)
        self._found: Inspection | None = None
        self._catalogue: Catalogue | None = None
        self._past: list[Catalogue] = []  # before each change
        self._writing = writing
        writing.written.connect(self.written)
        writing.refused.connect(self._on_refused)
        session.updated.connect(self._on_events)
        session.ended.connect(self._on_ended)

    @property
    def found(self) -> Inspection | None:
        """The last result."""
        return self._found

    @property
    def catalogue(self) -> Catalogue | None:
        """Its pictures, including the corrections made since."""
        return self._catalogue

    def ask(self, paths: Sequence[Path], data: Data, part: MeasuredPart) -> None:
        """Judge the weights at ``paths`` on ``part`` of ``data`` (None: what the first held back)."""
        self._asked = tuple(paths), data, part
        self._begin()

    def cancel(self) -> None:
        """Cancel the inspection; the last result stays."""
        self.request.cancel()

    def forget(self) -> None:
        """Drop the last result, which is of another network or outdated; the pending request continues."""
        self._found, self._catalogue, self._past = None, None, []

    def _begin(self) -> None:
        if self._asked is not None:
            self._number += 1
            self.request.ask(self._number, partial(_inspect, *self._asked, self._loaded))

    @Slot(object)
    def _on_answered(self, found: Inspection) -> None:
        self._found, self._catalogue, self._past = found, found.catalogue, []
        self.inspected.emit(found)

    @Slot(object)
    def _on_events(self, events: Sequence[object]) -> None:
        if not self.is_live or self._asked is None or self._asked[0] != (Path(self._session.folder),):
            return
        if self._asked[2] == "test":  # each look makes its next number a little too good
            return
        if any(isinstance(each, WeightsSaved) for each in events) and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _inspect_again(self) -> None:
        if self.is_live and self.request.is_pending:
            self._soon.start()
        elif self.is_live:
            self._begin()

    @Slot(object)
    def _on_ended(self, _ended: object) -> None:
        """Nothing better comes."""
        if self._soon.isActive():
            self._soon.stop()
            self._begin()

    # --- Mending -------------------------------------------------------------------------------------------------

    @property
    def trains_on_it(self) -> bool:
        """Whether the form's settings train on the data that was inspected."""
        from workbench.engine.evaluation.trained_on import same_path, same_place

        source = self._found.judged.examples.source if self._found is not None else None
        own = self._session.store.spec.data.source
        return source is not None and (same_place(source, own) or same_path(source, own))

    def leave_out(self, examples: Sequence[int], left_out: bool) -> None:
        """Leave these out of training and validation, or use them again."""
        files = self._mend(examples, lambda found: found.leaving_out(examples, left_out))
        what = "left out" if left_out else "used again"
        self._change(files, partial(exclude, files, left_out), what)

    def relabel(self, examples: Sequence[int], label: str) -> None:
        """Give these another class; an empty ``label`` gives their own back."""
        files = self._mend(examples, lambda found: found.relabelled(examples, label))
        what = f"of the class “{label}” now" if label else "of their folder's class again"
        self._change(files, partial(give_class, files, label), what)

    def undo(self) -> None:
        """Undo the last change."""
        if self._found is not None and (source := self._found.judged.examples.source) is not None:
            self._show_before()
            self._writing.change(source, CorrectionsFile.undo, "The last change is undone")

    def _mend(self, examples: Sequence[int], amend: Callable[[Catalogue], Catalogue]) -> tuple[str, ...]:
        found = self._catalogue
        if found is None or found.why_fixed or not examples:
            return ()
        self._past.append(found)
        self._catalogue = amend(found)
        self.mended.emit(self._catalogue)
        return tuple(found.files[example] for example in examples)

    def _change(self, files: Sequence[str], act: Callable[[CorrectionsFile], object], what: str) -> None:
        if files and self._found is not None and (source := self._found.judged.examples.source) is not None:
            self._writing.change(source, act, f"{pictures_are(files)} {what}")

    @Slot(str)
    def _on_refused(self, why: str) -> None:
        """Revert the change that was shown before it was written."""
        self._show_before()
        self.refused.emit(why)

    def _show_before(self) -> None:
        if self._past:
            self._catalogue = self._past.pop()
            self.mended.emit(self._catalogue)


def _inspect(
    paths: tuple[Path, ...],
    data: Data,
    part: MeasuredPart,
    loaded: DataStore,
    progress: Progress,
    is_cancelled: IsCancelled,
) -> Inspection:
    from workbench.engine.evaluation.evaluation import EvaluationOptions
    from workbench.engine.inspection.examples import catalogue_of
    from workbench.engine.inspection.judged import judged

    def watch(now: EvaluationProgress) -> None:
        if is_cancelled():
            raise Cancelled
        progress(now.fraction, now.words)

    found = judged(paths, data, part, watch, EvaluationOptions(store=loaded))
    progress(1.0, "Counting")
    found.prepare()  # here, not in the window's thread
    order = found.confusion.order_by_confusion()
    if found.examples.part != "validation":
        return Inspection(found, catalogue_of(found), order)
    cooled = found.at_temperature(temperature := found.temperature())
    cooled.prepare()
    return Inspection(found, catalogue_of(found), order, temperature, cooled)
