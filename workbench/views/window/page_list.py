"""The pages of the window, in the order of the rail. A further page is one more entry here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from workbench.bridge.services import Services


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page: ``title`` is its word in the rail, ``menu_text`` its line in the View menu, ``key`` its shortcut.

    ``name`` is also that of its icon (``page_<name>``). ``make`` creates the page when it is first shown; None for the
    page that the window makes itself.
    """

    name: str
    title: str
    menu_text: str
    help: str
    key: str
    make: Callable[[Services], QWidget] | None = None

    @property
    def action(self) -> str:
        """The name of the action that shows the page."""
        return f"page_{self.name}"


def _runs(services: Services) -> QWidget:
    from workbench.views.runs.runs_page import RunsPage

    page = RunsPage(services.run_desk)
    page.export_wanted.connect(services.export.want_run)
    return page


def _playground(services: Services) -> QWidget:
    from workbench.views.playground.playground_page import PlaygroundPage

    page = PlaygroundPage(services.playground)
    page.told.connect(services.run_desk.told)
    return page


def _lessons(services: Services) -> QWidget:
    from workbench.views.lessons.lessons_page import LessonsPage

    page = LessonsPage(services.lessons)
    page.told.connect(services.run_desk.told)
    return page


def _use(services: Services) -> QWidget:
    from workbench.views.use.use_page import UsePage

    page = UsePage(services)
    page.told.connect(services.run_desk.told)
    return page


PAGES = (
    PageEntry("train", "Train", "&Train page", "Settings, curves and insight of the run that trains.", "Ctrl+1"),
    PageEntry(
        "runs", "Runs", "R&uns page", "All runs that are kept: sort, compare, go on, train again.", "Ctrl+2", _runs
    ),
    PageEntry(
        "playground",
        "Playground",
        "&Playground page",
        "Optimizers race on surfaces: drag the surface and the start, and see their paths bend.",
        "Ctrl+3",
        _playground,
    ),
    PageEntry(
        "lessons",
        "Lessons",
        "&Lessons page",
        "Scenes of the lecture: one key plays a claim and measures its number before the audience.",
        "Ctrl+4",
        _lessons,
    ),
    PageEntry(
        "use",
        "Use",
        "Us&e page",
        "A trained network in use: pictures, folders, and how good it is on labelled data.",
        "Ctrl+5",
        _use,
    ),
)
