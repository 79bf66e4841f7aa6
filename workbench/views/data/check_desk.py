"""The check and the browser of the data: opened when wanted, and what the check found said in the banner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from workbench.bridge.data.data_request import is_own, is_ready
from workbench.bridge.services import Services
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.data.findings import FIX_FILES, Action, Report
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.browser import DataBrowser
from workbench.views.data.check_dialog import CheckDialog
from workbench.views.data.check_line import CheckLine, tally
from workbench.views.form.panels import PanelColumn
from workbench.views.widgets.banner import Banner, Offer, Severity
from workbench.views.widgets.open_folder import open_folder

_FOUND = "data check"
_SET = "data fixed"
#: Where data is; a run that fails for it may have lost its folder.
_PLACES = ("data.source.folder", "data.source.file")


class CheckDesk(QObject):
    """``line`` shows the state of the check in the Data panel; dialogs are made when they are first wanted."""

    def __init__(self, window: QMainWindow, services: Services, panels: PanelColumn, banner: Banner) -> None:
        super().__init__(window)
        self._window, self._services, self._panels, self._banner = window, services, panels, banner
        self._announces = False
        self._found_in: DataSpec | None = None  # the data that the banner's findings are of
        self.browser: DataBrowser | None = None
        self.check_dialog: CheckDialog | None = None
        self.line = CheckLine(services.checking, services.previews)
        self.line.browsed.connect(self.browse)
        self.line.shown.connect(self.check)
        panels.panel("data").add_extra(self.line)
        services.checking.reported.connect(self._on_reported)
        services.store.changed.connect(self._on_spec)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.applicationStateChanged.connect(self._on_application)

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {"browse_data": self.browse, "check_data": self.check}

    @Slot()
    def announce_next(self) -> None:
        """Data was just opened: say in the banner what the check finds in it."""
        self._announces = True

    @Slot()
    def forget(self) -> None:
        """Other data was chosen: what was found does not concern it."""
        self._announces = False
        self._banner.retract(_FOUND)

    @Slot()
    def browse(self) -> None:
        """Open the data browser; made when it is first wanted."""
        if self.browser is None:
            self.browser = DataBrowser(self._services.browsing, self._window)
        if self.browser.isVisible():
            self.browser.raise_()
        self.browser.show()
        self.browser.activateWindow()

    @Slot()
    def check(self) -> None:
        """Open the check of the data; made when it is first wanted."""
        self._banner.retract(_FOUND)
        if self.check_dialog is None:
            self.check_dialog = CheckDialog(self._services.checking, self._window)
            self.check_dialog.stopped.connect(self._on_stopped)
        self.check_dialog.open_check()

    def ways_out(self, path: str) -> tuple[Offer, ...]:
        """What the banner offers for a run that failed for the setting at ``path``, if that is of the data.

        Nothing where the settings are of other data by now: then the failure does not concern them.
        """
        source = self._services.store.spec.data.source
        if path.partition(".")[0] != "data" or self._services.session.failure is None:
            return ()
        label = {
            "data.source.skip_unreadable": "Leave unreadable files out",
            "data.source.skip_empty": "Leave empty classes out",
        }.get(path)
        sets = (Offer(label, _Set(self, Action("edit", label, path=path, value=True))),) if label else ()
        checks, chooses = Offer("Check the data…", self.check), Offer("Choose other data", self._show_source)
        if not (is_own(source) and is_ready(source)):
            return (*sets, chooses)
        return (*sets, checks, chooses) if path in _PLACES else (*sets, checks)

    def set(self, action: Action) -> None:
        """Change the setting that ``action`` names, and offer to train with it."""
        self._services.checking.act(action)
        if self._services.store.spec.at(action.path) == action.value:
            offers = () if self._services.session.is_active else (Offer("Train", self._services.session.train),)
            self._banner.say(f"Set: {action.label[:1].lower()}{action.label[1:]}.", "info", offers, _SET)

    def _show_source(self) -> None:
        self._panels.show_setting("data.source")

    @Slot(object)
    def _on_application(self, state: Qt.ApplicationState) -> None:
        """The user comes back to the window: files that could not be read may have been fixed meanwhile."""
        active = state == Qt.ApplicationState.ApplicationActive
        if active and is_own(self._services.store.spec.data.source) and not self._services.session.is_active:
            self._services.checking.look_again()

    @Slot(object)
    def _on_stopped(self, action: Action) -> None:
        """The user wants to fix it by hand: show where."""
        source = self._services.store.spec.data.source
        if not action.files:
            self._panels.show_setting("data.source")
        elif isinstance(source, PictureFiles) and source.has_files and action.label != FIX_FILES:
            self.browse()
            if self.browser is not None:
                self.browser.show_files(action.files)
        else:
            trouble = open_folder(Path(action.files[0]).parent)
            if trouble:
                self._banner.say(trouble)

    @Slot(object)
    def _on_reported(self, report: Report) -> None:
        """What was found in data that was just opened is said once in the banner; later it is in the Data panel."""
        found = [finding for finding in report.findings if finding.severity != "info"]
        if report.is_asked:  # the line above the page asks; what is chosen will be checked and announced
            self._banner.retract(_FOUND)
            return
        if self._announces and found:
            severity: Severity = "warning" if report.can_start else "error"
            first = self._services.checking.shortened(found[0].sentence)
            words = first if len(found) == 1 else tally(report)
            wrong = [finding for finding in found if finding.severity == "error"] or found
            edits = [action for action in wrong[0].actions if action.kind == "edit"] if len(wrong) == 1 else []
            offers = (*(Offer(action.label, _Set(self, action)) for action in edits), Offer("Show", self.check))
            self._banner.say(f"The data was checked: {words}", severity, offers, _FOUND)
            self._found_in = self._services.store.spec.data
        elif report.can_start:
            self._banner.retract(_FOUND)
        self._announces = False

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        """A changed setting may have fixed what was found."""
        if self._found_in is not None and spec.data != self._found_in:
            self._found_in = None
            self._banner.retract(_FOUND)


class _Set:
    """A button's act: change this setting."""

    def __init__(self, desk: CheckDesk, action: Action) -> None:
        self._desk, self._action = desk, action

    def __call__(self) -> None:
        self._desk.set(self._action)
