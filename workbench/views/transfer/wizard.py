"""Transfer learning step by step: a trained network, what to freeze of it, a new head, and the plan."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget, QWizard

from workbench.bridge.services import Services
from workbench.bridge.transfer.draft import TransferDraft
from workbench.engine.core.errors import SpecError
from workbench.views.transfer.pages.backbone_page import BackbonePage
from workbench.views.transfer.pages.freeze_page import FreezePage
from workbench.views.transfer.pages.head_page import HeadPage
from workbench.views.transfer.pages.page import Page
from workbench.views.transfer.pages.plan_page import PlanPage
from workbench.views.transfer.pages.steps import Steps
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.fit_on_screen import OnScreen, largest
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.number_field import LineField
from workbench.views.widgets.theme import rhythm

#: In a window narrower than this many quarters of a line there is no room for the steps at the side.
NARROW: Final = 235
STEPS: Final = ("Trained network", "What to freeze", "New head", "Plan")
_Button = QWizard.WizardButton


class TransferWizard(QWizard):
    """Works on a draft. ``taken_over`` comes when the window has its settings; True if it is to train now."""

    taken_over = Signal(bool)

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "transfer", "What to freeze")
        self._services = services
        self.draft = TransferDraft(services.store, services.tasks, services.loaded, self)
        self.setWindowTitle("Use a trained network")
        self.setWizardStyle(QWizard.WizardStyle.ClassicStyle)
        self.setOption(QWizard.WizardOption.NoBackButtonOnStartPage)
        self.setOption(QWizard.WizardOption.HaveCustomButton1)
        self.backbone, self.freezing = BackbonePage(self.draft), FreezePage(self.draft)
        self.head, self.plan = HeadPage(self.draft), PlanPage(self.draft)
        self._pages: tuple[Page, ...] = (self.backbone, self.freezing, self.head, self.plan)
        for page in self._pages:
            self.addPage(page)
        self.steps = Steps(STEPS)
        self.setSideWidget(self.steps)
        self._name_buttons()
        self.currentIdChanged.connect(self._on_page)
        self.customButtonClicked.connect(self._on_custom)
        self.finished.connect(self.draft.cancel)
        self._on_screen = OnScreen(self)
        for page in self._pages:
            page.completeChanged.connect(self._show_reason)
        services.runner.state_changed.connect(self._show_reason)
        self.resize(self.sizeHint())  # left to itself Qt takes two thirds of the screen at most

    def _name_buttons(self) -> None:
        self.setButtonText(_Button.NextButton, "&Next")
        self.setButtonText(_Button.BackButton, "&Back")
        self.setButtonText(_Button.CancelButton, "Cancel")
        self.setButtonText(_Button.FinishButton, "&Use these settings")
        self.setButtonText(_Button.CustomButton1, "&Train now")
        self.setButtonLayout(
            [
                _Button.Stretch,
                _Button.BackButton,
                _Button.NextButton,
                _Button.CustomButton1,
                _Button.FinishButton,
                _Button.CancelButton,
            ]
        )
        self.button(_Button.FinishButton).setToolTip(
            plain_tip("Use these settings in the window. Edit > Undo restores the old ones.")
        )

    def sizeHint(self) -> QSize:
        """As large as the pages want to be, as far as the screen has room for it."""
        return QSize(rhythm(self, 330), rhythm(self, 185)).boundedTo(largest(self))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 90))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow window the pages need the room of the steps; the headings count them then."""
        narrow = self.width() < rhythm(self, NARROW)
        self.steps.setVisible(not narrow)
        for number, page in enumerate(self._pages, 1):
            page.show_step(f"Step {number} of {len(STEPS)}" if narrow else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.steps.updateGeometry()
            self._make_room()

    # --- where one is ---------------------------------------------------------------------------------------------

    @Slot(int)
    def _on_page(self, index: int) -> None:
        self.steps.show_step(max(0, index))
        page = self.currentPage()
        if isinstance(page, Page):
            page.take_focus()
        self._show_reason()

    @Slot()
    @Slot(object)
    def _show_reason(self, _news: object = None) -> None:
        """Say at a button why it cannot be pressed."""
        page = self.currentPage()
        last = page is self.plan
        why = page.why_not if isinstance(page, Page) else ""
        train = self.button(_Button.CustomButton1)
        train.setVisible(last)
        busy = "A run is still training; stop it first." if self._services.session.is_active else ""
        train.setEnabled(not (why or busy))
        train.setToolTip(plain_tip(why or busy))
        self.button(_Button.NextButton).setToolTip(plain_tip(why))
        if last and train.isEnabled():
            train.setDefault(True)  # type: ignore[attr-defined]

    # --- the end --------------------------------------------------------------------------------------------------

    def accept(self) -> None:
        """Take the draft over; on a refusal the wizard stays and says why."""
        if self._take_over():
            self.taken_over.emit(False)
            super().accept()

    @Slot(int)
    def _on_custom(self, which: int) -> None:
        if self._take_over():
            super().accept()
            self.taken_over.emit(True)

    def _take_over(self) -> bool:
        if not self.plan.isComplete():
            return False
        try:
            self.draft.take_over()
        except SpecError as error:
            self.plan.say_wrong(self.draft.store.words_of(error))
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field takes over what is typed there; it does not go to the next page."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and isinstance(QApplication.focusWidget(), LineField):
            event.accept()
            return
        super().keyPressEvent(event)
