"""What the banner says of the queue: what was refused or removed, what was interrupted, that it has ended."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runs.queue_worker import LostCard
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import paths_text
from workbench.engine.run_store.resumable import how_it_goes_on
from workbench.engine.shelf.queue_report import QueueReport
from workbench.views.widgets.banner import Banner, Offer, Severity


class QueueMessages(QObject):
    """Turns the news of the queue of ``desk`` into messages of ``banner``."""

    report_wanted = Signal()  #: the last report should be shown

    def __init__(self, desk: RunDesk, banner: Banner) -> None:
        super().__init__(banner)
        self._desk, self._banner = desk, banner
        desk.queue.told.connect(self.show_told)
        desk.worker.interrupted.connect(self.show_interrupted)
        desk.worker.reported.connect(self.show_reported)

    @Slot(str, str)
    def show_told(self, words: str, kind: str) -> None:
        """Say a sentence; after a removal with a way back."""
        severity: Severity = "warning" if kind == "warning" else "error" if kind == "error" else "info"
        offers = (Offer("Undo", self._desk.queue.undo),) if kind == "undo" else ()
        self._banner.say(words, severity, offers, "queue")

    @Slot(object)
    def show_interrupted(self, lost: tuple[LostCard, ...]) -> None:
        """The program ended while cards were being trained: offer to go on with them, and say from where."""
        names = paths_text([f"“{each.card.title}”" for each in lost])
        numbers = tuple(each.card.number for each in lost)
        ways = [how_it_goes_on(each.goes_on, "It" if len(lost) == 1 else f"“{each.card.title}”") for each in lost]
        self._banner.say(
            f"The program ended while the queue was training {names}. {' '.join(ways)}",
            "warning",
            (
                Offer("Go on with the queue", partial(self._desk.worker.go_on_with, numbers)),
                Offer("Show the queue", self._desk.queue_wanted.emit),
            ),
            "queue",
        )

    @Slot(object, str)
    def show_reported(self, report: QueueReport, _path: str) -> None:
        """The queue has ended: what became of its cards."""
        failed = any(each.card.state == "failed" for each in report.worked)
        words = " ".join(filter(None, (f"The queue is off. {report.why}", report.sentence, report.about_highest)))
        offers = (Offer("Show the report", self.report_wanted.emit),)
        self._banner.say(words, "warning" if failed else "info", offers, "queue")
