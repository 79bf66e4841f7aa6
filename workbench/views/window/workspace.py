"""Puts the window together: services, panels, run bar, plots, insight, menus. Each part does its own work."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QActionGroup, QFontMetrics
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget, QMainWindow, QSplitter, QWidget

from workbench.bridge.process.crash import UncaughtError
from workbench.bridge.services import Services
from workbench.engine.core.app_folders import home
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Notice, RunEnded
from workbench.engine.report.suggestions import Suggestion
from workbench.views.data.own_data import OwnDataDesk
from workbench.views.form.panels import PanelColumn
from workbench.views.insight.formula_view import FormulaView
from workbench.views.insight.gap_view import GapView
from workbench.views.insight.layer_view import LayerView
from workbench.views.learning_rate.decay_menu import DecayMenu
from workbench.views.transfer.desk import TransferDesk, tabbed, tabify
from workbench.views.widgets.banner import Offer
from workbench.views.widgets.theme import Mode, theme
from workbench.views.window.actions import make_actions
from workbench.views.window.commands import Commands
from workbench.views.window.layout import Layout
from workbench.views.window.panel_previews import PanelPreviews
from workbench.views.window.run_bar import RunBar
from workbench.views.window.status import Status
from workbench.views.window.train_page import TrainPage

#: A window narrower than this many lines of text has no room for three columns.
NARROW = 70


class Workspace(QObject):
    """Furnishes ``window`` and keeps its parts."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.theme = theme()
        self.services = Services(home())
        self.actions = make_actions(window)
        self.panels = PanelColumn(self.services.store)
        self.gap_view = GapView()
        self.formula_view = FormulaView()
        self.insight = self._one_below_the_other(self.gap_view, self.formula_view)
        self.page = TrainPage(self.services, self.theme, self.gap_view)
        self.run_bar = RunBar(self.services.session, self.actions)
        self.run_bar.add_menu("decay", DecayMenu(self.services.decay_now, self.run_bar))
        window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.run_bar)
        window.setCentralWidget(self.page)
        # The layers stand below the plots alone, not below the settings.
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.settings_dock = self._dock("Settings", self.panels, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.insight_dock = self._dock("What you see", self.insight, Qt.DockWidgetArea.RightDockWidgetArea)
        self.layer_view = LayerView()
        self.layers_dock = self._dock("Layers", self.layer_view, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.layers_dock.hide()
        self.transfer = TransferDesk(window, self.services, self.panels, self.page.banner)
        self.frozen_dock = self._dock("Frozen layers", self.transfer.view, Qt.DockWidgetArea.RightDockWidgetArea)
        tabbed(window, self.insight_dock, self.frozen_dock)
        self.transfer.view_wanted.connect(self._on_frozen_wanted)
        self.previews = PanelPreviews(self.panels, self.services)
        self.status = Status(window.statusBar(), self.services)
        self.commands = Commands(window, self.services, self.actions, self.page.banner)
        self.own_data = OwnDataDesk(window, self.services, self.panels, self.page.banner, self.commands.open_file)
        for name, slot in self.own_data.slots.items():
            self.actions[name].triggered.connect(slot)
        for name, slot in self.transfer.slots.items():
            self.actions[name].triggered.connect(slot)
        menus = self.commands.fill_menus()
        menus["View"].addSeparator()
        menus["View"].addActions([dock.toggleViewAction() for dock in self._docks()])
        self.layout = Layout(self.services.home, window, self.theme)
        self.layout.add_splitter("plane", self.page.splitter)
        self.layout.add_splitter("insight", self.insight)
        self._connect_looks()
        self._size_docks()
        self._later_widths = self._once_idle(self._on_usual_again)
        self._later_fit = self._once_idle(self._resize_docks)
        self.layout.add_number("decay_factor", self.services.decay_now.set_factor)
        self.page.plots.options.choose(self.layout.words("plots"))
        self.transfer.sizes.choose(self.layout.words("wizard"))
        self.layout.restore_look()
        self._show_theme()
        self.theme.changed.connect(self._later_fit.start)
        self._later_restore = self._once_idle(self._restore_docks)
        self._later_restore.start()
        self._connect_news()
        self.services.start()
        self.services.shutdown.listen()
        app = QApplication.instance()
        if app is not None:
            self.services.shutdown.watch_logout(app)
        if self.services.greeting:
            self.page.banner.say(self.services.greeting, "warning")

    def say_goodbye(self) -> None:
        """Remember everything while the threads end; the window stays and shows what it waits for."""
        self.services.store.settle()
        self.layout.set_number("decay_factor", self.services.decay_now.factor)
        self.layout.set_words("plots", self.page.plots.options.choices())
        self.layout.set_words("wizard", self.transfer.sizes.words())
        self.layout.save()
        self.services.remember()

    def dispose(self) -> None:
        """After the threads have ended: close the plots and restore the process's hooks."""
        for timer in self._window.findChildren(QTimer):
            timer.stop()  # a drawing that was due would meet a closed plot
        for view in self._window.findChildren(pg.GraphicsView):
            # Python and Qt both own a scene's items; Qt tearing them down by itself can crash.
            view.close()
            shiboken6.delete(view)
        # Now, so that no late event reaches a closed plot.
        for dialog in self._window.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
            shiboken6.delete(dialog)
        shiboken6.delete(self.page)
        self.services.shutdown.unlisten()
        self.services.finish()

    def _docks(self) -> tuple[QDockWidget, ...]:
        return self.settings_dock, self.insight_dock, self.layers_dock, self.frozen_dock

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        return dock

    def _one_below_the_other(self, *views: QWidget) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Vertical)
        for view in views:
            splitter.addWidget(view)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([1000] * len(views))  # in proportion
        return splitter

    def _once_idle(self, slot: Callable[[], None]) -> QTimer:
        """A timer that calls ``slot`` when the event loop has done what waits, once for each start."""
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(0)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _restore_docks(self) -> None:
        self.layout.restore_docks()
        self.run_bar.show()  # there is no way to bring it back by hand
        if self.theme.large:
            self._resize_docks()

    @Slot()
    def _resize_docks(self) -> None:
        """Large letters need other docks; with the usual ones everything comes back as it was before."""
        large = self.theme.large
        if large:
            if not self.layout.holds_docks:  # it began with large letters
                self.layout.hold_docks(self._docks())
                self.layout.restore_large_docks()
            self._fit_docks()
            self.layout.note_docks()
        elif self.layout.holds_docks:
            self.layout.bring_docks_back()
            self._name_docks()
            self._later_widths.start()
        else:
            self._fit_docks()

    @Slot()
    def _on_usual_again(self) -> None:
        if not self.layout.bring_widths_back():
            self._size_docks()

    def _name_docks(self) -> None:
        for dock in self._docks():
            dock.setFont(QApplication.font())  # the style gives dock titles a font of their own

    def _fit_docks(self) -> None:
        """Docks as wide as their words need; in a window too narrow for three columns the insight is a second tab."""
        self._name_docks()
        narrow = self._window.width() < NARROW * QFontMetrics(QApplication.font()).height()
        tabbed = self.insight_dock in self._window.tabifiedDockWidgets(self.settings_dock)
        if narrow and not tabbed:
            tabify(self._window, self.settings_dock, self.insight_dock)
            self.settings_dock.raise_()
        elif not narrow and tabbed:
            self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.insight_dock)
            if not self.frozen_dock.isFloating():
                tabify(self._window, self.insight_dock, self.frozen_dock)
        self._size_docks()

    def _size_docks(self) -> None:
        line = QFontMetrics(QApplication.font()).height()
        docks, widths = [self.settings_dock, self.insight_dock], [20 * line, 17 * line]
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    @Slot()
    def _on_frozen_wanted(self) -> None:
        self.frozen_dock.show()
        self.frozen_dock.raise_()

    # --- looks ---------------------------------------------------------------------------------------------------

    def _connect_looks(self) -> None:
        group = QActionGroup(self)
        for name in ("system", "light", "dark"):
            group.addAction(self.actions[name])
        group.triggered.connect(self._on_mode)
        self.actions["large"].toggled.connect(self._on_large)
        self.actions["full_screen"].toggled.connect(self._on_full_screen)
        self.actions["reset_layout"].triggered.connect(self._on_reset_layout)
        self.page.plots.full_screen_requested.connect(self.actions["full_screen"].toggle)
        # Actions in menus only work while the menu bar is shown; on full screen it is not.
        self._window.addActions(list(self.actions.values()))

    def _show_theme(self) -> None:
        self.actions[self.theme.mode].setChecked(True)
        self.actions["large"].setChecked(self.theme.large)

    @Slot(object)
    def _on_mode(self, action: QObject) -> None:
        modes: dict[str, Mode] = {"system": "system", "light": "light", "dark": "dark"}
        self.theme.set_mode(modes[action.objectName()])

    @Slot(bool)
    def _on_large(self, on: bool) -> None:
        if on and not self.theme.large:
            self.layout.hold_docks(self._docks())  # before the letters push the docks apart
        self.theme.set_large(on)

    @Slot(bool)
    def _on_full_screen(self, on: bool) -> None:
        if on:
            self._hidden = [dock for dock in self._docks() if dock.isVisible()]
            self._was_maximized = self._window.isMaximized()
        for part in (*self._hidden, self.run_bar, self._window.menuBar(), self._window.statusBar()):
            part.setVisible(not on)
        if on:
            self._window.showFullScreen()
        elif self._was_maximized:
            self._window.showMaximized()
        else:
            self._window.showNormal()

    @Slot()
    def _on_reset_layout(self) -> None:
        self._window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.run_bar)
        self._window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.settings_dock)
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.insight_dock)
        self._window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self.layers_dock)
        self.layers_dock.hide()
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.frozen_dock)
        tabbed(self._window, self.insight_dock, self.frozen_dock)
        for part in (self.run_bar, self.settings_dock, self.insight_dock):
            part.show()
        for dock in self._docks():
            dock.setFloating(False)
        if self.layout.holds_docks:
            self.layout.hold_docks(self._docks())
            self.layout.forget_widths()
        self._resize_docks()

    # --- news ----------------------------------------------------------------------------------------------------

    def _connect_news(self) -> None:
        session = self.services.session
        session.noticed.connect(self._on_notice)
        session.ended.connect(self._on_ended)
        session.failure_cleared.connect(self._on_failure_cleared)
        session.began.connect(self._on_began)
        session.began.connect(self.layer_view.set_history)
        session.updated.connect(self.layer_view.take)
        session.began.connect(self.formula_view.clear)
        session.updated.connect(self.formula_view.take)
        self.services.crash.raised.connect(self._on_trouble)
        self.gap_view.suggested.connect(self._on_suggested)
        self.page.plots.failed.connect(self._on_plots_failed)

    @Slot(object)
    def _on_began(self, history: object) -> None:
        if self.page.banner.code != "preset":  # what to look at is needed while it trains
            self.page.banner.clear()

    @Slot(object)
    def _on_notice(self, notice: Notice) -> None:
        offers: tuple[Offer, ...] = ()
        if notice.code == "diverged":
            offers = (*self._lower_rate(), Offer("Stop", self.services.session.stop))
        self.page.banner.say(notice.message, notice.severity, offers, notice.code)

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        self.page.banner.retract("diverged")
        ways_out = self.own_data.ways_out(ended.path)
        if ended.reason == "failed" and ways_out:
            self.page.banner.say(ended.message, "error", ways_out, "failed")
        elif ended.reason == "failed" and ended.details:
            self.page.banner.say_error(ended.message, ended.details, "failed")
        elif ended.reason == "failed":
            self.page.banner.say(ended.message, "error", self._lower_rate(), "failed")

    @Slot()
    def _on_failure_cleared(self) -> None:
        self.page.banner.retract("failed")

    def _lower_rate(self) -> tuple[Offer, ...]:
        spec = self.services.store.spec
        if "optimizer.lr" in getattr(spec.ensemble, "differs", ""):  # each member has its own
            return ()
        rate = spec.optimizer.lr / 10
        return (Offer(f"Restart with learning rate {rate:g}", self.services.session.restart_with_lower_rate),)

    @Slot(object)
    def _on_trouble(self, trouble: UncaughtError) -> None:
        text = f"Something went wrong inside the program, which goes on. ({trouble.message})"
        self.page.banner.say_error(text, trouble.details, "trouble")

    @Slot(str)
    def _on_plots_failed(self, message: str) -> None:
        self.page.banner.say(message, "error")

    @Slot(object)
    def _on_suggested(self, suggestion: Suggestion) -> None:
        store = self.services.store
        try:
            store.edit(suggestion.path, suggestion.value)
        except SpecError as error:
            self.page.banner.say(str(error), "warning")
            return
        offers: tuple[Offer, ...] = ()
        if store.waits_for_next_run(suggestion.path):
            offers = (Offer("Restart with it", self.services.session.restart),)
        self.page.banner.say(f"Set: {suggestion.words}", "info", offers)
