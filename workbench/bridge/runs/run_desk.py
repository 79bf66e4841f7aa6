"""What can be done with kept runs: named, tagged, pinned, trained again, repeated, taken to the trash and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runs.disk_desk import DiskDesk
from workbench.bridge.runs.open_run import OpenRuns
from workbench.bridge.runs.path_desk import PathDesk
from workbench.bridge.runs.queue_desk import QueueDesk
from workbench.bridge.runs.queue_worker import QueueWorker
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.run_list import RunList
from workbench.bridge.runs.search_desk import SearchDesk
from workbench.bridge.runs.trash import Removal, to_trash
from workbench.bridge.session import Session
from workbench.bridge.setting_names import error_words
from workbench.bridge.threads.background import TaskFailure, Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import simply
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.run_store.finished_runs import started_at, title_of
from workbench.engine.run_store.resumable import edited_spec, resumable
from workbench.engine.shelf.about import About, read_about, write_about
from workbench.engine.shelf.cards import Card, new_card
from workbench.engine.shelf.compare import compare
from workbench.engine.shelf.noise import same_but_seed
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord, usual_name
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.diff import summary
from workbench.engine.spec.experiment import ExperimentSpec

#: As many runs with other seeds show how far seeds alone move a result.
SEEDS = 3


def with_typed(spec: ExperimentSpec, changes: Sequence[tuple[str, str]]) -> ExperimentSpec:
    """``spec`` with other values, as they were typed, at several paths. Raises SpecError."""
    for path, text in changes:
        spec = with_assigned(spec, *assigned(f"{path}={text}"))
    return spec


class RunDesk(QObject):
    """Acts on runs of ``runs``, and on ``session`` where one is trained. Lives in the GUI thread."""

    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"
    removed = Signal(object)  #: the Removal of runs that were taken to the trash
    beside_changed = Signal(object)  #: the runs that the page of the run that trains should draw beside it
    fork_asked = Signal(object, int)  #: a run, and the steps after which the user wants to branch it off
    train_wanted = Signal()  #: training begins: the page of the run that trains should be shown
    scene_wanted = Signal(object, str)  #: the folder of a run that should be a scene of the lesson plan, and its name
    queue_wanted = Signal()  #: the queue should be shown

    def __init__(
        self,
        session: Session,
        store_tasks: Tasks,
        parent: QObject | None = None,
        computing: Tasks | None = None,
        retracing: Tasks | None = None,
    ) -> None:
        """``computing`` takes work that needs the processor for long, which the list of runs must not wait for;
        ``retracing`` that which may take as long as a run.
        """
        super().__init__(parent)
        self._session, self._tasks = session, store_tasks
        self.runs = RunList(store_tasks, self)
        self.opened = OpenRuns(store_tasks, self)
        #: What differs between the runs of the last ``compare``: a Comparison.
        self.comparing = LatestRequest(store_tasks, "Comparing runs", self)
        self.disk = DiskDesk(store_tasks, self.runs, self)
        self.disk.told.connect(self.told)
        self._parent: RunRecord | None = None
        self._parent_had = ExperimentSpec()
        self._removal: Removal | None = None
        self.opened.opened.connect(self._show_parent)
        self.queue = QueueDesk(self)
        self.worker = QueueWorker(session, self.queue, store_tasks, self)
        self.race = RaceDesk(session, computing or store_tasks, self)
        self.path = PathDesk(retracing or store_tasks, self)
        self.race.told.connect(self.told)
        self.search = SearchDesk(session, computing or store_tasks, self)
        self.search.told.connect(self.told)
        self.search.ended.connect(self.runs.refresh)
        self.race.began.connect(self.runs.refresh)
        self.race.ended.connect(self.runs.refresh)
        session.began.connect(self._on_began)
        session.ended.connect(self.runs.refresh)

    @property
    def on_train_page(self) -> Path | None:
        """The folder of the run whose curves the Train page shows; None before the first one."""
        return Path(self._session.folder) if self._session.folder else None

    @property
    def name_on_train_page(self) -> str:
        """What names that run on the screen; empty before the first one."""
        folder = self.on_train_page
        if folder is None:
            return ""
        record = self.runs.record(folder)
        return record.shown_name if record is not None else self._name_unread(folder)

    def _name_unread(self, folder: Path) -> str:
        """The name of a run that the list has not read yet."""
        title = title_of(self._session.trained or self.form)
        try:
            return read_about(folder)[0].name or usual_name(started_at(folder), title)
        except OSError:
            return title  # the folder has gone

    @property
    def is_training(self) -> bool:
        """Whether a run is active; another one has to wait for its end."""
        return self._session.is_active

    def compare(self, records: Sequence[RunRecord]) -> None:
        """Compare ``records``, among all runs that are listed; ``comparing`` gets the answer."""
        among = self.runs.records
        self.comparing.ask((tuple(records), among), simply(lambda: compare(records, among)))

    # --- The user's words ---------------------------------------------------------------------------------------

    def rename(self, record: RunRecord, name: str) -> None:
        """Give the run a name; without one it has its usual one again."""
        self.change([record], lambda about: replace(about, name=_own(record, name)))

    def pin(self, records: Sequence[RunRecord], on: bool) -> None:
        """Keep runs at the top of the table, or no longer."""
        self.change(records, lambda about: replace(about, pinned=on))

    def hide(self, records: Sequence[RunRecord], on: bool) -> None:
        """Leave runs out of the table unless hidden ones are shown, or no longer."""
        self.change(records, lambda about: replace(about, hidden=on))

    def describe(self, record: RunRecord, name: str, tags: Sequence[str], note: str) -> RunRecord:
        """Set name, tags and note of a run; returns its record as it is then."""
        self.change([record], lambda about: replace(about, name=_own(record, name), tags=tuple(tags), note=note))
        return self.runs.record(record.folder) or record

    def change(self, records: Sequence[RunRecord], change: Callable[[About], About]) -> None:
        """Write what the user says of runs into their folders where it is new, and show it at once."""
        changed = {}
        for record in records:
            about = _cleaned(change(record.about))
            if about == record.about:
                continue
            try:
                write_about(record.folder, about)
            except WorkbenchError as error:
                self.told.emit(f"“{record.shown_name}” cannot be changed. {error.message}", "error")
                break
            changed[record.folder] = replace(record, about=about)
        if changed:
            self.runs.put(tuple(changed.get(record.folder, record) for record in self.runs.records))
            self.runs.refresh()

    # --- Training -----------------------------------------------------------------------------------------------

    def train_again(self, record: RunRecord) -> None:
        """Take over a run's settings, which can be undone, and train them, unless a run is active."""
        spec = self._spec_of(record)
        if spec is None:
            return
        self._session.store.load(spec)
        self.train_wanted.emit()
        if self._session.is_active:
            self.told.emit(
                f"The settings of “{record.shown_name}” are set. A run is still training: stop or restart it.", "info"
            )
        else:
            self._session.train()

    def go_on(self, record: RunRecord) -> None:
        """Go on with a run from its last kept state, in its own folder."""
        if self._session.is_active:
            self.told.emit("A run is still training: stop it first, then go on with this one.", "warning")
            return
        state = resumable(record.folder)
        if isinstance(state, str):
            self.told.emit(f"“{record.shown_name}”: {state}", "info")
            return
        try:
            self._session.go_on(record.folder)
        except WorkbenchError as error:
            self.told.emit(f"“{record.shown_name}” cannot go on. {error.message}", "error")
            return
        self.train_wanted.emit()

    def fork(self, record: RunRecord, step: int | None, changes: Sequence[tuple[str, str]]) -> str:
        """Branch off a run after ``step`` steps with changed settings, as typed; returns why not, empty if it begins.

        A run that is training is stopped first. The parent is drawn behind the fork.
        """
        try:
            had = edited_spec(record.folder, step)
            spec = with_typed(had, changes)
        except WorkbenchError as error:
            return error_words(self._session.store.spec, error)
        self._parent, self._parent_had = record, had
        self._session.fork(record.folder, step, spec)
        self.train_wanted.emit()
        return ""

    def ask_fork(self, folder: Path, step: int) -> None:
        """The user wants to branch off the run in ``folder`` after ``step`` steps; ``fork_asked`` follows."""
        task = self._tasks.submit("Reading the run", simply(lambda: (read_record(folder), step)))
        task.done.connect(self._on_fork_read)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_fork_read(self, found: tuple[RunRecord | None, int]) -> None:
        record, step = found
        if record is None:
            self.told.emit("The run is not in its folder any more.", "warning")
        else:
            self.fork_asked.emit(record, step)

    @Slot(object)
    def _on_began(self, _history: object) -> None:
        self.runs.refresh()
        parent = self._parent
        self._parent = parent if parent is not None and parent.folder == self._session.forked_from else None
        if self._parent is not None:
            self.opened.ask(self._parent)
            self._show_parent(self._parent.folder)

    @Slot(object)
    def _show_parent(self, folder: Path) -> None:
        """The run that was branched off, behind the one that trains."""
        parent = self._parent
        history = self.opened.history(parent) if parent is not None and parent.folder == folder else None
        if parent is not None and history is not None:
            self._session.ghost_changed.emit(history, self._parent_words(parent))
            self._parent = None

    def _parent_words(self, parent: RunRecord) -> str:
        """The user's name of the run that was branched off, and what it had at that step where the fork differs."""
        other = summary(self._parent_had, self._session.trained or self.form)
        return ": ".join(filter(None, (f"parent {parent.about.name}".strip(), other)))

    # --- The queue

    @property
    def form(self) -> ExperimentSpec:
        """The settings of the form as they are now."""
        return self._session.store.spec

    def add_current(self) -> None:
        """A card of the form's settings as they are now, unless something in it is wrong."""
        store = self._session.store
        store.settle()
        if store.input_errors:
            self.told.emit(f"No card was added. {store.reason()}", "error")
        else:
            self.queue.add_spec(store.spec)

    def use_settings(self, card: Card) -> None:
        """Take the settings of a card over into the form, which can be undone."""
        try:
            self._session.store.load(card.spec)
        except WorkbenchError as error:
            words = error_words(self._session.store.spec, error)
            self.told.emit(f"The settings of {card.title} are not all known here: {words}", "error")
            return
        self.train_wanted.emit()

    def repeat(self, record: RunRecord) -> None:
        """A card of the queue for each further seed, so that there will be ``SEEDS`` runs of these settings.

        The queue is switched on, unless it is off and other cards wait in it.
        """
        spec = self._spec_of(record)
        if spec is None:
            return
        key = same_but_seed(record)
        there = {r.seed for r in self.runs.records if r.status == "finished" and same_but_seed(r) == key}
        seeds = self._seeds(spec.loop.seed, there)
        if not seeds:
            self.told.emit(f"There are {SEEDS} finished runs of these settings already.", "info")
            return
        others = self.queue.waiting
        name = record.about.name or title_of(spec)
        if self.queue.add_cards([new_card(spec.edited("loop.seed", each), f"{name}, seed {each}") for each in seeds]):
            self._begin_repeat(seeds, others)

    def _begin_repeat(self, seeds: Sequence[int], others: int) -> None:
        added = f"{counted(len(seeds), 'card')} in the queue, with other seeds: {paths_text([*map(str, seeds)])}."
        if others and not self.worker.is_on:
            rest = counted(others, "other card waits", "other cards wait")
            self.told.emit(f"{added} The queue is off and {rest}: switch it on to train them all.", "info")
        else:
            self.told.emit(added, "info")
            self.worker.switch(True)
        self.queue_wanted.emit()

    @staticmethod
    def _seeds(first: int, there: set[int | None]) -> list[int]:
        missing = max(0, SEEDS - len(there))
        candidates = (first + by for by in range(SEEDS + len(there)))
        return [seed for seed in candidates if seed not in there][:missing]

    def _spec_of(self, record: RunRecord) -> ExperimentSpec | None:
        try:
            return record.spec
        except WorkbenchError as error:
            words = error_words(self._session.store.spec, error)
            self.told.emit(f"The settings of “{record.shown_name}” are not all known here: {words}", "error")
            return None

    # --- The trash ----------------------------------------------------------------------------------------------

    def remove(self, records: Sequence[RunRecord]) -> None:
        """Move runs to the system's trash; one that is being trained stays."""
        live = [record for record in records if record.is_live]
        if live:
            names = paths_text([record.shown_name for record in live])
            self.told.emit(f"Still being trained, so not moved to the trash: {names}.", "warning")
        chosen = [record for record in records if not record.is_live]
        if chosen:
            task = self._tasks.submit("Moving runs to the trash", simply(lambda: to_trash(chosen)))
            task.done.connect(self._on_removed)
            task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_removed(self, removal: Removal) -> None:
        gone = {trashed.folder for trashed in removal.trashed}
        self.runs.put(tuple(record for record in self.runs.records if record.folder not in gone))
        self.runs.refresh()
        self._removal = removal if removal.can_come_back else self._removal
        self.removed.emit(removal)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self.told.emit(failure.message, "error")
        self.runs.refresh()

    @property
    def can_undo_removal(self) -> bool:
        """Whether runs that were taken to the trash last can be put back from here."""
        return self._removal is not None and self._removal.can_come_back

    def undo_removal(self) -> None:
        """Put the runs back that were taken to the trash last, and say so."""
        if self._removal is not None and self._removal.can_come_back:
            self.told.emit(f"{self._removal.words} put back from the trash.", "info")
            self.bring_back(self._removal)

    def bring_back(self, removal: Removal) -> None:
        """Put runs back from the trash."""
        kept = [trashed.folder.name for trashed in removal.trashed if not trashed.bring_back()]
        self.runs.refresh()
        if kept:
            self.told.emit(f"Not put back, look for them in the system's trash: {paths_text(kept)}.", "error")


def _own(record: RunRecord, name: str) -> str:
    """The user's own name in what was typed; empty where it is one that the run has anyway."""
    return "" if name in (record.folder_name, record.usual_name) else name


def _cleaned(about: About) -> About:
    return About.of(about.name, about.tags, about.note, about.pinned, about.hidden)
