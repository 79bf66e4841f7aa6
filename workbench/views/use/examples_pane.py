"""The pictures behind a figure of an inspection, what can be mended of them, and training again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from workbench.bridge.session import Session
from workbench.bridge.use.explain_desk import picture_of
from workbench.bridge.use.inspect_desk import InspectDesk, Inspection
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.engine.core.text import counted, percent, short
from workbench.engine.data.browse import Catalogue, Part
from workbench.views.data.selection_bar import SelectionBar
from workbench.views.data.thumbnails import ThumbnailModel, ThumbnailView
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.theme import ERROR, MUTED

if TYPE_CHECKING:
    from workbench.engine.inspection.confusion import Integers
    from workbench.engine.inspection.judged import Judged

_LISTS: Final = {
    "worst": "Worst mistakes (highest loss)",
    "sure": "Most confidently wrong",
    "unsure": "Most uncertain (highest entropy)",
}

_EMPTY: Final = "The pictures behind each figure will be here."
_EXPLAIN_TIP: Final = "Show what the selected picture is to the network (Enter or a double click)."


class JudgedModel(ThumbnailModel):
    """Below each picture: the answer with its confidence, then whether it is right."""

    shows_parts: ClassVar[bool] = False
    side_quarters: ClassVar[int] = 26
    words_quarters: ClassVar[int] = 30
    judged: Judged | None = None

    def lines(self, example: int) -> tuple[str, ...]:
        judged, found = self.judged, self.found
        assert judged is not None and found is not None
        answer = f"{judged.classes[int(judged.predicted[example])]} {percent(float(judged.confidence[example]), 0)}"
        if int(found.parts[example]) == Part.LEFT_OUT:
            return answer, "left out"
        label = found.classes[int(found.labels[example])]
        is_right = label == judged.classes[int(judged.predicted[example])]
        return answer, "right" if is_right else f"is {label}"

    def words(self, example: int) -> str:
        judged, found = self.judged, self.found
        assert judged is not None and found is not None
        loss = short(float(judged.losses[example]), 3)
        name = found.files[example] if found.files else found.names[example]
        return "\n".join((name, *self.lines(example), f"Loss {loss}"))


class ExamplesPane(Box):
    """Shows its own lists, or the examples behind a cell, bar or point."""

    explain = Signal(object, str)  #: a picture to explain (a file, or pixels), and what it is called
    train_again = Signal()  #: the user wants to train with the corrections

    def __init__(
        self, desk: InspectDesk, pictures: SmallPictures, session: Session, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, margins=(1, 0, 1, 1))
        self._desk, self._pictures, self._session = desk, pictures, session
        self.model = JudgedModel()
        self.view = ThumbnailView(model=self.model)
        self.list = QComboBox()
        self.list.setAccessibleName("Which examples")
        self.list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list.setMinimumContentsLength(12)
        for name, words in _LISTS.items():
            self.list.addItem(words, name)
        self.words = Words(_EMPTY, tone=MUTED)
        self.said = Words(tone=MUTED)
        self.edits = SelectionBar(desk, self.view)
        self.train_button = QPushButton("Train again")
        head = Box(self, spacing=2, horizontal=True)
        self.explain_button = QPushButton("Explain")
        self.explain_button.setToolTip(plain_tip(_EXPLAIN_TIP))
        head.add(self.list, 1)
        head.add(self.explain_button)
        head.add(self.train_button)
        for widget in (head, self.words):
            self.add(widget)
        self.add(self.view, 1)
        self.add(self.said)
        self.add(self.edits)
        self._connect()
        self._show_state()

    def _connect(self) -> None:
        desk = self._desk
        self.list.activated.connect(self.show_list)
        self.view.needed.connect(self._on_needed)
        self._pictures.ready.connect(self.view.take)
        self.view.selectionModel().selectionChanged.connect(self._show_state)
        self.edits.said.connect(self._say)
        desk.mended.connect(self._on_mended)
        desk.written.connect(self._on_written)
        desk.refused.connect(self._on_refused)
        self._session.runner.state_changed.connect(self._show_state)
        self.train_button.clicked.connect(self._on_train)
        self.explain_button.clicked.connect(self._on_explain)
        self.view.activated.connect(self._on_explain)

    # --- What is shown -------------------------------------------------------------------------------------------

    def show_inspection(self, found: Inspection, judged: Judged) -> None:
        """Show the list that is chosen, of other examples."""
        self.model.judged = judged
        self.edits.show_classes(found.catalogue)
        self.show_list()

    def show_judged(self, judged: Judged) -> None:
        """The same examples with other probabilities."""
        self.model.judged = judged
        self.view.viewport().update()

    def clear(self) -> None:
        """Show no examples."""
        self.model.judged = None
        self.view.thumbnails.show(None, np.empty(0, np.int64))
        self.words.setText(_EMPTY)
        self._say("")
        self.edits.undo.setEnabled(False)
        self._show_state()

    @Slot()
    def show_list(self) -> None:
        """Show the list that is chosen."""
        judged = self.model.judged
        if judged is None:
            return
        name = self.list.currentData()
        found = {"worst": judged.worst, "sure": judged.confidently_wrong, "unsure": judged.most_uncertain}[name]
        self.show_examples(found, _LISTS[name])

    def show_examples(self, examples: Integers, words: str) -> None:
        """Show ``examples``, in their order; ``words`` say what they are."""
        catalogue = self._desk.catalogue
        if catalogue is None:
            return
        self.view.thumbnails.show(catalogue, examples)
        self.view.scrollToTop()
        self.words.setText(f"{words}: {counted(len(examples), 'picture')}")
        self._show_state()

    @Slot(object)
    def _on_mended(self, catalogue: Catalogue) -> None:
        self.model.amend(catalogue)
        self.view.viewport().update()
        self._show_state()

    @Slot(object, int)
    def _on_needed(self, examples: list[int], side: int) -> None:
        if self.model.found is not None:
            self._pictures.want(self.model.found, examples, side)

    @Slot()
    def _on_explain(self) -> None:
        found, chosen = self.model.found, self.view.chosen()
        if found is not None and chosen:
            example = chosen[0]
            name, label = found.names[example], found.classes[int(found.labels[example])]
            self.explain.emit(picture_of(found, example), f"{name} of the inspected examples, class {label}")

    # --- Mending -------------------------------------------------------------------------------------------------

    @Slot(str, bool)
    def _on_written(self, words: str, can_undo: bool) -> None:
        self.edits.undo.setEnabled(can_undo)
        self._say(f"{words} The figures are those from before; inspect again after training.")
        self._show_state()

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._say(words, wrong=True)

    @Slot(str, bool)
    def _say(self, words: str, wrong: bool = False) -> None:
        self.said.setForegroundRole(ERROR if wrong else MUTED)
        self.said.say(words)

    @Slot()
    def _on_train(self) -> None:
        self._session.train()
        self.train_again.emit()

    def _why_not_train(self) -> str:
        if self._session.is_active:
            return "A run is going on. Stop it first, or wait for its end."
        if self._desk.found is None:
            return "Inspect a network first."
        if not self._desk.trains_on_it:
            return "The settings train on other data than these. Open these in the Data panel first."
        return self._session.store.reason()

    @Slot()
    def _show_state(self) -> None:
        self.edits.enable_for(self._desk.catalogue)
        self.explain_button.setEnabled(bool(self.view.chosen()))
        why_not = self._why_not_train()
        self.train_button.setEnabled(not why_not)
        self.train_button.setToolTip(plain_tip(why_not or "Train the settings with the corrections made here."))


def cell_words(judged: Judged, true: int, answer: int) -> str:
    """What the examples of a cell of the matrix are."""
    if true == answer:
        return f"{judged.classes[true]}, recognised"
    return f"{judged.classes[true]} taken for {judged.classes[answer]}"
