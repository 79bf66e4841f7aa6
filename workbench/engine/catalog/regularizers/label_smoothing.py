"""Label smoothing: the target probability of the true class is below 1 (Szegedy et al. 2016)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.regularizers.base import Regularizer
from workbench.engine.core.text import short


class LabelSmoothing(Regularizer):
    """The target of an example is 1 − share + share / K for its class and share / K for the other K − 1 classes."""

    kind: ClassVar[str] = "label_smoothing"
    title: ClassVar[str] = "Label smoothing"
    summary: ClassVar[str] = "Trains towards a probability a little below 1."
    order: ClassVar[int] = 80
    elementwise: ClassVar[bool] = True

    share: Annotated[
        float,
        Knob(
            "Smoothing",
            "The share of the target that is spread evenly over all classes; 0.1 is common. Without it the model is "
            "pushed to ever higher confidence in predictions that are already correct. It changes the loss that is "
            "minimized. The losses shown are the plain cross-entropy, in training as in validation, so the curves "
            "compare with those of other runs; they rise where the model is less confident, although its predictions "
            "may be as good: look at the accuracy.",
            low=0.0,
            high=0.9,
            search=(0.0, 0.3),
            live=True,
            lesson="Label smoothing keeps the model from becoming overconfident.",
        ),
    ] = 0.1

    def label_smoothing(self) -> float:
        return self.share

    def brief(self) -> str:
        return short(self.share)
