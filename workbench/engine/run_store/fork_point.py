"""Where a run can be branched off, found without loading torch: from a kept state, or by training again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped
from workbench.engine.run_store.checkpoints import FOLDER, NAMES
from workbench.engine.run_store.manifest import steps_of
from workbench.engine.run_store.resumable import has_state, started_as


@dataclass(frozen=True, slots=True)
class ForkPoint:
    """A fork after ``step`` steps; a state after ``kept`` steps is where it begins, 0: the first weights.

    None: a state is there, but an older program did not note of which step it is.
    """

    step: int
    kept: int | None

    @property
    def again(self) -> int:
        """The steps that are trained again; at most that many where the state's step is not known."""
        return self.step - (self.kept or 0)

    @property
    def words(self) -> str:
        """What happens before the fork begins, as a sentence."""
        if not self.step:
            return "Step 0: it begins with the weights before the first step."
        if self.kept == self.step:
            return f"A state was kept after step {grouped(self.step)}: the fork begins there at once."
        if self.kept is None:
            return f"It begins at a kept state and trains again up to step {grouped(self.step)}."
        again = f"{counted(self.again, 'step')} {'is' if self.again == 1 else 'are'} trained again"
        if not self.kept:
            return f"No state was kept before it: {again} from the start, to the same weights."
        return f"The last state before it was kept after step {grouped(self.kept)}: {again}, to the same weights."


def fork_point(folder: Path, step: int) -> ForkPoint | str:
    """How the run in ``folder`` is branched off after ``step`` steps, or a sentence why it cannot be."""
    steps = steps_of(folder)
    there = [steps[name] for name in NAMES if name in steps and (folder / FOLDER / name).is_file()]
    before = [kept for kept in there if kept <= step]
    if before:
        return ForkPoint(step, max(before))
    if not there and has_state(folder):
        return ForkPoint(step, None)
    try:
        started = started_as(folder)
    except WorkbenchError as error:
        return error.message
    if started is not None and started.parent:
        begins = f"It began after {counted(started.parent_step, 'step')} of {started.parent}, and no state before"
        return f"{begins} step {grouped(step)} was kept: fork that one instead."
    return ForkPoint(step, 0)
