"""What can be done with the chosen cards: one table of entries, for the menu and the buttons of the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.shelf.cards import Card
from workbench.views.widgets.menu import Menu

_WhyNot = Callable[[RunDesk, Sequence[Card]], str]


@dataclass(frozen=True, slots=True)
class CardEntry:
    """One line of the menu. ``why_not`` says why it is not possible for these cards; empty if it is.

    ``button`` is the text of its button above the table; empty for none.
    """

    name: str
    text: str
    help: str
    key: str = ""
    why_not: _WhyNot = lambda _desk, _cards: ""
    button: str = ""
    line_before: bool = False


def _one(_desk: RunDesk, cards: Sequence[Card]) -> str:
    return "" if len(cards) == 1 else "Choose one card."


def _has_run(desk: RunDesk, cards: Sequence[Card]) -> str:
    return _one(desk, cards) or ("" if cards[0].run else "It has not been trained yet.")


def _can_edit(desk: RunDesk, cards: Sequence[Card]) -> str:
    if len(cards) != 1:
        return "Choose one card."
    begun = cards[0].has_begun or cards[0].number == desk.queue.training
    return "It has begun: duplicate it to train other settings." if begun else ""


def _can_wait_again(desk: RunDesk, cards: Sequence[Card]) -> str:
    able = all(card.state in ("stopped", "failed", "skipped") or desk.worker.is_lost(card) for card in cards)
    return "" if able else "It is for cards that were stopped, left out or interrupted, or have failed."


def _can_begin_anew(desk: RunDesk, cards: Sequence[Card]) -> str:
    trains = any(card.state == "running" and not desk.worker.is_lost(card) for card in cards)
    return "It is being trained." if trains else "" if any(card.run for card in cards) else "It has no run yet."


def _can_skip(_desk: RunDesk, cards: Sequence[Card]) -> str:
    return "" if all(card.state == "waiting" for card in cards) else "It is for cards that wait."


def _can_remove(desk: RunDesk, cards: Sequence[Card]) -> str:
    return "Its run is training: stop it first." if any(card.number == desk.queue.training for card in cards) else ""


CARD_ENTRIES: Final = (
    CardEntry("open", "&Open the run", "Show its run with curves, verdict and layers.", "Return", _has_run),
    CardEntry("edit", "&Edit…", "Change its name and settings.", "", _can_edit, "Edit…"),
    CardEntry("rename", "Re&name", "Give it a name of its own.", "F2", _one),
    CardEntry("duplicate", "&Duplicate", "Add a card with the same settings behind it.", "Ctrl+D", button="Duplicate"),
    CardEntry("use", "&Use these settings", "Take its settings over into the Train page.", "", _one),
    CardEntry(
        "again", "&Go on with it", "Let it wait again: it goes on with its run.", "", _can_wait_again, line_before=True
    ),
    CardEntry("anew", "&Train it anew", "Let it wait again, for a new run.", "", _can_begin_anew),
    CardEntry("skip", "&Leave out", "Pass over it when the queue comes to it.", "", _can_skip),
    CardEntry("up", "Move u&p", "Train it earlier.", "Alt+Up", button="Up", line_before=True),
    CardEntry("down", "Move do&wn", "Train it later.", "Alt+Down", button="Down"),
    CardEntry("remove", "&Remove", "Take it out; its run is kept. It can be undone.", "Del", _can_remove, "Remove"),
)


def card_menu(desk: RunDesk, cards: Sequence[Card], parent: QWidget) -> QMenu:
    """The menu for ``cards``; each action holds the name of its entry in ``data``."""
    menu = Menu(parent)
    menu.setToolTipsVisible(True)
    for entry in CARD_ENTRIES:
        if entry.line_before:
            menu.addSeparator()
        action = menu.addAction(entry.text)
        action.setData(entry.name)
        why_not = why_not_do(entry, desk, cards)
        action.setEnabled(not why_not)
        action.setToolTip(why_not or entry.help)
        if entry.key:
            action.setShortcut(QKeySequence(entry.key))
    return menu


def why_not_do(entry: CardEntry, desk: RunDesk, cards: Sequence[Card]) -> str:
    """Why ``entry`` is not possible for ``cards``; empty if it is."""
    return entry.why_not(desk, cards) if cards else "Choose a card."
