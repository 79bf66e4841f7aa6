"""Where the help for a widget stands: said once at a page, panel, dialog or row, and valid for all that is in it."""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from workbench.engine.help.places import Place

_PROPERTY: Final = "helpPlace"


@runtime_checkable
class HasHelpPlace(Protocol):
    """A widget whose place depends on what it shows now."""

    def help_place(self) -> Place | None:
        """The place, or None where a widget around it knows better."""


def set_help(widget: QWidget, page: str, *headings: str) -> None:
    """Say where the help for ``widget`` and all in it is: a page, and headings that lead to it."""
    widget.setProperty(_PROPERTY, [page, *headings])


def help_of(widget: QWidget | None) -> Place | None:
    """The place for ``widget``: its own, else that of the nearest widget around it that has one."""
    while widget is not None:
        own = widget.help_place() if isinstance(widget, HasHelpPlace) else None
        if own is not None:
            return own
        said = widget.property(_PROPERTY)
        if said:
            return Place(said[0], tuple(said[1:]))
        widget = widget.parentWidget()
    return None
