"""The queue in the window: cards added, edited, moved, removed, each change undone again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runs.card_words import choices
from workbench.bridge.setting_names import error_words
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.run_store.run_lock import FolderIsHeld
from workbench.engine.shelf.cards import Card, NewCard, cards_of_values, new_card, value_words, with_typed
from workbench.engine.shelf.queue import Pass, Queue
from workbench.engine.shelf.work_through import next_time
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

T = TypeVar("T")
#: As many changes can be undone.
_MOST_UNDO: Final = 100
#: The states of cards that are over.
OVER: Final = ("done", "stopped", "failed", "skipped")


class QueueDesk(QObject):
    """Changes the queue and keeps it on the disk. Lives in the GUI thread.

    The queue is held against other programs only while it changes or ``is_at_work``.
    """

    changed = Signal()  #: the cards, or what can be done with them
    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = Queue()
        self._before: list[tuple[Card, ...]] = []
        #: Whether this program works through the queue, or trains one of its cards.
        self.is_at_work = False
        #: The card that this program trains; 0 for none. It cannot be edited or removed.
        self.training = 0

    # --- Reading

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards in their order."""
        return self._queue.cards

    @property
    def waiting(self) -> int:
        """How many cards wait."""
        return sum(card.state == "waiting" for card in self.cards)

    @property
    def stop_at(self) -> datetime | None:
        """When the queue stops; None: never."""
        return self._queue.stop_at

    @property
    def goes_on(self) -> bool:
        """Whether the next card follows one that has failed."""
        return self._queue.goes_on

    @property
    def under_way(self) -> Pass | None:
        """What is to be reported when the queue has ended."""
        return self._queue.under_way

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to be undone; the last removal can be undone after a restart too."""
        return bool(self._before) or self._queue.can_undo

    @property
    def path(self) -> Path:
        """The file of the queue."""
        return self._queue.path

    def card(self, number: int) -> Card | None:
        """The card with this number; None if it was removed."""
        return next((card for card in self.cards if card.number == number), None)

    def next_card(self) -> Card | None:
        """The first card that waits."""
        return self._queue.next_card()

    def read_anew(self) -> None:
        """Another program may have changed the queue: read it again, unless it is held here."""
        if not self.is_at_work and self.path.exists():
            before, self._queue = self.cards, Queue(self.path)
            if self.cards != before:
                self._before = []  # another program's changes are not undone here
        if self._queue.problem:
            self.told.emit(self._queue.problem, "warning")
            self._queue.problem = ""
        self.changed.emit()

    # --- Adding

    def add_spec(self, spec: ExperimentSpec) -> None:
        """Add a card of these settings as they are now."""
        self._add(spec, lambda: [new_card(spec)])

    def add_values(self, spec: ExperimentSpec, path: str, text: str) -> None:
        """Add a card for each value in ``text`` of the setting at ``path``."""
        self._add(spec, lambda: cards_of_values(spec, path, text))

    def add_cards(self, new: Sequence[NewCard]) -> bool:
        """Add cards at the end; False if that is not possible, which has been told."""
        return self.change(lambda queue: queue.add(new), undo=True) is not None

    def add_files(self, files: Sequence[Path]) -> None:
        """Add a card for each settings file; those that are none are named, and the others are added."""
        made, wrong = [], []
        for file in files:
            try:
                made.append(new_card(load(file), source=file.name))
            except WorkbenchError as error:
                wrong.append(f"{file.name}: {error_words(ExperimentSpec(), error)}")
        if made and not self.add_cards(made):
            return
        if wrong:
            added = f"{counted(len(made), 'card')} added. " if made else ""
            self.told.emit("\n".join([f"{added}Not added:", *wrong]), "warning")

    def _add(self, spec: ExperimentSpec, make: Callable[[], Iterable[NewCard]]) -> None:
        try:
            made = list(make())
        except WorkbenchError as error:
            self.told.emit(f"No card was added. {error_words(spec, error)}", "error")
            return
        self.add_cards(made)

    # --- Changing

    def edit(self, number: int, spec: ExperimentSpec, title: str) -> str:
        """Give a card that has not begun another name and other settings; returns why not, empty if it has them."""
        if number == self.training:
            return "This card is being trained; duplicate it to train other settings."
        return self._tried(lambda queue: queue.edit(number, spec, title), spec)

    def edit_typed(self, number: int, title: str, changes: Sequence[tuple[str, str]]) -> str:
        """Change settings of a card as they are typed (path, text); returns why not, empty if they are changed.

        A card whose name stays the same is named by its changes, behind the values in its name that it still has: else
        the name would speak of the settings before.
        """
        card = self.card(number)
        if card is None:
            return "This card is no longer in the queue."
        spec = ExperimentSpec()
        try:
            spec = card.spec
            for path, text in changes:
                spec = with_typed(spec, path, text)
        except WorkbenchError as error:
            return error_words(spec, error)
        is_same = bool(changes) and title == card.title
        return self.edit(number, spec, _name_by(spec, title, [path for path, _ in changes]) if is_same else title)

    def rename(self, number: int, title: str) -> None:
        """Give a card another name."""
        card = self.card(number)
        if card is not None and title.strip() and title.strip() != card.title:
            self.change(lambda queue: queue.rename(number, title.strip()), undo=True)

    def duplicate(self, numbers: Sequence[int]) -> None:
        """Add a card with the same settings behind each of these."""
        self.change(lambda queue: [queue.duplicate(number) for number in numbers], undo=True)

    def move(self, numbers: Sequence[int], by: int) -> None:
        """Move cards up (-1) or down (1) by one place; together they stop at the ends."""
        order = [card.number for card in self.cards]
        places = sorted(order.index(number) for number in numbers if number in order)
        if not places or not 0 <= (places[0] if by < 0 else places[-1]) + by < len(order):
            return
        moves = [(order[place], place + by) for place in (places if by < 0 else reversed(places))]
        self.change(lambda queue: _move(queue, moves), undo=True)

    def remove(self, numbers: Sequence[int]) -> None:
        """Take cards out, but for the one that is being trained; it can be undone, also after a restart."""
        gone = [number for number in numbers if number != self.training]
        count = len(self.cards)
        self.change(lambda queue: _remove(queue, gone), undo=True)
        if self.training in numbers:
            self.told.emit("The card that is being trained stays: stop its run first.", "warning")
        if (taken := count - len(self.cards)) > 0:
            self.told.emit(f"{counted(taken, 'card')} removed; what was trained is kept.", "undo")

    def clear_over(self) -> None:
        """Take out the cards that are finished, stopped, failed or skipped."""
        self.remove([card.number for card in self.cards if card.state in OVER])

    def skip(self, numbers: Sequence[int], on: bool) -> None:
        """Leave waiting cards out, or no longer."""
        wanted = "waiting" if on else "skipped"
        chosen = [card.number for card in self.cards if card.number in numbers and card.state == wanted]
        act = Queue.skip if on else Queue.again
        self.change(lambda queue: [act(queue, number) for number in chosen])

    def again(self, numbers: Sequence[int], anew: bool = False) -> None:
        """Let cards wait once more: to go on with their runs, or ``anew`` with new ones."""
        act = Queue.anew if anew else Queue.again
        chosen = [number for number in numbers if number != self.training]
        self.change(lambda queue: [act(queue, number) for number in chosen])

    def set_stop_at(self, clock: time | None) -> None:
        """Stop at the next moment that a clock shows ``clock``; None: never."""
        self.change(lambda queue: queue.stop_then(None if clock is None else next_time(clock, datetime.now())))

    def set_goes_on(self, on: bool) -> None:
        """Go on with the next card after one has failed, or not."""
        self.change(lambda queue: queue.go_on_after_failure(on))

    @Slot()
    def undo(self) -> None:
        """Undo the last change of the cards."""
        if self._before:
            earlier = self._before.pop()
            self.change(lambda queue: queue.restore(earlier))
        elif self._queue.can_undo:
            self.change(Queue.undo)

    # --- The file

    def change(self, change: Callable[[Queue], T], undo: bool = False, is_told: bool = True) -> T | None:
        """Make a change, and keep it in one writing; None if that is not possible; ``told`` says why."""
        made: list[T] = []
        trouble = self._tried(lambda queue: made.append(change(queue)), ExperimentSpec(), undo)
        if trouble and is_told:
            self.told.emit(trouble, "error")
        return None if trouble else made[0]

    def _tried(self, change: Callable[[Queue], object], spec: ExperimentSpec, undo: bool = True) -> str:
        """Make a change; returns why it was not made."""
        try:
            with self._queue.at_once():
                before = self.cards
                change(self._queue)
        except FolderIsHeld as error:
            return f"The queue is in use by {error.holder.words}; here it can only be looked at."
        except WorkbenchError as error:
            return error_words(spec, error)
        finally:
            self.release()
            self.changed.emit()
        if undo and before != self.cards:
            self._before = [*self._before, before][-_MOST_UNDO:]
            self.changed.emit()
        return ""

    def release(self) -> None:
        """Let other programs change the queue, unless it is worked through here."""
        if not self.is_at_work:
            self._queue.release()


def _remove(queue: Queue, numbers: Sequence[int]) -> None:
    """Take cards out, those too whose runs were lost when a program ended."""
    for card in queue.cards:
        if card.number in numbers and card.state == "running":
            queue.again(card.number)
    queue.remove(numbers)


def _move(queue: Queue, moves: Iterable[tuple[int, int]]) -> None:
    for number, place in moves:
        queue.move(number, place)


def _name_by(spec: ExperimentSpec, title: str, changed: Sequence[str]) -> str:
    """The values in ``title`` that ``spec`` has, then those at ``changed`` paths: ``Learning rate 0.03, Epochs 5``."""
    new = list(dict.fromkeys(value_words(spec, path) for path in changed))
    there = {value_words(spec, choice.path) for choice in choices(spec)}.difference(new)
    return ", ".join([*(words for words in title.split(", ") if words in there), *new])
