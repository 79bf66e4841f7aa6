"""What was predicted of a scene: the counts of the vote, the drawn curve, and what has come of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.text import counted, percent
from workbench.engine.lessons.drawn_curve import Agreement, agreement, drawn_line
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.play import Conclusion
from workbench.engine.lessons.predict import Predict
from workbench.engine.spec.editable import Editable

#: Maximum number of votes for one answer.
MOST_VOTES: Final = 9999


def _countable(votes: int) -> int:
    if not 0 <= votes <= MOST_VOTES:
        raise PydanticCustomError("votes", f"must be from 0 to {MOST_VOTES}")
    return votes


def _share(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise PydanticCustomError("share", "must be from 0 to 1")
    return value


Votes = Annotated[int, AfterValidator(_countable)]
Share = Annotated[float, AfterValidator(_share)]


class Prediction(Editable):
    """Counts for each answer, and the points of the drawn curve (see ``drawn_curve``). Nothing in it is a result."""

    votes: Annotated[tuple[Votes, ...], AsTuple] = ()
    curve: Annotated[tuple[Annotated[tuple[Share, Share], AsTuple], ...], AsTuple] = ()

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(here[0] >= after[0] for here, after in pairwise(self.curve)):
            raise PydanticCustomError("curve", "must have points from left to right")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether nothing was predicted."""
        return not any(self.votes) and not self.curve

    def with_votes(self, answer: int, votes: int) -> tuple[int, ...]:
        """The counts with ``votes`` for one answer, limited to what is allowed."""
        votes = min(max(0, votes), MOST_VOTES)
        return tuple(votes if place == answer else each for place, each in enumerate(self.votes))


def blank(predict: Predict) -> Prediction:
    """A prediction of nothing, with a place for each answer."""
    return Prediction(votes=(0,) * len(predict.answers))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of a prediction. ``right`` is the answer that was right, None if none was or there were none.

    ``agreement`` is how near the drawn curve is, None if none was drawn. ``is_voted``: there are answers, and votes.
    """

    right: int | None
    agreement: Agreement | None
    votes: tuple[int, ...]

    @property
    def is_voted(self) -> bool:
        """Whether anybody has voted."""
        return any(self.votes)

    @property
    def share_of_right(self) -> float:
        """Share of the votes for the right answer, from 0 to 1; 0 without votes."""
        total = sum(self.votes)
        return self.votes[self.right] / total if self.right is not None and total else 0.0

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence on the vote, and one on the curve."""
        said = []
        if self.is_voted:
            total = sum(self.votes)
            right = self.votes[self.right] if self.right is not None else 0
            said.append(
                f"{counted(right, 'vote')} of {total} for the right answer ({percent(self.share_of_right, 0)})."
                if self.right is not None
                else "None of the answers fits the measured number."
            )
        if self.agreement is not None:
            said.append(self.agreement.text)
        return tuple(said)


def outcome(predict: Predict, prediction: Prediction, conclusion: Conclusion) -> Outcome:
    """Compare a prediction with the conclusion of the scene."""
    measured = predict.curve.measured(conclusion.picture) if predict.curve is not None else None
    near = agreement(prediction.curve, predict.curve, measured) if predict.curve and measured is not None else None
    return Outcome(predict.right(conclusion.measured), near, prediction.votes)


def with_prediction(lesson: Lesson, picture: Picture, prediction: Prediction) -> Picture:
    """``picture`` with the drawn curve as one more line of its panel; the same picture if there is nothing to add."""
    curve = lesson.predict.curve if lesson.predict is not None else None
    drawn = drawn_line(prediction.curve, curve) if curve is not None else None
    if curve is None or drawn is None or curve.measured(picture) is None:
        return picture
    panel = picture.panels[curve.panel]
    panels = list(picture.panels)
    panels[curve.panel] = replace(panel, lines=(*panel.lines, drawn))
    return replace(picture, panels=tuple(panels))
