"""What the tests of the page of use share: a trained run, a folder of pictures, the page without a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from workbench.bridge.services import Services
from workbench.views.use.use_page import UsePage

LONG = 60_000


@contextmanager
def shown_page(qtbot: QtBot, home: Path) -> Iterator[UsePage]:
    """The page over services of its own, shut down at the end as the application does it."""
    services = Services(home)
    page = UsePage(services)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    with qtbot.waitExposed(page):
        page.show()
    yield page
    with qtbot.waitSignal(services.shutdown.closed, timeout=LONG):
        services.shutdown.begin()
    services.session.finish()
    services.previews.finish()
