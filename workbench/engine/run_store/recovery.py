"""A run that has diverged goes back to its last good state with a lower learning rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.engine.core.events import RunEnded
from workbench.engine.core.text import grouped, short, significant
from workbench.engine.run_store.checkpoints import BEST, FOLDER, GOOD, PREVIOUS
from workbench.engine.run_store.manifest import steps_of
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import edited_spec
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Resume
from workbench.engine.spec.experiment import ExperimentSpec

#: How often a run without a window goes back by itself.
MOST: Final = 3
_RATE: Final = "optimizer.lr"


@dataclass(frozen=True, slots=True)
class WayBack:
    """Back to the state of the run in ``path`` after ``step`` steps, and on from there at the learning rate ``rate``.

    ``settings`` are those that it then goes on with.
    """

    path: Path
    step: int
    rate: float
    settings: ExperimentSpec

    @property
    def words(self) -> str:
        """For a button: ``Back to step 230 with learning rate 0.01``."""
        return f"Back to step {grouped(self.step)} with {rate_words(self.settings)}"

    def said_in(self, ended: RunEnded) -> RunEnded:
        """``ended`` with a sentence about this way back, for a list of what became of runs."""
        words = f"It had diverged and went b{self.words[1:]}."
        return replace(ended, message=f"{ended.message.rstrip('.')}. {words}")

    def reopened(self) -> tuple[ExperimentSpec, RunFolder, Resume]:
        """What ``train`` needs for it. Live changes made after that step are not made again. Raises WorkbenchError."""
        spec, folder, start = reopened(self.path, [(_RATE, self.rate)], "good")
        return spec, folder, replace(start, replays=False)


def way_back(path: Path) -> WayBack | None:
    """The way back for the run in ``path``, which has diverged; None if nothing good was kept of it.

    The rate is lower than that at the step: what was raised after it is not part of it. There is no way back where the
    members of an ensemble have rates of their own. Raises WorkbenchError if its log cannot be read.
    """
    steps = steps_of(path)
    there = [steps[name] for name in (GOOD, BEST, PREVIOUS) if name in steps and (path / FOLDER / name).is_file()]
    if not there:
        return None
    spec = edited_spec(path, there[0] + 1)  # a change at the step itself was made by an earlier way back
    rate = lower_rate(spec)
    return WayBack(path, there[0], rate, spec.edited(_RATE, rate)) if rate is not None else None


def lower_rate(spec: ExperimentSpec) -> float | None:
    """The learning rate after a divergence with the settings ``spec``: a tenth, or the optimizer's default where that
    is smaller; a tenth of a rate that is wrong by powers of ten would diverge again. None where the members of an
    ensemble have rates of their own."""
    if _RATE in getattr(spec.ensemble, "differs", ""):
        return None
    return min(significant(spec.optimizer.lr / 10, 2), _default_rate(spec))


def rate_words(spec: ExperimentSpec) -> str:
    """``learning rate 0.01``; it is said where that is the optimizer's default."""
    rate = spec.optimizer.lr
    return f"learning rate {short(rate)}{', the default' if rate == _default_rate(spec) else ''}"


def _default_rate(spec: ExperimentSpec) -> float:
    """That of the default experiment where it has the same optimizer, else that of the optimizer."""
    usual = ExperimentSpec().optimizer
    return usual.lr if type(usual) is type(spec.optimizer) else type(spec.optimizer)().lr
