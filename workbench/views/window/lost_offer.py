"""The run that a crash has cut off, offered in the banner at the next start; each one once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import grouped
from workbench.engine.shelf.lost_run import LostRun
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.runs_page import RunsPage
from workbench.views.widgets.banner import Offer
from workbench.views.window.layout import Layout
from workbench.views.window.pages import Pages

#: What the banner's message is known by.
CODE = "lost_run"


class LostOffer(QObject):
    """Says it in the banner of ``pages``. ``layout`` keeps the moment of the run that was offered."""

    def __init__(self, desk: RunDesk, pages: Pages, layout: Layout) -> None:
        super().__init__(pages)
        self._desk, self._pages, self._layout = desk, pages, layout

    @Slot(object)
    def offer(self, lost: LostRun) -> None:
        """Offer to go on with it. Not while a run is active or another message is there: the next start offers it."""
        if self._desk.is_training or self._pages.banner.message:
            return
        offers = [Offer("Show in Runs", partial(self._show, lost.record)), Offer("Dismiss", self._pages.banner.clear)]
        if lost.goes_on is not None:
            words = f"Go on from step {grouped(lost.goes_on)}" if lost.goes_on else "Begin again at step 0"
            offers.insert(0, Offer(words, partial(self._desk.go_on, lost.record)))
        self._pages.banner.say(lost.words, "warning", tuple(offers), CODE)
        self._layout.keep_now("lost_run", lost.moment)

    def _show(self, record: RunRecord) -> None:
        self._pages.show_page("runs")
        page = self._pages.page("runs")
        if isinstance(page, RunsPage):
            page.open_run(record)
