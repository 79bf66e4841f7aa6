"""What the data browser needs: the examples of the spec's data, their small pictures, and changes to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.data.corrections_desk import CorrectionsDesk, exclude, give_class, pictures_are
from workbench.bridge.previews import Previews
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Cancelled, Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.data.browse import Catalogue, catalogue
from workbench.engine.data.store import DataStore
from workbench.engine.pictures.corrections import CorrectionsFile
from workbench.engine.spec.experiment import ExperimentSpec

#: Several changes in a row read the data again once.
GATHER_MS: Final = 700
#: Maximum number of thumbnails decoded by one task: few enough that a scrolled view soon gets what it shows now.
BATCH: Final = 16

Pictures = dict[int, Any]


class Browsing(QObject):
    """Follows the spec while it is watched. Lives in the GUI thread; the disk is only touched in the background."""

    #: Catalogue.
    ready = Signal(object)
    #: A share from 0 to 1, and words.
    waiting = Signal(object, str)
    #: Why there is nothing to show.
    failed = Signal(str)
    #: The Catalogue asked, and a dict from example to picture (uint8 array) or reason (text).
    pictures_ready = Signal(object, object)
    #: A change was written; a sentence, and whether it can be undone.
    changed = Signal(str, bool)
    #: A change was not written, and why.
    refused = Signal(str)

    def __init__(
        self,
        store: SpecStore,
        previews: Previews,
        inspecting: Tasks,
        thumbnails: Tasks,
        loaded: DataStore,
        writing: CorrectionsDesk,
    ) -> None:
        super().__init__()
        self._store, self._previews, self._loaded = store, previews, loaded
        self._inspecting, self._thumbnails = inspecting, thumbnails
        self._asked = LatestRequest(inspecting, "Listing the examples", self)
        self._asked.changed.connect(self._on_asked)
        self._watched = False
        self._found: Catalogue | None = None
        self._writing = writing
        self._writing.written.connect(self._on_written)
        self._writing.refused.connect(self._on_not_written)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._read_again)
        store.changed.connect(self._on_spec)
        previews.data_ready.connect(self._on_data)

    @property
    def found(self) -> Catalogue | None:
        """The examples; None while they are not known."""
        return self._found

    # --- Examples ------------------------------------------------------------------------------------------------

    def watch(self, watched: bool) -> None:
        """Whether the browser is on the screen."""
        self._watched = watched
        if watched:
            self._ask()
        else:
            self._asked.cancel()

    @Slot(object)
    def _on_spec(self, _spec: ExperimentSpec) -> None:
        if self._watched:
            self._ask()

    @Slot(object)
    def _on_data(self, _summary: object) -> None:
        """The data was read: perhaps again, because its files have changed."""
        if self._watched and not self._asked.is_pending and self._asked.trouble:
            self.look_again()

    @Slot()
    def read_anew(self) -> None:
        """The corrections were written elsewhere."""
        if self._watched:
            self.look_again()

    def look_again(self) -> None:
        """List the examples anew."""
        self._asked.forget()
        self._ask()

    def _ask(self) -> None:
        spec = self._store.spec
        self._asked.ask(spec.data, as_task(partial(catalogue, spec, self._loaded)))

    @Slot()
    def _on_asked(self) -> None:
        if self._asked.is_pending:
            self.waiting.emit(self._asked.fraction, self._asked.words)
        elif self._asked.trouble:
            self._found = None
            self.failed.emit(self._asked.trouble)
        elif self._asked.value is not None:
            self._found = self._asked.value
            self.ready.emit(self._found)

    # --- Small pictures ------------------------------------------------------------------------------------------

    def want(self, found: Catalogue, examples: Sequence[int], side: int) -> None:
        """Decode at most BATCH of these; what was wanted before and has not begun is forgotten."""
        work = partial(small_pictures, found, tuple(examples[:BATCH]), side)
        task = self._thumbnails.submit("Small pictures", work, key="small")
        task.done.connect(self._on_pictures)

    @Slot(object)
    def _on_pictures(self, answer: tuple[Catalogue, Pictures]) -> None:
        self.pictures_ready.emit(*answer)

    # --- Changes -------------------------------------------------------------------------------------------------

    def leave_out(self, examples: Sequence[int], left_out: bool) -> None:
        """Leave these out of training and validation, or use them again."""
        what = "left out" if left_out else "used again"
        files = self._begin(examples, lambda found: found.leaving_out(examples, left_out))
        self._change(partial(exclude, files, left_out), f"{pictures_are(files)} {what}")

    def relabel(self, examples: Sequence[int], label: str) -> None:
        """Give these another class; an empty ``label`` gives their own back."""
        what = f"of the class “{label}” now" if label else "of their folder's class again"
        files = self._begin(examples, lambda found: found.relabelled(examples, label))
        self._change(partial(give_class, files, label), f"{pictures_are(files)} {what}")

    def _begin(self, examples: Sequence[int], amend: Callable[[Catalogue], Catalogue]) -> tuple[str, ...]:
        """Show the change at once, before it is written; the files that it is about."""
        found = self._found
        if found is None or found.why_fixed or not examples:
            return ()
        self._found = amend(found)
        self.ready.emit(self._found)
        return tuple(found.files[example] for example in examples)

    def undo(self) -> None:
        """Undo the last change."""
        self._change(CorrectionsFile.undo, "The last change is undone")

    def _change(self, act: Callable[[CorrectionsFile], object], words: str) -> None:
        if self._found is not None:
            self._writing.change(self._store.spec.data.source, act, words)

    @Slot(str, bool)
    def _on_written(self, words: str, can_undo: bool) -> None:
        self.changed.emit(words, can_undo)
        self._gather.start()

    @Slot(str)
    def _on_not_written(self, message: str) -> None:
        self.refused.emit(message)
        if self._watched:
            self.look_again()  # reverts the change that was shown before it was written

    @Slot()
    def _read_again(self) -> None:
        self._previews.data_changed()
        if self._watched:
            self.look_again()


def small_pictures(
    found: Catalogue, examples: Sequence[int], side: int, _progress: Progress, is_cancelled: IsCancelled
) -> tuple[Catalogue, Pictures]:
    """The pictures of ``examples`` with this ``side``, or why there are none; with the catalogue that was asked."""
    pictures: Pictures = {}
    for example in examples:
        if is_cancelled():
            raise Cancelled
        pictures[example] = found.small(example, side)
    return found, pictures
