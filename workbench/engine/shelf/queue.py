"""The queue: cards in an order, kept on the disk after every change, so that a kill at any moment loses none."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.app_folders import home
from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.cards import DIRECT, Card, CardState, NewCard, card_of, new_card, plain_card
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import ExperimentSpec

NAME: Final = "queue.json"
LOCK: Final = "queue.lock"
_VERSION: Final = 1
#: As many cards of runs that were begun without the queue are kept.
MOST_DIRECT: Final = 20
_ENDS: Final[Mapping[str, CardState]] = {"completed": "done", "stopped": "stopped", "failed": "failed"}
_FOUND: Final[Mapping[str, CardState]] = {
    "finished": "done",
    "stopped": "stopped",
    "failed": "failed",
    "diverged": "failed",
}


@dataclass(frozen=True, slots=True)
class Pass:
    """What is worked through from the switching on of the queue to its report: the numbers of the cards that were
    trained since ``began``, each once."""

    began: datetime
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is kept: the cards, those that were there before the last removal, when to stop, whether to go on after
    a failure, the next number, what is to be reported."""

    cards: tuple[Card, ...] = ()
    before: tuple[Card, ...] = ()
    stop_at: datetime | None = None
    goes_on: bool = True
    next: int = 1
    under_way: Pass | None = None


class Queue:
    """The queue in the file ``path``, the user's own by default. It never starts by itself: whoever works through it
    asks for ``next_card``.

    A change is on the disk before it is made here. It raises FolderIsHeld while another program works with this queue,
    and CannotWrite, with nothing changed, where it cannot be kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home() / NAME
        self._lock: RunLock | None = None
        self._gathers = False
        #: A sentence about a file that could not be read and was put aside; else empty.
        self.problem = ""
        self._plan = self._read()

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards in their order."""
        return self._plan.cards

    @property
    def stop_at(self) -> datetime | None:
        """When the run that is being trained is stopped and kept, and no other begins; None: never."""
        return self._plan.stop_at

    @property
    def goes_on(self) -> bool:
        """Whether the next card follows a card that has failed."""
        return self._plan.goes_on

    @property
    def under_way(self) -> Pass | None:
        """What is to be reported when the queue has ended, begun by this program or by one that was killed."""
        return self._plan.under_way

    @property
    def can_undo(self) -> bool:
        """Whether the last removal can be undone."""
        return bool(self._plan.before)

    def card(self, number: int) -> Card:
        """The card with this number. Raises WorkbenchError if it was removed."""
        found = next((card for card in self.cards if card.number == number), None)
        if found is None:
            raise WorkbenchError("This card is no longer in the queue.")
        return found

    def next_card(self) -> Card | None:
        """The first card that waits; None if no more is to be done."""
        return next((card for card in self.cards if card.state == "waiting"), None)

    # --- what the user changes

    def add(self, new: Iterable[NewCard], after: int | None = None) -> tuple[Card, ...]:
        """Add cards at the end, or behind the card ``after``."""
        self.hold()
        made = tuple(
            Card(self._plan.next + at, each.title, each.settings, source=each.source) for at, each in enumerate(new)
        )
        place = len(self.cards) if after is None else self._place(after) + 1
        self._keep_cards((*self.cards[:place], *made, *self.cards[place:]), self._plan.next + len(made))
        return made

    def edit(self, number: int, spec: ExperimentSpec, title: str = "") -> None:
        """Give a card that has not begun other settings. Raises SpecError if they cannot be trained."""
        self.hold()
        if self.card(number).has_begun or self.card(number).state == "running":
            raise WorkbenchError("This card has begun; duplicate it to train other settings.")
        new = new_card(spec, title)
        self._change(number, title=new.title, settings=new.settings)

    def rename(self, number: int, title: str) -> None:
        """Give a card another name; also one that has begun."""
        self.hold()
        self._change(number, title=title)

    def duplicate(self, number: int) -> Card:
        """Add a card with the same settings behind this one, to be trained anew."""
        self.hold()
        card = self.card(number)
        (made,) = self.add([NewCard(card.title, card.settings)], number)
        return made

    def move(self, number: int, place: int) -> None:
        """Put a card at ``place``, from 0; beyond the end it is the last."""
        self.hold()
        card = self.card(number)
        others = [each for each in self.cards if each is not card]
        others.insert(max(0, place), card)
        self._keep_cards(others)

    def skip(self, number: int) -> None:
        """Leave a waiting card out."""
        self.hold()
        if self.card(number).state == "waiting":
            self._change(number, state="skipped")

    def again(self, number: int) -> None:
        """Let a card wait once more: one that was skipped, has failed or was interrupted. It goes on with its run."""
        self.hold()
        self._change(number, state="waiting", words="")

    def anew(self, number: int) -> None:
        """Let a card wait once more, with a new run."""
        self.hold()
        self._change(number, state="waiting", words="", run="", attempts=0)

    def remove(self, numbers: Iterable[int]) -> None:
        """Take cards out; the one that is being trained stays. Runs are not touched. ``undo`` brings them back."""
        self.hold()
        gone = set(numbers)
        kept = tuple(card for card in self.cards if card.number not in gone or card.state == "running")
        if kept != self.cards:
            self._keep(replace(self._plan, cards=kept, before=self.cards))

    def clear(self) -> None:
        """Take out all cards but the one that is being trained. ``undo`` brings them back, also after a restart."""
        self.remove([card.number for card in self.cards])

    def undo(self) -> None:
        """Bring back what was removed last, each card where it was; those that are still there stay as they are now."""
        self.hold()
        now = {card.number: card for card in self.cards}
        back = tuple(now.pop(card.number, card) for card in self._plan.before)
        self._keep(replace(self._plan, cards=(*back, *now.values()), before=()))

    def stop_then(self, when: datetime | None) -> None:
        """Set ``stop_at``."""
        self.hold()
        self._keep(replace(self._plan, stop_at=when))

    def go_on_after_failure(self, on: bool) -> None:
        """Set ``goes_on``."""
        self.hold()
        self._keep(replace(self._plan, goes_on=on))

    def restore(self, earlier: Sequence[Card]) -> None:
        """Make the cards those of ``earlier`` again: their order, names and settings.

        What became of cards meanwhile stays as it is now; cards that were added since go, unless they have begun.
        """
        self.hold()
        now = {card.number: card for card in self.cards}
        back = [_as_it_was(card, now.pop(card.number, card)) for card in earlier]
        begun = [card for card in now.values() if card.has_begun or card.state == "running"]
        self._keep(replace(self._plan, cards=(*back, *begun), before=()))

    # --- what becomes of the cards

    def begin_pass(self, now: datetime) -> None:
        """Keep from now on what is worked through; one that was not reported goes on, while cards of it are there."""
        self.hold()
        there = {card.number for card in self.cards}
        if self.under_way is None or there.isdisjoint(self.under_way.numbers):
            self._keep(replace(self._plan, under_way=Pass(now)))

    def count_in(self, number: int) -> None:
        """The card is one of those that the report is about."""
        self.hold()
        one = self.under_way
        if one is not None and number not in one.numbers:
            self._keep(replace(self._plan, under_way=replace(one, numbers=(*one.numbers, number))))

    def end_pass(self) -> None:
        """It is reported: the next one begins anew."""
        self.hold()
        self._keep(replace(self._plan, under_way=None))

    def started(self, number: int, run: Path) -> Card:
        """The card is being trained into the folder ``run``, which need not be there yet; returns it as it is then."""
        self.hold()
        card = self.card(number)
        self._change(number, state="running", run=str(run.absolute()), words="", attempts=card.attempts + 1)
        return self.card(number)

    def started_directly(self, spec: ExperimentSpec, run: Path) -> Card:
        """A run that was begun without the queue is a card too: it stands before those that wait.

        Of those that have ended only the last ``MOST_DIRECT`` are kept.
        """
        self.hold()
        new, folder = new_card(spec), str(run.absolute())
        ended = [card for card in self.cards if card.source == DIRECT and card.state not in ("waiting", "running")]
        cards = [card for card in self.cards if card not in ended[: 1 - MOST_DIRECT]]
        place = next((at for at, card in enumerate(cards) if card.state == "waiting"), len(cards))
        card = Card(self._plan.next, new.title, new.settings, "running", folder, attempts=1, source=DIRECT)
        self._keep_cards((*cards[:place], card, *cards[place:]), self._plan.next + 1)
        return card

    def ended(self, number: int, ended: RunEnded) -> None:
        """The run of a card has ended; after a failure the queue goes on with the next card."""
        self.hold()
        self._change(number, state=_ENDS[ended.reason], words=ended.message)

    def failed(self, number: int, words: str) -> None:
        """The card could not be trained, for the reason ``words``."""
        self.hold()
        self._change(number, state="failed", words=words)

    def put_back(self, number: int) -> None:
        """The run of the card was stopped because its time was over: it waits and goes on later."""
        self.hold()
        self._change(number, state="waiting", words="")

    def recover(self, read: Callable[[Path], RunRecord | None] = read_record) -> tuple[Card, ...]:
        """Look what has become of the cards that were being trained when a program was killed; from evidence.

        One whose run has ended is done or has failed; one without a run waits again. Returns those whose run was lost
        in the middle: they can go on (``again``), be trained anew (``anew``) or be removed.
        """
        interrupted = []
        for card in [card for card in self.cards if card.state == "running"]:
            record = _record(Path(card.run), read)
            if record is None:
                self.anew(card.number)
            elif record.status == "lost":
                interrupted.append(card)
            elif not record.is_live:
                self.hold()
                self._change(card.number, state=_FOUND[record.status], words=record.reason)
        return tuple(interrupted)

    # --- the file

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Keep the changes that are made within it in one writing, at its end; where one fails none is made.

        Raises FolderIsHeld, CannotWrite.
        """
        self.hold()
        before, self._gathers = self._plan, True
        try:
            yield
            plan = self._plan
        finally:
            self._plan, self._gathers = before, False
        if plan is not before:
            self._keep(plan)

    def hold(self) -> None:
        """Keep other programs from changing this queue until ``release``. Raises FolderIsHeld, CannotWrite."""
        if self._lock is None:
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = RunLock.take(self.path.parent, LOCK)
            self._plan = self._read()  # another program may have changed it

    def release(self) -> None:
        """Let other programs change this queue."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _place(self, number: int) -> int:
        return self.cards.index(self.card(number))

    def _change(self, number: int, **values: Any) -> None:
        changed = replace(self.card(number), **values)
        self._keep_cards([changed if card.number == number else card for card in self.cards])

    def _keep_cards(self, cards: Sequence[Card], following: int | None = None) -> None:
        self._keep(replace(self._plan, cards=tuple(cards), next=following or self._plan.next))

    def _keep(self, plan: _Plan) -> None:
        if not self._gathers:
            write_whole(self.path, json.dumps(_plain(plan), indent=1).encode())
        self._plan = plan

    def _read(self) -> _Plan:
        try:
            return _plan(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return _Plan()
        except OSError as error:
            self.problem = f"The queue cannot be read: {error.strerror or error}."
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            aside = self.path.with_suffix(f".{datetime.now():%Y-%m-%d_%H-%M-%S}.json")
            with contextlib.suppress(OSError):
                self.path.rename(aside)
            self.problem = f"The queue could not be read, and its file was put aside: {aside}."
        return _Plan()


def _record(run: Path, read: Callable[[Path], RunRecord | None]) -> RunRecord | None:
    try:
        return read(run)
    except OSError:
        return None


def _as_it_was(before: Card, now: Card) -> Card:
    return replace(now, title=before.title, settings=now.settings if now.has_begun else before.settings)


def _plain(plan: _Plan) -> dict[str, Any]:
    stop_at = None if plan.stop_at is None else plan.stop_at.isoformat()
    cards, before = ([plain_card(card) for card in cards] for cards in (plan.cards, plan.before))
    said = {"version": _VERSION, "next": plan.next, "stop_at": stop_at, "goes_on": plan.goes_on}
    one = plan.under_way
    under_way = None if one is None else {"began": one.began.isoformat(), "numbers": one.numbers}
    return {**said, "cards": cards, "before": before, "under_way": under_way}


def _plan(said: dict[str, Any]) -> _Plan:
    if said["version"] != _VERSION:
        raise ValueError(said["version"])
    stop_at = None if said["stop_at"] is None else datetime.fromisoformat(said["stop_at"])
    cards, before = (tuple(card_of(card) for card in said[name]) for name in ("cards", "before"))
    one = said.get("under_way")
    under_way = None if one is None else Pass(datetime.fromisoformat(one["began"]), tuple(map(int, one["numbers"])))
    return _Plan(cards, before, stop_at, said.get("goes_on") is not False, int(said["next"]), under_way)


def counts(cards: Iterable[Card]) -> dict[CardState, int]:
    """How many cards are in each state."""
    found: dict[CardState, int] = {}
    for card in cards:
        found[card.state] = found.get(card.state, 0) + 1
    return found
