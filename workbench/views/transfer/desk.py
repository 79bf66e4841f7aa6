"""Transfer learning in the window: the wizard, the frozen layers of the run, and the comparison with scratch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMainWindow, QPushButton

from workbench.bridge.services import Services
from workbench.bridge.transfer.comparison import TransferComparison
from workbench.engine.core.events import Certified, Edited, Event
from workbench.views.form.panels import PanelColumn
from workbench.views.transfer.comparison_dialog import ComparisonDialog
from workbench.views.transfer.frozen_view import FrozenView
from workbench.views.transfer.wizard import TransferWizard
from workbench.views.widgets.banner import Banner, Offer
from workbench.views.widgets.fit_on_screen import WindowSizes, largest
from workbench.views.widgets.theme import theme

_CODE = "transfer"
#: The code of the run's notices of blocks that thaw or freeze.
FREEZING = "freezing"


class TransferDesk(QObject):
    """Opens what belongs to transfer learning when it is first wanted."""

    view_wanted = Signal()  #: the frozen layers are to be seen

    def __init__(self, window: QMainWindow, services: Services, panels: PanelColumn, banner: Banner) -> None:
        super().__init__(window)
        self._window, self._services, self._banner = window, services, banner
        self.wizard: TransferWizard | None = None
        self.tester = TransferComparison(services.session, services.tasks, self)
        self.comparison_dialog: ComparisonDialog | None = None
        self.view = FrozenView(services)
        self.sizes = WindowSizes()
        self.button = QPushButton("Use a trained network…")
        self.button.setToolTip("Transfer learning: a trained network with a new head for your classes, step by step")
        self.button.clicked.connect(self.open_wizard)
        panels.panel("model").add_extra(self.button)
        services.session.updated.connect(self._on_updated)
        services.session.began.connect(self._on_began)

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {"transfer": self.open_wizard, "compare": self.compare}

    @Slot()
    def compare(self) -> None:
        """Open the comparison; made when it is first wanted."""
        if self.comparison_dialog is None:
            self.comparison_dialog = ComparisonDialog(self.tester, theme(), self._window)
        self.comparison_dialog.show()
        self.comparison_dialog.activateWindow()
        self.comparison_dialog.refresh()

    @Slot()
    def open_wizard(self) -> None:
        """A new draft each time; one at a time."""
        if self.wizard is not None:
            self.wizard.raise_()
            return
        self._services.store.settle()
        self._banner.retract(_CODE)
        self.wizard = TransferWizard(self._services, self._window)
        self.wizard.taken_over.connect(self._on_taken_over)
        self.wizard.finished.connect(self._on_finished)
        self._opened = self.wizard.size()
        kept = self.sizes.get(theme().large)
        if kept is not None:
            self.wizard.resize(kept.boundedTo(largest(self.wizard)))
        self.wizard.setWindowModality(Qt.WindowModality.WindowModal)
        self.wizard.show()

    @Slot(bool)
    def _on_taken_over(self, train: bool) -> None:
        if train:
            self.view_wanted.emit()
            self._services.session.train()
        else:
            words = "The settings of the wizard are in the form now. Edit > Undo restores the old ones."
            self._banner.say(words, "info", (Offer("Train", self._services.session.train),), _CODE)

    @Slot(int)
    def _on_finished(self, result: int) -> None:
        wizard, self.wizard = self.wizard, None
        if wizard is not None:
            self.sizes.keep(theme().large, wizard.size(), self._opened)
            wizard.deleteLater()

    @Slot(object)
    def _on_began(self, history: object) -> None:
        self._banner.retract(_CODE)

    @Slot(object)
    def _on_updated(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Edited) and event.path.startswith("model."):
                self._banner.retract(FREEZING)  # what was said of the blocks may not hold any more
            if isinstance(event, Certified) and not event.proven:
                self._banner.say_error(event.words, code=_CODE)
