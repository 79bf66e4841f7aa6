"""The rounds of an ensemble: a step of each member in turn. Edits and other events wait for the end of a round."""

from __future__ import annotations

from workbench.engine.core.events import Edit, EvalProgress, Evaluated, Event, Notice, RunEnded, Stepped
from workbench.engine.ensemble.member import Member
from workbench.engine.ensemble.passed_on import passed_on
from workbench.engine.ensemble.shared import Shared
from workbench.engine.ensemble.stacked import Stack
from workbench.engine.training.command_channel import EventStream


class Rounds:
    """Advances the members. ``done`` is the number of whole rounds; ``stack`` computes the members as one."""

    def __init__(self, shared: Shared, stack: Stack | None) -> None:
        self._shared, self._stack = shared, stack
        self.done = 0
        self._pending: list[Event] = []

    def one(self, waiting: list[Member]) -> EventStream:
        """Each waiting member in turn: a step, or an evaluation. Its other events come afterwards."""
        for member in waiting:
            if member.rounds <= self.done:  # else it has had its turn: restored within a round
                yield from self._advance(member)
        self._count()
        stepped = any(member.stepped == self.done for member in self._shared.members)
        yield from self._offer_pending(*([Stepped(self._shared.progress.step)] if stepped else []))

    def stop(self) -> EventStream:
        """Let every member end. A round that some of them have not finished is not counted: a restored run goes on in
        it."""
        going = self._shared.going
        for member in going:
            member.stop()
            while member.is_going:
                yield from self._advance(member)
        if going and not any(member.was_cut(self.done) for member in self._shared.members):
            self._count()
        yield from self._offer_pending()

    def restored(self, done: int) -> None:
        """Go on after ``done`` rounds with the members as they have been restored."""
        self.done = done
        if self._stack is not None:
            self._stack.gather(without=[k for k, member in enumerate(self._shared.members) if not member.is_going])

    def _offer_pending(self, *more: Event) -> EventStream:
        """Send the members' events of the round, then ``more``; then obey what was held back."""
        channel = self._shared.channel
        pending, self._pending = self._pending, []
        yield from channel.offer(*pending, *more)
        if channel.held:
            yield from channel.obey_held()

    def _count(self) -> None:
        """One step more if a member has made one; the last row of a run whose members have all failed shows it."""
        shared = self._shared
        self.done += 1
        if any(member.stepped == self.done for member in shared.members):
            shared.progress.step += 1
            shared.mean.step([member.row for member in shared.sound])
        elif not shared.sound:
            shared.mean.step([member.row for member in shared.members])

    def _advance(self, member: Member) -> EventStream:
        """To the member's next step, evaluation or end. An edit waits for the end of the round, so that it acts at the
        same step in all members."""
        while True:
            event = member.next()
            if isinstance(event, (Stepped, Evaluated)):
                member.had_its_turn(self.done + 1)
                return
            if isinstance(event, RunEnded):
                self._take_out(member)
                return
            if isinstance(event, EvalProgress):
                yield from self._shared.channel.offer(event, later=(Edit,))
            else:
                self._pending += passed_on(event, member.number, self._shared.noun)

    def _take_out(self, member: Member) -> None:
        if self._stack is not None:
            self._stack.leave(member.number - 1)
        if member.failed:
            why = member.ended.message if member.ended is not None and member.ended.code != "diverged" else ""
            words = f"{self._shared.noun} {member.number} has failed and is left out from here on. {why}".strip()
            self._pending.append(Notice(self._shared.progress.step, "ensemble", words, "warning"))
