"""Working through the queue in the window: a card after the other on the one training thread, until none waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.runs.card_recovery import CardRecovery
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.bridge.session import Session
from workbench.bridge.setting_names import error_words
from workbench.bridge.threads.background import TaskFailure, Tasks
from workbench.bridge.threads.progress import simply
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.core.text import counted, short
from workbench.engine.run_store.finished_runs import title_of
from workbench.engine.run_store.place import why_not_kept
from workbench.engine.run_store.recovery import WayBack
from workbench.engine.run_store.resumable import edited_spec, how_it_goes_on, resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.about import read_about, write_about
from workbench.engine.shelf.cards import DIRECT, Card
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.queue_report import QueueReport, report_of, write_report
from workbench.engine.shelf.work_through import MOST_ATTEMPTS, next_time
from workbench.engine.spec.experiment import ExperimentSpec

#: Whether it is time to stop is asked this often (milliseconds).
_TICK_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class LostCard:
    """A card whose run was lost: the step that it goes on from, or a sentence why it cannot and begins anew."""

    card: Card
    goes_on: int | str


class QueueWorker(QObject):
    """Trains the cards of ``desk`` that wait, while it is on; at the start it is off. Lives in the GUI thread.

    A run that is begun otherwise is a card too, and the queue waits for its end.
    """

    changed = Signal()  #: is_on, or what is being trained
    interrupted = Signal(object)  #: the LostCards (a tuple) of the queue's own cards, lost when the program ended
    reported = Signal(object, str)  #: the QueueReport of what was worked through, and the file that holds it, or ""

    def __init__(self, session: Session, desk: QueueDesk, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._desk, self._tasks = session, desk, tasks
        #: Whether cards that wait are trained.
        self.is_on = False
        #: The cards that were being trained when the program ended, by number.
        self.lost: dict[int, LostCard] = {}
        #: The last report, and its file; None before the first.
        self.report: tuple[QueueReport, str] | None = None
        self._is_own = self._puts_back = self._is_closing = self._goes_back = False
        self._recovery = CardRecovery(session, tasks, self)
        self._recovery.going_back.connect(self._on_going_back)
        self._recovery.given_up.connect(self._on_given_up)
        #: The end of a card's run for which a way back is being looked for.
        self._end_in_doubt: RunEnded | None = None
        #: The last way back of the card that is being trained.
        self._back: WayBack | None = None
        self._owes_report = False
        self._why = ""
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._look_at_clock)
        session.folder_made.connect(self._on_folder)
        session.ended.connect(self._on_ended)
        session.job_ended.connect(self._on_job_ended)

    @property
    def trains_card(self) -> Card | None:
        """The card of the queue that is being trained; None for none, and for a run that was begun otherwise."""
        return self._desk.card(self._desk.training) if self._is_own and self._desk.training else None

    @property
    def words(self) -> str:
        """What the queue is doing, in a sentence."""
        card, waiting = self.trains_card, counted(self._desk.waiting, "card waits", "cards wait")
        if card is not None and self._puts_back:
            return f"Stopping {card.title}; it is kept and goes on later."
        if card is not None:
            after = waiting if self._desk.waiting else "no other card waits"
            return f"Trains {card.title}; {after}." if self.is_on else f"Off when {card.title} is finished; {after}."
        if self.is_on:
            return f"On: {waiting}{' for the end of the run that is training' * self._session.is_active}."
        lost = sum(map(self.is_lost, self._desk.cards))
        interrupted = f"{counted(lost, 'card was', 'cards were')} interrupted" if lost else ""
        parts = [waiting if self._desk.waiting else "" if lost else "no card waits", interrupted]
        return f"Off: {', '.join(filter(None, parts))}."

    def is_lost(self, card: Card) -> bool:
        """Whether the card's run was lost when the program ended, and nothing was done about it yet."""
        return card.state == "running" and card.number in self.lost and card.number != self._desk.training

    def words_of(self, card: Card) -> str:
        """What became of the card so far."""
        if not self.is_lost(card):
            return card.words
        return f"The program ended while it was trained. {how_it_goes_on(self.lost[card.number].goes_on)}"

    # --- Switching

    def start(self) -> None:
        """The program has started: look what has become of the cards that were being trained when it ended."""
        if self._desk.cards:
            self._desk.read_anew()
        if any(card.state == "running" for card in self._desk.cards):
            lost = self._desk.change(Queue.recover) or ()
            self.lost = {card.number: LostCard(card, resumable(Path(card.run))) for card in lost}
            self._say()
            # A direct run is offered by itself.
            cards = tuple(each for each in self.lost.values() if each.card.source != DIRECT)
            if cards:
                self.interrupted.emit(cards)

    @Slot(bool)
    def switch(self, on: bool) -> None:
        """Begin with the first card that waits; or let the present one go on to its end, and begin no other."""
        if on == self.is_on or self._is_closing:
            return
        if not on:
            self._off("It was switched off.")
            return
        self._desk.is_at_work = True
        if self._desk.change(self._prepare) is None:
            self._leave()
            return
        self.is_on, self._why, self._puts_back = True, "", False
        self._owes_report = True
        self._clock.start()
        self._say()
        self._soon()

    def go_on_with(self, numbers: tuple[int, ...]) -> None:
        """Let cards that were interrupted go on, and switch the queue on."""
        self._desk.again(numbers)
        self.switch(True)

    @Slot()
    def stop_now(self) -> None:
        """Stop the card that is being trained and begin no other; it is kept, waits, and goes on later."""
        if self.trains_card is not None:
            self._puts_back = True
            self._session.stop()
        self._off("It was stopped.")

    def shutdown(self, done: Callable[[], None]) -> None:
        """The program closes: the card that is being trained waits and goes on the next time."""
        self._is_closing = self._puts_back = True
        self.is_on = self._owes_report = False  # what was worked through is in the file: the next time goes on with it
        self._clock.stop()
        QTimer.singleShot(0, self, done)

    def _prepare(self, queue: Queue) -> bool:
        """Cards that were lost go on first, but not for ever; a time that is past means that of the next day."""
        queue.begin_pass(datetime.now())
        if self.trains_card is not None:
            queue.count_in(self._desk.training)
        for number in self.lost:
            card = self._desk.card(number)
            if card is not None and card.state == "running" and card.attempts < MOST_ATTEMPTS:
                queue.again(number)
            elif card is not None and card.state == "running":
                _fail(number, f"The program ended while it was trained, {counted(card.attempts, 'time')}.", queue)
        self.lost = {}
        if queue.stop_at is not None:
            queue.stop_then(next_time(queue.stop_at.time(), datetime.now()))
        return True

    def _off(self, why: str) -> None:
        self.is_on = False
        self._why = self._why or why
        self._clock.stop()
        if self.trains_card is None:
            self._conclude()
        self._say()

    # --- One card after the other

    def _soon(self) -> None:
        """Look for the next card when whatever else follows the end of a run has begun."""
        QTimer.singleShot(0, self, self._work)

    @Slot()
    def _work(self) -> None:
        if not self.is_on or self._session.is_active or self._end_in_doubt is not None:
            return
        obstacle, card = why_not_kept(runs_folder()), self._desk.next_card()
        if obstacle:
            self._desk.told.emit(f"The queue is off. {obstacle}", "error")
            self._off(obstacle)
        elif card is None:
            self._off("No more cards wait.")
        else:
            self._begin(card)

    def _begin(self, card: Card) -> None:
        try:
            can_go_on = bool(card.run) and isinstance(resumable(Path(card.run)), int)
            folder = Path(card.run) if can_go_on else None
            spec = card.spec if folder is None else edited_spec(folder, None)
        except WorkbenchError as error:
            words = error_words(ExperimentSpec(), error)
            self._desk.change(partial(_fail, card.number, words))
            self._after_failure()
            self._soon()
            return
        self._train(card, spec, folder)

    def _train(self, card: Card, spec: ExperimentSpec, folder: Path | None) -> None:
        """Train a card. Its folder is in the queue's file before it is made: so a kill at any moment leaves a card
        whose folder tells what has become of it."""
        now = datetime.now()
        place = folder or RunFolder.place_of(spec, runs_folder(), now)
        if not self._desk.change(partial(_start, card.number, place)):
            self._off("The queue cannot be kept.")
            return
        self._is_own, self._desk.training = True, card.number
        self._recovery.watch(card.number)
        self._session.train_card(spec, folder, now)
        if not self._session.is_active:  # the program closes
            self._is_own, self._desk.training = False, 0
            self._desk.change(lambda queue: queue.put_back(card.number))
        self._say()

    @Slot(str)
    def _on_folder(self, folder: str) -> None:
        """A run has begun in ``folder``: that of a card, or one that is a card from now on."""
        self._on_given_up()  # it was begun otherwise while a way back was looked for
        if self._is_own:
            card = self.trains_card
            if card is not None and card.run != str(Path(folder).absolute()):  # another program took its place
                self._desk.change(lambda queue: queue.started(card.number, Path(folder)))
            _name_as_card(card, Path(folder), self._back)
        else:
            direct = self._desk.change(lambda queue: self._direct(queue, Path(folder)), is_told=False)
            self._desk.training = direct.number if direct is not None else 0
        self._say()

    def _direct(self, queue: Queue, folder: Path) -> Card:
        same = next((card for card in queue.cards if card.run == str(folder.absolute())), None)
        if same is None:
            return queue.started_directly(self._session.trained or self._session.store.spec, folder)
        return queue.started(same.number, folder)

    @Slot(object)
    def _on_going_back(self, back: WayBack) -> None:
        self._goes_back, self._end_in_doubt, self._back = self._session.is_active, None, back
        card = self.trains_card
        if card is not None:
            self._desk.told.emit(f"{card.title} has diverged. {back.words}.", "warning")

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        goes_back, self._goes_back = self._goes_back and not self._puts_back, False
        if goes_back:
            return
        if self._is_own and not self._puts_back and self._recovery.takes(ended):
            self._end_in_doubt = ended
        else:
            self._take_end(ended)

    @Slot()
    def _on_given_up(self) -> None:
        if self._end_in_doubt is not None:
            self._take_end(self._end_in_doubt)

    def _take_end(self, ended: RunEnded) -> None:
        """What the end of a run means for its card and for the queue."""
        ended = self._back.said_in(ended) if self._back is not None else ended
        self._end_in_doubt = self._back = None
        self._recovery.watch(0)
        number, was_own, puts_back = self._desk.training, self._is_own, self._puts_back
        self._is_own, self._puts_back, self._desk.training = False, self._is_closing, 0
        if number:
            waits = was_own and puts_back and ended.reason == "stopped"
            self._desk.change(partial(_end, number, None if waits else ended, self.is_on), is_told=was_own)
        if was_own and ended.reason == "stopped" and self.is_on:
            self._off("Its run was stopped.")
        elif was_own and ended.reason == "failed":
            self._after_failure()
        if not self.is_on:
            self._conclude()
        self._say()
        self._soon()

    def _after_failure(self) -> None:
        if self.is_on and not self._desk.goes_on:
            self._off("A card has failed.")

    @Slot(object)
    def _on_job_ended(self, _ended: RunEnded) -> None:
        self._soon()

    @Slot()
    def _look_at_clock(self) -> None:
        if self._desk.stop_at is not None and datetime.now() >= self._desk.stop_at:
            self._why = f"It was {self._desk.stop_at:%H:%M}."
            self.stop_now()

    # --- The end

    def _conclude(self) -> None:
        """The queue is off and trains nothing: report what it has worked through."""
        one, owes, self._owes_report = self._desk.under_way, self._owes_report, False
        if owes and one is not None and not self._is_closing:
            cards = [card for number in one.numbers if (card := self._desk.card(number)) is not None]
            self._desk.change(Queue.end_pass, is_told=False)
            self._report(cards, one.began)
        self._leave()

    def _report(self, cards: list[Card], began: datetime) -> None:
        if cards:
            task = self._tasks.submit(
                "Reporting on the queue", simply(_Reporting(cards, began, self._why, self._desk.path))
            )
            task.done.connect(self._on_reported)
            task.failed.connect(self._on_not_reported)

    def _leave(self) -> None:
        self._desk.is_at_work = self.is_on or self.trains_card is not None
        self._desk.release()

    @Slot(object)
    def _on_reported(self, report: tuple[QueueReport, str]) -> None:
        self.report = report
        self.reported.emit(*report)
        self._say()

    @Slot(object)
    def _on_not_reported(self, failure: TaskFailure) -> None:
        self._desk.told.emit(f"The queue has ended, but there is no report. {failure.message}", "error")

    def _say(self) -> None:
        self.changed.emit()


class _Reporting:
    """Reads the runs of ``cards`` in the background and writes the report beside the queue."""

    def __init__(self, cards: list[Card], began: datetime, why: str, queue: Path) -> None:
        self._cards, self._began, self._why, self._queue = cards, began, why, queue

    def __call__(self) -> tuple[QueueReport, str]:
        report = report_of(self._cards, self._began, datetime.now(), self._why)
        try:
            return report, str(write_report(report, self._queue))
        except (OSError, WorkbenchError):
            return report, ""


def _name_as_card(card: Card | None, folder: Path, back: WayBack | None) -> None:
    """The run gets the name of its card, if that says more than the settings do and the run has no other; after a way
    ``back`` with the rate that it goes on with: a card may be named after the one that diverged."""
    if card is None or card.title == title_of(card.spec):
        return
    try:
        had, then = read_about(folder)[0], f"{card.title}, then learning rate "
        if not had.name or (back is not None and (had.name == card.title or had.name.startswith(then))):
            write_about(folder, replace(had, name=card.title if back is None else f"{then}{short(back.rate)}"))
    except WorkbenchError:
        return  # it has the name of its folder; training itself says what is wrong there


def _start(number: int, place: Path, queue: Queue) -> Card:
    queue.count_in(number)
    return queue.started(number, place)


def _fail(number: int, words: str, queue: Queue) -> None:
    queue.count_in(number)
    queue.failed(number, words)


def _end(number: int, ended: RunEnded | None, counts: bool, queue: Queue) -> None:
    """What has become of a card; None: it waits and goes on later. ``counts``: the report is about it too."""
    if counts:
        queue.count_in(number)
    if ended is None:
        queue.put_back(number)
    else:
        queue.ended(number, ended)
