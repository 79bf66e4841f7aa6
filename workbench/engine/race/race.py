"""A race: the runs of its racers, a step of each in turn, on one thread.

Each racer is a run like any other, with its folder, and gives the same bits as alone: weights, batches and masks are
functions of the seed, and nothing but the data is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Command,
    Edited,
    Evaluated,
    Event,
    Look,
    Looked,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.race_events import (
    AFTER_ROUND,
    AddRacer,
    Deed,
    DropRacer,
    EditRacer,
    RaceChange,
    RaceCommand,
)
from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.store import DataStore
from workbench.engine.race.spec import Racer, RaceSpec, named_apart
from workbench.engine.race.tape import RaceTape
from workbench.engine.race.track import Track
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.command_channel import EventStream, StopRequested

#: Begins the run of a racer: its number, its name and its settings. Called in the thread that trains.
MakeRun = Callable[[int, str, ExperimentSpec], Run]

_LATER = "This is done after the present round, when the race goes on."
_NOT_HERE = "This concerns one run; in a race it acts on a racer."


class Race:
    """``make_run`` begins the run of a racer; ``data`` is what its runs read from, each source once.

    Its rounds are its steps: in each every racer that is going, and not held, makes one.
    """

    def __init__(self, spec: RaceSpec, make_run: MakeRun, data: DataStore) -> None:
        """Raises SpecError for a race that cannot begin."""
        spec.refuse_problems()
        self._spec, self._make_run, self._data = spec, make_run, data
        self.tracks: list[Track] = []
        self.round = 0
        self._tape = RaceTape(spec.tape)
        self._racers = list(spec.racers)
        self._by_number: dict[int, Track] = {}
        #: Loaded data of the racers, kept in memory for racers that join later.
        self._held_data: dict[DataSource, Dataset] = {}
        self._is_between = False
        self._must_stop = self._is_stopping = False
        #: Commands that came within a round.
        self._waiting: list[RaceCommand] = []
        self._to_begin: list[Track] = []
        self._to_drop: list[tuple[Track, RaceChange]] = []

    @property
    def spec(self) -> RaceSpec:
        """The race so far, including the racers that joined and the live changes."""
        return replace(self._spec, racers=tuple(self._racers), tape=self._tape.all)

    def run(self) -> Run:
        """The events of the whole race; the last one is RunEnded."""
        try:
            try:
                yield from self._rounds()
            except StopRequested:
                yield from self._stop_all()
            yield self._ended()
        finally:
            for track in self.tracks:
                track.close()

    # --- rounds ----------------------------------------------------------------------------------------------------

    def _rounds(self) -> EventStream:
        yield from self._begin([self._entered(number) for number in self._spec.at_start])
        yield from self._between_rounds()
        while self._going:
            for track in self._racing():
                yield from self._until(track, Stepped)
            self.round += 1
            yield from self._between_rounds(Stepped(self.round))

    @property
    def _going(self) -> list[Track]:
        return [track for track in self.tracks if track.is_going]

    def _racing(self) -> list[Track]:
        """The racers that make a step in this round. If all remaining ones are held, all are resumed."""
        racing = [track for track in self._going if not track.is_held]
        if not racing:
            for track in self._going:
                track.is_held = False
        return racing or self._going

    def _until(self, track: Track, goal: type[Event] | tuple[type[Event], ...]) -> EventStream:
        """Pull ``track`` to its next event of the type ``goal``, or to its end."""
        while track.is_going:
            event = track.next()
            shown = track.shown(event)
            if shown is not None:
                yield from self._offer(shown)
            if isinstance(event, goal):
                return

    def _between_rounds(self, *events: Event) -> EventStream:
        """Send ``events``; then apply the due changes of the tape and the commands that came within the round."""
        self._is_between = True
        yield from self._offer(*events)
        for change in self._tape.due(self.round, self._step_of):
            if (played := self._played(change)) is not None:
                yield from self._offer(played)
        waiting, self._waiting = self._waiting, []
        for command in waiting:
            yield from self._offer(self._obeyed(command))
        self._is_between = False
        dropped, self._to_drop = self._to_drop, []
        for track, change in dropped:
            if change.measured:
                yield from self._until(track, Evaluated)
            track.ask_to_stop()
            yield from self._until(track, RunEnded)
        begun, self._to_begin = self._to_begin, []
        yield from self._begin(begun)

    # --- beginning -------------------------------------------------------------------------------------------------

    def _entered(self, number: int) -> Track:
        """A new track for the racer, which has not begun."""
        racer = self._racers[number]
        track = Track(number, racer, partial(self._make_run, number, racer.name, racer.spec(self._spec.base)))
        self.tracks.append(track)
        self._by_number[number] = track
        return track

    def _begin(self, tracks: Sequence[Track]) -> EventStream:
        """Begin runs, those on the same data one after the other: their data is read once."""
        sources = {track.number: track.racer.spec(self._spec.base).data.source for track in tracks}
        for source in dict.fromkeys(sources.values()):
            yield from self._read(source)
            for track in tracks:
                if sources[track.number] == source:
                    yield from self._until(track, RunStarted)

    def _read(self, source: DataSource) -> EventStream:
        """Load all of ``source`` and keep it in memory. Errors are left to the runs that need it, which report them."""
        if source in self._held_data:
            return
        loading = self._data.fresh(source)
        try:
            while True:
                try:
                    progress = next(loading)
                except StopIteration as done:
                    self._held_data[source] = done.value
                    return
                yield from self._offer(progress)
        except WorkbenchError:
            return
        finally:
            loading.close()

    # --- commands --------------------------------------------------------------------------------------------------

    def _offer(self, *events: Event) -> EventStream:
        """Yield ``events`` in turn, each followed by the answers to the commands that are sent back. Raises
        StopRequested after a Stop."""
        for event in events:
            said: Event | None = event
            while said is not None:
                command = yield said
                said = None if command is None else self._answer(command)
        if self._must_stop and not self._is_stopping:
            raise StopRequested

    def _answer(self, command: Command) -> Event | None:
        if isinstance(command, Stop):
            self._must_stop = True
            return None
        if isinstance(command, RaceCommand):
            if self._is_between and not self._is_stopping:
                return self._obeyed(command)
            self._waiting.append(command)
            return Notice(self.round, AFTER_ROUND, _LATER, "info")
        if isinstance(command, Look):
            return Looked(self.round)
        return Notice(self.round, "one_run_only", _NOT_HERE, "info")

    def _obeyed(self, command: RaceCommand) -> Event:
        """Execute a command between two rounds; returns the event that answers it."""
        if isinstance(command, AddRacer):
            return self._added(command)
        track = self._by_number.get(command.racer)
        if track is None or not track.is_going or any(track is each for each, _ in self._to_drop):
            return Notice(self.round, "no_racer", "This racer is no longer in the race; nothing was changed.")
        if isinstance(command, EditRacer):
            return self._edited(track, command.path, command.value)
        does: Deed = "drop" if isinstance(command, DropRacer) else "hold" if command.on else "go_on"
        return self._done(RaceChange(self.round, does, track.number, track.step))

    def _added(self, command: AddRacer) -> Event:
        """Add a racer; refused above the maximum number or with settings that cannot be trained."""
        racer = Racer.of(command.name, command.settings)
        racer = replace(racer, name=named_apart([each.name for each in self._racers], racer.name or "Racer"))
        found = replace(self._spec, racers=(*self._racers, racer), tape=()).problems()
        if found:
            return Notice(self.round, "racer_refused", str(found[0]))
        self._racers.append(racer)
        return self._done(RaceChange(self.round, "add", len(self._racers) - 1))

    def _edited(self, track: Track, path: str, value: object) -> Event:
        said = track.edit(path, value)
        if isinstance(said, Edited):
            self._tape.record(RaceChange(self.round, "edit", track.number, track.step, path, value))
        return track.shown(said) or Looked(self.round)

    def _played(self, change: RaceChange) -> Event | None:
        """Replay a change of the tape; None where it is of a racer that is not there, or joins once more."""
        if change.does == "add":
            return self._done(change) if change.racer not in self._by_number else None
        track = self._by_number.get(change.racer)
        if track is None or not track.is_going:
            return None
        if change.does == "edit":
            return self._edited(track, change.path, change.value)
        return self._done(change)

    def _done(self, change: RaceChange) -> RaceChange:
        """Apply and record a change other than an edit."""
        if change.does == "add":
            self._to_begin.append(self._entered(change.racer))
        else:
            track = self._by_number[change.racer]
            if change.does in ("drop", "stop"):
                self._to_drop.append((track, change))
            else:
                track.is_held = change.does == "hold"
        return self._tape.record(change)

    def _step_of(self, racer: int) -> int | None:
        track = self._by_number.get(racer)
        return track.step if track is not None and track.is_going else None

    # --- the end ---------------------------------------------------------------------------------------------------

    def _stop_all(self) -> EventStream:
        """Let every racer save and end."""
        self._is_stopping = True
        for track in self._going:
            change = RaceChange(self.round, "stop", track.number, track.step, measured=track.is_measured)
            self._tape.record(change)
            track.ask_to_stop()
            yield from self._until(track, RunEnded)

    def _ended(self) -> RunEnded:
        ends = [track.ended for track in self.tracks if track.ended is not None]
        if ends and all(end.reason == "failed" for end in ends):
            return RunEnded("failed", self.round, 0, 0.0, f"No racer has reached its end. {ends[0].message}")
        failed = [track.racer.name for track in self.tracks if track.has_failed]
        head = "Stopped" if self._is_stopping else "Finished"
        words = f"{head}: a race of {counted(len(self.tracks), 'racer')}, {counted(self.round, 'round')}."
        lost = f" Diverged or failed: {paths_text(failed)}." if failed else ""
        seconds = sum(end.seconds for end in ends)
        return RunEnded("stopped" if self._is_stopping else "completed", self.round, 0, seconds, words + lost)
