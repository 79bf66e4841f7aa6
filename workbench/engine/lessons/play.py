"""Playing a lesson: frames as it goes, then the conclusion with the measured number."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import number_text
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.lesson import BAND, MEASURED, Lesson
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import Quantity, Stage
from workbench.engine.lessons.run_cache import RunCache, StepLosses

#: The seeds that can be played.
SEEDS = range(2**31)


@dataclass(frozen=True)
class Finding:
    """A measured number as it is shown: ``text`` is the sentence, in which ``number`` and the band are written out; it
    says so if the number is not in its band.
    """

    measured: float
    number: str
    band: Band
    holds: bool
    text: str


@dataclass(frozen=True)
class Conclusion:
    """What has come of a lesson. ``main`` is the measured quantity, ``also`` what else belongs to the claim.

    ``picture`` is the last one, None if there was none. ``is_counter``: it is the counter-example that was played, with
    ``main`` alone. ``losses`` are those of the steps of its runs, ``data_marks`` those of the data of kept runs.
    """

    claim: int
    seed: int
    main: Finding
    also: tuple[Finding, ...]
    picture: Picture | None
    is_counter: bool
    losses: tuple[StepLosses, ...] = field(default=(), compare=False, repr=False)
    data_marks: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[float, ...]:
        """All measured numbers, the main one first."""
        return tuple(each.measured for each in (self.main, *self.also))

    @property
    def measured(self) -> float:
        """The measured number."""
        return self.main.measured

    @property
    def band(self) -> Band:
        """Where it lies if the claim holds."""
        return self.main.band

    @property
    def holds(self) -> bool:
        """Whether every number lies in its band."""
        return all(finding.holds for finding in (self.main, *self.also))

    @property
    def text(self) -> str:
        """The sentence about the measured number."""
        return self.main.text


#: A lesson that is played: frames, then the conclusion.
Playing = Generator[Frame, None, Conclusion]


def play(lesson: Lesson, seed: int = 0, counter: bool = False) -> Playing:
    """Play ``lesson``; with ``counter`` its counter-example. The same seed gives the same numbers to the last bit.

    Raises WorkbenchError for a seed that is none, and for a counter-example where there is none.
    """
    if seed not in SEEDS:
        raise WorkbenchError(f"A seed is a number from 0 to {number_text(SEEDS[-1])}, not {number_text(seed)}.")
    shown = lesson.countered() if counter else lesson
    yield Frame(0, 0, shown.question)
    last, trained = _Last(), RunCache()
    main = yield from _found(shown.quantity, shown.band, shown.conclusion, shown.stage(seed, trained), last)
    also = []
    for more in () if counter else shown.also:
        stage = shown.changed(more.edits).stage(seed, trained)
        also.append((yield from _found(more.quantity, more.band, more.conclusion, stage, _Last())))
    return Conclusion(
        lesson.number, seed, main, tuple(also), last.picture, counter, trained.losses(), trained.data_marks()
    )


class _Last:
    """The last picture of those that went by."""

    picture: Picture | None = None


def _found(quantity: Quantity, band: Band, sentence: str, stage: Stage, last: _Last) -> Generator[Frame, None, Finding]:
    measuring = quantity.measure(stage)
    try:
        while True:
            frame = next(measuring)
            last.picture = frame.picture or last.picture
            yield frame
    except StopIteration as end:
        return finding(quantity, band, sentence, end.value)
    finally:
        measuring.close()


def finding(quantity: Quantity, band: Band, sentence: str, measured: float) -> Finding:
    """What is said of ``measured``: the one place where a lesson's number becomes text."""
    number = quantity.text(measured)
    text = sentence.replace(MEASURED, number).replace(BAND, band.text)
    holds = band.holds(measured)
    return Finding(measured, number, band, holds, text if holds else f"Does not hold: {text}")
