"""What the banner above the plots says: news of the run, errors of the program, suggestions that were followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from workbench.bridge.process.crash import UncaughtError
from workbench.bridge.services import Services
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Event, Notice, Resumed, RunEnded
from workbench.engine.core.text import grouped
from workbench.engine.report.suggestions import Suggestion
from workbench.engine.run_store.recovery import WayBack, lower_rate, rate_words
from workbench.engine.spec.diff import differences
from workbench.engine.training.accumulation import more_parts, part_size
from workbench.views.data.check_desk import CheckDesk
from workbench.views.widgets.banner import Banner, Offer, Severity


class Messages(QObject):
    """Turns events into sentences with buttons. Each method is a slot; ``Workspace`` connects them."""

    def __init__(self, services: Services, banner: Banner, checks: CheckDesk) -> None:
        super().__init__(banner)
        self._session, self._store = services.session, services.store
        self._banner, self._checks, self._keep_run = banner, checks, services.keep_run
        self._keep_run.kept.connect(self.show_kept)
        self._keep_run.failed.connect(self._offer_again)
        self._way_back, self._back = services.way_back, tuple[Offer, ...]()
        self._way_back.found.connect(self._offer_way_back)
        self._diverged: Notice | RunEnded | None = None  # what the way back that is looked for belongs to

    @Slot(object)
    def clear_for_run(self, history: object) -> None:
        """A run begins: old messages go, but what to look at in a preset is needed while it trains."""
        self._back = ()
        if self._banner.code != "preset":
            self._banner.clear()

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Say what the run noticed; a diverged run can be stopped or restarted from here."""
        offers: tuple[Offer, ...] = ()
        if notice.code == "diverged":
            ways = (*self._back, *self._lower_rate()) if self._session.is_of_form else ()
            offers = (*ways, Offer("Stop", self._session.stop))
            if self._session.is_of_form:
                self._look_for_way_back(notice)
        self._banner.say(self._store.named(notice.message), notice.severity, offers, notice.code)

    @Slot(object)
    def show_resumed(self, events: Sequence[Event]) -> None:
        """A run goes on: from where, what its proof has shown, and what is not as it was."""
        for event in events:
            if isinstance(event, Resumed):
                self._banner.say(event.words, "warning" if event.proof == "differs" else "info", code="resumed")

    @Slot(object)
    def show_end(self, ended: RunEnded) -> None:
        """Say why a run failed or was not kept, with ways out as buttons."""
        self._banner.retract("diverged")
        self._banner.retract("save_failed")
        if ended.reason != "failed" and not ended.not_kept:
            return
        if ended.code == "diverged" and self._session.is_of_form:
            self._look_for_way_back(ended)
        words, ways_out = self._store.named(ended.message), self._checks.ways_out(ended.path)
        offers = (*self._another_place(ended), *ways_out, *self._another_run(ended))
        self._banner.say_error(words, "" if ways_out else ended.details, "failed", offers)

    def _another_place(self, ended: RunEnded) -> tuple[Offer, ...]:
        return (Offer("Keep it in another folder…", self.keep_elsewhere),) if ended.not_kept else ()

    def _another_run(self, ended: RunEnded) -> tuple[Offer, ...]:
        """A run that avoids the cause of the failure; not of a card, whose settings are not those of the form."""
        if not self._session.is_of_form:
            return ()
        if ended.code == "diverged":
            return *self._back, *self._lower_rate()
        loop = self._store.spec.loop
        parts = more_parts(loop.batch_size, loop.accumulate)
        if ended.code != "out_of_memory" or parts is None:
            return ()
        words = f"Train again with batch {grouped(part_size(loop.batch_size, parts))} × {grouped(parts)}"
        return (self._restart(words, {"loop.batch_size": loop.batch_size, "loop.accumulate": parts}),)

    @Slot()
    def keep_elsewhere(self) -> None:
        """Ask for a folder, and keep the last run there."""
        chosen = QFileDialog.getExistingDirectory(self._banner, "Keep the run in another folder")
        if chosen:
            self._keep_run.keep_in(Path(chosen))
        else:
            self._offer_again("The run is not kept yet.")

    @Slot(str)
    def show_kept(self, folder: str) -> None:
        """The run is kept in the folder that was chosen."""
        self._banner.say(f"The run is kept in {folder}.", "info", code="kept")

    @Slot(str)
    def _offer_again(self, trouble: str) -> None:
        offer = Offer("Keep it in another folder…", self.keep_elsewhere)
        self._banner.say(f"{trouble} It is still in memory.", "error", (offer,), "failed")

    @Slot()
    def retract_failure(self) -> None:
        """What the last run failed for is no longer so."""
        self._banner.retract("failed")

    @Slot(object)
    def show_crash(self, trouble: UncaughtError) -> None:
        """An exception that nothing caught: the program goes on."""
        text = f"An internal error occurred; the program keeps running. ({trouble.message})"
        self._banner.say_error(text, trouble.details, "trouble")

    @Slot(str, str)
    def show_steering(self, message: str, severity: Severity) -> None:
        """Say what became of a change of the learning rate by hand."""
        self._banner.say(message, severity, code="steering")

    @Slot(object)
    def follow(self, suggestion: Suggestion) -> None:
        """Change the setting that the insight suggests, and offer to restart where the run cannot take it over."""
        spec = self._store.spec
        before = spec.at(suggestion.path)
        try:
            self._store.edit(suggestion.path, suggestion.value)
        except SpecError as error:
            self._banner.say(self._store.words_of(error), "warning")
            return
        changed = ", ".join(f"{each.label} {each.old} → {each.new}" for each in differences(spec, self._store.spec))
        offers: tuple[Offer, ...] = (Offer("Undo", partial(self._put_back, suggestion.path, before)),)
        if self._store.waits_for_next_run(suggestion.path):
            offers = (self._restart("Restart with this", {suggestion.path: suggestion.value}), *offers)
        elif suggestion.step is not None and self._session.can_fork:
            offers = (Offer("Try it in a fork", partial(self._fork, suggestion, suggestion.step)), *offers)
        self._banner.say(f"Set: {changed or suggestion.words}.", "info", offers)

    def _fork(self, suggestion: Suggestion, step: int) -> None:
        """Train on from ``step`` of the last run with that one setting changed: both futures on the same batches."""
        try:
            self._session.fork_with(suggestion.path, suggestion.value, step)
        except WorkbenchError as error:
            self._banner.say(self._store.named(error.message), "warning")

    def _put_back(self, path: str, before: object) -> None:
        try:
            self._store.edit(path, before)
        except SpecError as error:  # the setting has gone with another choice
            self._banner.say(self._store.words_of(error), "warning")

    def _look_for_way_back(self, said: Notice | RunEnded) -> None:
        """Look for the last good state of the run that has diverged, in the background."""
        if not self._back:
            self._diverged = said
            self._way_back.look()

    @Slot(object)
    def _offer_way_back(self, back: WayBack) -> None:
        """Say the divergence again, with the way back as its first button."""
        said, self._diverged = self._diverged, None
        self._back = (Offer(back.words, partial(self._session.go_back, back)),)
        if isinstance(said, Notice) and self._banner.code == "diverged":
            self.show_notice(said)
        elif isinstance(said, RunEnded) and self._banner.code == "failed":
            self.show_end(said)

    @Slot(int, bool)
    def show_went_back(self, step: int, is_oldest: bool) -> None:
        """The run is at an earlier step: what was said of later ones is no longer so."""
        self._back = ()
        self._banner.retract("diverged")
        if is_oldest:
            self._banner.say(f"Back at step {grouped(step)}: no older state is kept.", "info", code="went_back")

    def _lower_rate(self) -> tuple[Offer, ...]:
        rate = lower_rate(self._store.spec)
        if rate is None:
            return ()
        words = rate_words(self._store.spec.edited("optimizer.lr", rate))
        return (self._restart(f"Restart with {words}", {"optimizer.lr": rate}),)

    def _restart(self, words: str, changes: Mapping[str, object]) -> Offer:
        """A button whose words stay true: it sets what they say, whatever the form says by then."""
        return Offer(words, partial(self._restart_with, changes))

    def _restart_with(self, changes: Mapping[str, object]) -> None:
        try:
            self._session.restart_with(changes)
        except SpecError as error:  # the setting has gone with another choice
            self._banner.say(self._store.words_of(error), "warning")
