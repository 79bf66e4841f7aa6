"""What the window says of kept runs wherever it is: what was done with them, with a way back; and where to fork."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.runs.trash import Removal
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.text import paths_text
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.widgets.banner import Banner, Offer, Severity


class RunMessages(QObject):
    """Turns the news of ``desk`` into messages of ``banner``."""

    def __init__(self, desk: RunDesk, banner: Banner) -> None:
        super().__init__(banner)
        self._desk, self._banner = desk, banner
        desk.told.connect(self.show_told)
        desk.removed.connect(self.show_removed)
        desk.fork_asked.connect(self.show_fork)

    @Slot(str, str)
    def show_told(self, words: str, severity: Severity) -> None:
        """Say a sentence about a run."""
        self._banner.say(words, severity, code="runs")

    @Slot(object, int)
    def show_fork(self, record: RunRecord, step: int) -> None:
        """Open the dialog that branches a run off."""
        ForkDialog(self._desk, record, self._banner.window(), step).open()

    @Slot(object)
    def show_removed(self, removal: Removal) -> None:
        """Say what went to the trash, and offer to put it back; name what the system would not take."""
        words, offers = [], []
        if removal.trashed:
            words.append(f"{removal.words} moved to the trash.")
            if all(each.place is not None for each in removal.trashed):
                offers.append(Offer("Undo", partial(self._desk.bring_back, removal)))
            else:
                words.append("The system's trash can put it back.")
        if removal.refused:
            names = paths_text(removal.refused)
            words.append(
                f"Kept, because the system has no trash for {runs_folder()}: {names}. Delete the folder there by hand."
            )
        if removal.held:
            words.append(f"Kept, because another window trains it: {paths_text(removal.held)}.")
        is_whole = not removal.refused and not removal.held
        self._banner.say(" ".join(words), "info" if is_whole else "warning", tuple(offers), "runs")
