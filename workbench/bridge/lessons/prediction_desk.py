"""What a class predicts of the scene on the stage, before it is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.settings_store import SettingsStore
from workbench.engine.lessons.drawn_curve import Point, Points, with_point, with_stroke, without_point
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.play import Conclusion
from workbench.engine.lessons.predict import Predict
from workbench.engine.lessons.prediction import Outcome, Prediction, blank, outcome, with_prediction


@dataclass
class _Kept:
    """What belongs to one scene: its prediction with undo, whether it was revealed, and what came of it."""

    store: SettingsStore[Prediction]
    is_revealed: bool = False
    conclusion: Conclusion | None = None


class PredictionDesk(QObject):
    """Lives in the GUI thread. With ``is_on`` a scene that has something to predict waits until ``reveal``.

    The prediction of each scene is kept while others are on the stage, and when it is played again.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_on = False
        self._lesson: Lesson | None = None
        self._kept: dict[str, _Kept] = {}  # by title: a plan numbers its scenes anew when they are arranged
        self._at_start: Points = ()
        #: A picture, a prediction, and the overlay of both, cached: the same picture is shown repeatedly.
        self._over: tuple[Picture, Prediction, Picture] | None = None

    # --- What there is ------------------------------------------------------------------------------------------

    @property
    def predict(self) -> Predict | None:
        """What can be predicted of the scene; None if nothing can."""
        return self._lesson.predict if self._lesson is not None else None

    @property
    def store(self) -> SettingsStore[Prediction] | None:
        """The prediction of the scene, with undo; None if nothing can be predicted."""
        kept = self._here()
        return kept.store if kept is not None else None

    @property
    def prediction(self) -> Prediction:
        """What was predicted of the scene."""
        store = self.store
        return store.spec if store is not None else Prediction()

    @property
    def is_holding(self) -> bool:
        """Whether the scene waits for predictions."""
        kept = self._here()
        return self.is_on and kept is not None and not kept.is_revealed

    @property
    def is_shown(self) -> bool:
        """Whether there is something of it to be seen: it waits, or something was predicted."""
        return self.is_on and (self.is_holding or not self.prediction.is_empty)

    @property
    def has_sketch(self) -> bool:
        """Whether the scene waits for a curve to be drawn."""
        return self.is_holding and self.predict is not None and self.predict.curve is not None

    @property
    def outcome(self) -> Outcome | None:
        """What has come of the prediction when the scene was last played as it is; None before."""
        kept, predict = self._here(), self.predict
        if kept is None or predict is None or not kept.is_revealed or kept.conclusion is None:
            return None
        return outcome(predict, self.prediction, kept.conclusion)

    def over(self, picture: Picture | None) -> Picture | None:
        """``picture`` of the scene with the drawn curve over it."""
        if self._lesson is None or picture is None or not self.is_on or self.is_holding:
            return picture
        if self._over is None or self._over[0] is not picture or self._over[1] is not self.prediction:
            self._over = picture, self.prediction, with_prediction(self._lesson, picture, self.prediction)
        return self._over[2]

    def _here(self) -> _Kept | None:
        return self._kept.get(self._lesson.title) if self._lesson is not None and self._lesson.predict else None

    # --- The scene ----------------------------------------------------------------------------------------------

    def begin(self, lesson: Lesson) -> None:
        """``lesson`` is on the stage now."""
        self._lesson = lesson
        kept = self._kept.get(lesson.title)
        if lesson.predict is not None and (kept is None or len(kept.store.spec.votes) != len(lesson.predict.answers)):
            store = SettingsStore(blank(lesson.predict), self)
            store.changed.connect(self._on_store)
            self._kept[lesson.title] = _Kept(store)
        self.changed.emit()

    def set_on(self, on: bool) -> None:
        """Whether scenes wait for predictions. One that was skipped waits again."""
        self.is_on = on
        kept = self._here()
        if on and kept is not None and kept.store.spec.is_empty:
            kept.is_revealed = False
        self.changed.emit()

    def reveal(self) -> None:
        """The scene waits no longer."""
        kept = self._here()
        if kept is not None and self.is_on and not kept.is_revealed:
            kept.is_revealed = True
            self.changed.emit()

    def hold_again(self) -> None:
        """The scene waits once more; votes and curve are as they were."""
        kept = self._here()
        if kept is not None:
            kept.is_revealed, kept.conclusion = False, None
            self.changed.emit()

    def conclude(self, conclusion: Conclusion) -> None:
        """Compare the prediction with the conclusion of the scene; that of its counter-example is none of it."""
        kept = self._here()
        if kept is not None and kept.conclusion is not conclusion and not conclusion.is_counter:
            kept.conclusion = conclusion
            self.changed.emit()

    # --- Predicting ---------------------------------------------------------------------------------------------

    def vote(self, answer: int, by: int = 1) -> None:
        """Add votes to an answer, or take some back with a negative number; an answer that is none is left."""
        if self.is_holding and 0 <= answer < len(self.prediction.votes):
            self._edit("votes", self.prediction.with_votes(answer, self.prediction.votes[answer] + by))

    def set_votes(self, answer: int, votes: int) -> None:
        """The count of one answer."""
        if self.is_holding:
            self._edit("votes", self.prediction.with_votes(answer, votes))

    def begin_stroke(self, at: Point) -> None:
        """The mouse was pressed at a place of the axes (shares from 0 to 1): a stroke begins, with one undo entry."""
        self._at_start = self.prediction.curve
        self._edit("curve", with_stroke(self._at_start, [at]))

    def stroke(self, places: Sequence[Point]) -> None:
        """All points of the stroke so far."""
        self._edit("curve", with_stroke(self._at_start, places), merge=True)

    def put_point(self, x: float, y: float) -> None:
        """A point of the curve, set by the keyboard."""
        self._edit("curve", with_point(self.prediction.curve, x, y))

    def remove_point(self, x: float) -> None:
        """Take away the point at ``x``."""
        self._edit("curve", without_point(self.prediction.curve, x))

    @Slot()
    def undo(self) -> None:
        """Take back the last vote, count or stroke."""
        if self.is_holding and self.store is not None:
            self.store.undo()

    @Slot()
    def clear(self) -> None:
        """No votes and no curve; that can be undone."""
        store, predict = self.store, self.predict
        if self.is_holding and store is not None and predict is not None:
            nothing = blank(predict)
            store.edit_all({"votes": nothing.votes, "curve": nothing.curve})

    def _edit(self, path: str, value: object, merge: bool = False) -> None:
        if self.is_holding and self.store is not None:
            self.store.edit(path, value, merge)

    @Slot(object)
    def _on_store(self, _prediction: object) -> None:
        self.changed.emit()
