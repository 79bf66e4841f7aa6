"""The difference between the loss curves in two parts: the regularization effect and the generalization gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import hypot, isfinite
from typing import Any, Final, Literal

from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Evaluated, Measured
from workbench.engine.core.text import decimal_text

#: The one name of the curve running loss − train loss: in the legend, in tables, in words.
RUNNING_GAP: Final = "running − train"
_EFFECT: Final = "regularization effect"
#: The same difference in a sentence where nothing random explains it.
_BEHIND: Final = "difference between running and measured train loss"


@dataclass(frozen=True, slots=True)
class LossGap:
    """The loss's two differences at one evaluation. Each margin is two standard errors.

    ``gap`` = val − train_eval, both measured alike. ``effect`` = running train − train_eval: what regularization,
    augmentation and the epoch's own progress add to the running loss (None before the first epoch has ended).
    ``is_random`` says whether anything random is on in training; without it the running loss is only behind.
    """

    gap: float
    margin: float
    gap_accuracy: float
    effect: float | None
    effect_margin: float
    is_random: bool = True

    @property
    def effect_name(self) -> str:
        """What the effect is called: with nothing random it is only how far a mean over the epoch is behind its end."""
        return _EFFECT if self.is_random else RUNNING_GAP

    @property
    def has_gap(self) -> bool:
        return abs(self.gap) > self.margin

    @property
    def larger(self) -> Literal["gap", "effect", "neither"]:
        """Which of the two is larger; "neither" if both lie within two standard errors of zero."""
        effect = abs(self.effect or 0.0)
        if not self.has_gap and effect <= self.effect_margin:
            return "neither"
        return "gap" if abs(self.gap) >= effect else "effect"

    @property
    def words(self) -> str:
        """Which is larger, as a sentence."""
        if self.effect is None:
            return f"Generalization gap {decimal_text(self.gap)} (± {decimal_text(self.margin)})."
        gap, effect = (
            f"generalization gap ({decimal_text(self.gap)})",
            f"{_EFFECT if self.is_random else _BEHIND} ({decimal_text(self.effect)})",
        )
        if self.larger == "neither":
            return f"The {gap} and the {effect} are both within ± 2 standard errors of zero."
        if self.effect < 0 and self.larger == "effect":
            return f"Running train is {decimal_text(-self.effect)} below the measured train loss; the {gap} is smaller."
        first, second = (gap, effect) if self.larger == "gap" else (effect, gap)
        return f"The {first} is larger than the {second}."


def split_of(epoch: Evaluated, is_random: bool = True) -> LossGap | None:
    """The two differences at an evaluation; None unless both splits were measured with finite losses."""
    train, val = epoch.train_eval, epoch.val
    if train is None or val is None or not (isfinite(train.loss) and isfinite(val.loss)):
        return None
    effect = None if epoch.running_loss is None else epoch.running_loss - train.loss
    gap_margin = margin(train, val)
    by_accuracy = train.accuracy - val.accuracy
    return LossGap(val.loss - train.loss, gap_margin, by_accuracy, effect, 2 * train.loss_se, is_random)


def trains_at_random(spec: Mapping[str, Any]) -> bool:
    """Whether a run of ``spec`` (plain data) has augmentation, or regularization that draws at every step."""
    members = members_of(Regularizer)
    kinds = [regularizer.get("kind") for regularizer in spec.get("regularization", ())]
    return bool(spec.get("augmentations")) or any(kind in members and members[kind].is_random for kind in kinds)


def margin(one: Measured, other: Measured) -> float:
    """Two standard errors of the difference of two mean losses."""
    return 2 * hypot(one.loss_se, other.loss_se)
