"""The window's parts: made, owned, joined, and taken down here. Each part does its own work in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QSplitter, QWidget

from workbench.bridge.decay_now import FACTOR
from workbench.bridge.services import Services
from workbench.bridge.step_back import STEPS
from workbench.engine.core.app_folders import home
from workbench.views.data.check_desk import CheckDesk
from workbench.views.data.drop_target import TakesFiles
from workbench.views.data.own_data import OwnDataDesk
from workbench.views.form.panels import PanelColumn
from workbench.views.insight.formula_view import FormulaView
from workbench.views.insight.gap_view import GapView
from workbench.views.insight.gradient_check_view import GradientCheckView
from workbench.views.insight.layer_view import LayerView
from workbench.views.insight.weight_strips_view import WeightStripsView
from workbench.views.runs.run_messages import RunMessages
from workbench.views.transfer.desk import TransferDesk
from workbench.views.widgets.number_menu import NumberMenu
from workbench.views.widgets.qt_workarounds import close_graphics_view, delete_now
from workbench.views.widgets.theme import theme
from workbench.views.window.action_states import ActionStates
from workbench.views.window.actions import make_actions
from workbench.views.window.appearance import Appearance
from workbench.views.window.commands import Commands
from workbench.views.window.docks import Docks
from workbench.views.window.help_desk import HelpDesk
from workbench.views.window.layout import Layout
from workbench.views.window.lost_offer import LostOffer
from workbench.views.window.menus import fill_menus
from workbench.views.window.message_keys import MessageKeys
from workbench.views.window.messages import Messages
from workbench.views.window.page_list import PAGES
from workbench.views.window.pages import Pages
from workbench.views.window.panel_previews import PanelPreviews
from workbench.views.window.projector import Projector
from workbench.views.window.queue_commands import QueueCommands
from workbench.views.window.recent import Recent
from workbench.views.window.run_bar import RunBar
from workbench.views.window.settings_files import SettingsFiles
from workbench.views.window.stage_bar import StageBar
from workbench.views.window.status import Status
from workbench.views.window.train_page import TrainPage
from workbench.views.window.undo_target import UndoTarget


class Workspace(QObject):
    """Puts the parts into ``window``. Signals between two parts are connected in ``_join`` and nowhere else."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.services = Services(home())
        self.actions = make_actions(window)
        self.train_frame = QMainWindow(None, Qt.WindowType.Widget)
        self.layout = Layout(self.services.home, window, self.train_frame, theme())
        self._make_views()
        self._make_helpers()
        self._fill_window()
        self._join_actions()
        self._recall()
        self._join()
        self._start()

    def _make_views(self) -> None:
        services = self.services
        self.run_bar = RunBar(services.session, services.pace, self.actions)
        decay, back = services.decay_now, services.steps_back
        self.run_bar.add_menu("decay", NumberMenu(FACTOR, lambda: decay.factor, decay.set_factor, self.run_bar))
        self.run_bar.add_menu("step_back", NumberMenu(STEPS, lambda: back.steps, back.set_steps, self.run_bar))
        self.pages = Pages(services, self.actions)
        self.message_keys = MessageKeys(self.pages.refusal, self.pages.banner, self)
        self.panels = PanelColumn(services.store)
        self.gap_view, self.formula_view, self.layer_view = GapView(), FormulaView(), LayerView()
        self.check_view, self.strips_view = GradientCheckView(services.gradient_check), WeightStripsView()
        self.formula_view.add_below(self.check_view)
        self.formula_view.add_below(self.strips_view)
        self.insight = _one_below_the_other(self.gap_view, self.formula_view)
        self.page = TrainPage(services, theme(), self.gap_view, StageBar(services.session, self.actions))
        self.status = Status(self._window.statusBar(), services)

    def _make_helpers(self) -> None:
        window, services, banner = self._window, self.services, self.pages.banner
        self.transfer = TransferDesk(window, services, self.panels, banner)
        self.previews = PanelPreviews(self.panels, services)
        self.files = SettingsFiles(window, services.store, banner)
        self.recent = Recent(window)
        self.commands = Commands(window, services, banner)
        self.own_data = OwnDataDesk(window, services, self.panels, banner, self.files.open_file)
        self.checks = CheckDesk(window, services, self.panels, banner)
        self.messages = Messages(services, banner, self.checks)
        self.run_messages = RunMessages(services.run_desk, banner)
        self.lost_offer = LostOffer(services.run_desk, self.pages, self.layout)
        self.help = HelpDesk(window, self.pages, banner)
        self.queue = QueueCommands(window, services, self.pages, self.actions)
        self.undoing = UndoTarget(services.store, self.pages, self)
        ActionStates(services, self.actions, self.undoing, self)

    def _fill_window(self) -> None:
        self._window.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.run_bar)
        self._window.setCentralWidget(self.pages)
        self.train_frame.setCentralWidget(self.page)
        self.docks = Docks(
            self.train_frame,
            self.layout,
            settings=self.panels,
            insight=self.insight,
            layers=self.layer_view,
            frozen=self.transfer.view,
        )
        self.pages.put("train", self.train_frame)
        bars = self.run_bar, self.pages.rail
        self.appearance = Appearance(self._window, self.actions, self.docks, bars)
        self.projector = Projector(self._window, self.actions, self.docks, self.pages, bars)
        menus = fill_menus(self._window, self.actions, self.files.open_preset, self.recent.menu)
        menus["Run"].insertMenu(self.actions["decay"], self.run_bar.speed.choices)
        menus["View"].addSeparator()
        menus["View"].addActions(self.docks.toggle_actions())

    def _join_actions(self) -> None:
        """What each action of the menus and the run bar does; those of the View menu are joined by ``Appearance``."""
        session, decay_now = self.services.session, self.services.decay_now
        slots: dict[str, Callable[[], object]] = {
            "train": session.train,
            "pause": session.pause_or_resume,
            "step": session.step_one,
            "step_back": self.services.steps_back.go,
            "stop": session.stop,
            "restart": session.restart,
            "clear_ghost": session.clear_ghost,
            "undo": self.undoing.undo,
            "redo": self.undoing.redo,
            "decay": decay_now.decay,
            "save_schedule": decay_now.save_as_schedule,
            "help": self.help.show_here,
            "help_contents": self.help.show_contents,
            "reset_layout": self.docks.reset,
            "message": self.message_keys.go,
            "quit": self._window.close,
            **self.files.slots,
            **self.commands.slots,
            **self.own_data.slots,
            **self.checks.slots,
            **self.transfer.slots,
            **self.queue.slots,
        }
        for name, slot in slots.items():
            self.actions[name].triggered.connect(slot)
        self.message_keys.reachable.connect(self.actions["message"].setEnabled)
        self.message_keys.tell()

    def _join(self) -> None:
        """Every signal between two parts. Each part also follows the services that it was given."""
        session, messages = self.services.session, self.messages
        session.noticed.connect(messages.show_notice)
        session.updated.connect(messages.show_resumed)
        self.services.lost_run.found.connect(self.lost_offer.offer)
        session.ended.connect(messages.show_end)
        session.failure_cleared.connect(messages.retract_failure)
        session.began.connect(messages.clear_for_run)
        session.began.connect(self.layer_view.set_history)
        session.updated.connect(self.layer_view.take)
        session.began.connect(self.formula_view.clear)
        session.updated.connect(self.formula_view.take)
        self.formula_view.changed.connect(self.check_view.follow)
        self.formula_view.changed.connect(self.strips_view.follow)
        session.began.connect(self.check_view.clear)
        self.services.steps_back.went_back.connect(self.layer_view.take_back)
        self.services.steps_back.went_back.connect(self.formula_view.take_back)
        self.services.steps_back.went_back.connect(messages.show_went_back)
        self.services.crash.raised.connect(messages.show_crash)
        self.services.decay_now.reported.connect(messages.show_steering)
        self.panels.wanted.connect(self.pages.show_train)
        self.own_data.target.taker = self._taker
        self.pages.refusal.setting_wanted.connect(self.panels.show_setting)
        self.pages.changed.connect(self.docks.follow_page)
        self.pages.choices_changed.connect(self._keep_choices)
        self.projector.changed.connect(self.page.set_on_stage)
        self.services.run_desk.beside_changed.connect(self.page.plots.set_beside)
        self.services.run_desk.train_wanted.connect(self.pages.show_train)
        self.gap_view.suggested.connect(messages.follow)
        self.services.store.changed.connect(self.gap_view.set_spec)
        self.page.plots.told.connect(self.services.run_desk.told)
        self.page.plots.fork_requested.connect(self.commands.fork_at)
        self.actions["full_screen"].triggered.connect(self.pages.show_train)
        self.page.plots.full_screen_requested.connect(self.actions["full_screen"].toggle)
        self.recent.wanted.connect(self.own_data.open)
        self.commands.data_wanted.connect(self.own_data.open)
        self.services.export.wanted.connect(self.commands.show_export)
        self.own_data.opened_path.connect(self.recent.add)
        self.files.opened_path.connect(self.recent.add)
        self.services.run_desk.race.opened_path.connect(self.recent.add)
        plans = self.services.lessons.plans
        self.files.plan_wanted.connect(plans.open)
        plans.opened_path.connect(self.recent.add)
        plans.shown_wanted.connect(self.pages.show_lessons)
        self.files.race_wanted.connect(self.services.run_desk.race.open)
        self.files.race_played.connect(self.services.run_desk.race.play)
        self.own_data.data_opened.connect(self.checks.announce_next)
        self.own_data.data_replaced.connect(self.checks.forget)
        self.transfer.view_wanted.connect(self.pages.show_train)
        self.transfer.view_wanted.connect(self.docks.show_frozen)
        self.docks.restored.connect(self.pages.recall)
        self.transfer.view.filled.connect(self.docks.follow_frozen)

    def _taker(self) -> TakesFiles | None:
        """The page that is shown, if files are dropped for it."""
        page = self.pages.stack.currentWidget()
        return page if isinstance(page, TakesFiles) else None

    def _recall(self) -> None:
        """Bring back what the last window remembered."""
        self.layout.add_splitter("plane", self.page.splitter)
        self.layout.add_splitter("insight", self.insight)
        self.layout.add_number("decay_factor", self.services.decay_now.set_factor)
        self.layout.add_number("steps_back", self.services.steps_back.set_steps)
        self.layout.add_number("lost_run", self.services.lost_run.set_since)
        self.layout.add_number("speed", self.services.pace.set_speed)
        self.page.plots.options.choose(self.layout.words("plots"))
        self.page.plots.folder = Path(self.layout.words("figures").get("folder", ""))
        self.services.export.folder = Path(self.layout.words("export").get("folder", Path.home()))
        self.transfer.sizes.choose(self.layout.words("wizard"))
        self.recent.recall(self.layout.words("recent"))
        self.pages.words = {page.name: self.layout.words(page.action) for page in PAGES}
        self.pages.remembered = self.layout.words("pages").get("current", "")
        self.layout.restore_look()
        self.appearance.show_theme()
        self.docks.start()

    def _start(self) -> None:
        self.services.start()
        self.services.shutdown.listen()
        app = QApplication.instance()
        if app is not None:
            self.services.shutdown.watch_logout(app)
        if self.services.greeting:
            self.pages.banner.say(self.services.greeting, "warning")

    @Slot()
    def _keep_choices(self) -> None:
        """What the pages want to have remembered; Qt writes it soon after, so that a crash does not take it."""
        for name, words in self.pages.choices().items():
            self.layout.set_words(f"page_{name}", words)

    def say_goodbye(self) -> None:
        """Remember everything while the threads end; the window stays and shows what it waits for."""
        self.projector.leave()
        self.services.store.settle()
        self.services.lessons.plans.keep_unsaved(self.services.home)
        self.layout.set_number("decay_factor", self.services.decay_now.factor)
        self.layout.set_number("steps_back", self.services.steps_back.steps)
        self.layout.set_number("speed", self.services.pace.speed)
        self._keep_choices()
        self.layout.set_words("pages", {"current": self.pages.current})
        self.docks.bring_floating_back()
        self.layout.set_words("plots", self.page.plots.options.choices())
        self.layout.set_words("figures", {"folder": str(self.page.plots.folder)})
        self.layout.set_words("export", {"folder": str(self.services.export.folder)})
        self.layout.set_words("wizard", self.transfer.sizes.words())
        self.layout.set_words("recent", self.recent.words())
        self.layout.save()
        self.services.remember()

    def dispose(self) -> None:
        """After the threads have ended: close the plots and restore the process's hooks."""
        for timer in self._window.findChildren(QTimer):
            timer.stop()  # a drawing that was due would meet a closed plot
        for view in self._window.findChildren(pg.GraphicsView):
            close_graphics_view(view)
        for dialog in self._window.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly):
            delete_now(dialog)
        self.pages.dispose()
        delete_now(self.page)
        self.services.shutdown.unlisten()
        self.services.finish()


def _one_below_the_other(*views: QWidget) -> QSplitter:
    splitter = QSplitter(Qt.Orientation.Vertical)
    for view in views:
        splitter.addWidget(view)
    splitter.setChildrenCollapsible(False)
    splitter.setSizes([1000] * len(views))  # in proportion
    return splitter
