"""What the parts of an ensemble's loop share: the members, their mean curves, the progress and the channel."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.engine.ensemble.mean_curves import MeanCurves
from workbench.engine.ensemble.member import Member
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.state import Progress


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """``noun``: what a member is called. ``one_by_one``: why members are computed one after the other; empty if they
    are computed as one. The steps of ``progress`` are rounds in which a member has made a step."""

    members: list[Member]
    mean: MeanCurves
    progress: Progress
    channel: CommandChannel
    noun: str
    one_by_one: str

    @property
    def going(self) -> list[Member]:
        """Those that have neither ended nor failed."""
        return [member for member in self.members if member.is_going]

    @property
    def sound(self) -> list[Member]:
        """Those that have not failed."""
        return [member for member in self.members if not member.failed]

    @property
    def steps_per_epoch(self) -> int:
        """The most steps that a member makes in an epoch."""
        return max(member.context.batches.per_epoch for member in self.members)

    @property
    def parameters(self) -> int:
        """The numbers that all networks together learn."""
        return sum(member.context.network.parameters for member in self.members)
