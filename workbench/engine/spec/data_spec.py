"""The settings of the data: the source, and how its examples are split."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import Section
from workbench.engine.core.errors import Problem
from workbench.engine.spec.splitting import GroupBy, split_problems

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class DataSpec(Section):
    """Where the examples come from and how they are split."""

    source: Annotated[
        DataSource,
        Knob(
            "Data set",
            "The examples to learn from. Every data set works offline. Each example has one class. Not supported: "
            "several labels per picture, regression, boxes, masks, and pictures with more than three channels.",
        ),
    ] = Digits()
    validation_fraction: Annotated[
        float,
        Knob(
            "Validation share",
            "The share of the examples that is held back to measure what the model has not seen. "
            "The split keeps the proportion of each class.",
            low=0.0,
            high=0.9,
        ),
    ] = 0.2
    split_seed: Annotated[
        int,
        Knob(
            "Split seed",
            "Another number gives another random split into training and validation. "
            "Two runs with the same split seed are measured on the same examples.",
            low=0,
            high=2**31 - 1,
        ),
    ] = 0
    group_by: Annotated[
        GroupBy,
        Knob(
            "Groups",
            "Examples of one group (one patient, one film, one day) are never on both sides of a split. "
            "They are alike: if some train and others validate, the accuracy is too high for new groups. "
            "A picture without a group is a group of its own.",
            options={
                "auto": "the group column of a table, else none",
                "folder": "the folder of the picture below or above its class folder; one like patient_7 before others",
                "name": "a part of the picture's file name",
                "none": "each example is its own group",
            },
        ),
    ] = "auto"
    group_pattern: Annotated[
        str,
        Knob(
            "Part of the name",
            "Pictures with the same text before this sign are one group: _ makes patient7_0031.png belong to patient7. "
            "With parentheses it is a regular expression, and what it finds inside the first pair is the group, e.g. "
            "(patient\\d+). It is used if Groups is set to name.",
        ),
    ] = "_"
    folds: Annotated[
        int | None,
        Knob(
            "Folds",
            "Cross-validation: the examples are split into this many folds, and as many models are trained side by "
            "side, each validated on another fold. All begin with the same initial weights. The curves are the mean "
            "of the folds; the last message gives mean and standard deviation. Training takes this many times as long. "
            "The validation share is not used; a validation part that the data has is split into the folds too.",
            unit="folds",
            off="Off",
            low=2,
            high=20,
        ),
    ] = None
    fold: Annotated[
        int | None,
        Knob(
            "Only fold",
            "Train only the model that is validated on this fold, as an ordinary run. All: a model for each fold.",
            off="All",
            low=1,
            high=20,
        ),
    ] = None
    test_fraction: Annotated[
        float,
        Knob(
            "Test share",
            "The share of the examples that is held out and measured once, when training is complete, with the best "
            "weights. 0: the test part that the data has, if it has one. The program counts how often a test part "
            "was measured, since choosing settings by it makes it a second validation part.",
            low=0.0,
            high=0.9,
        ),
    ] = 0.0
    measure_test: Annotated[
        bool,
        Knob(
            "Measure the test part",
            "Measure the test part when training is complete. "
            "Switch it off while you still choose settings; the test part is held out either way.",
        ),
    ] = True
    examples_per_class: Annotated[
        int | None,
        Knob(
            "Examples per class",
            "At most this many training examples of each class are used. With few examples the effects of "
            "overfitting, augmentation and transfer learning are clearest; validation keeps all of its examples.",
            off="All",
            low=1,
            high=1_000_000,
        ),
    ] = None
    class_weights: Annotated[
        bool,
        Knob(
            "Class weights",
            "Gives every class the same weight in the loss, however few training examples it has. The whole loss "
            "of an example, label smoothing included, is multiplied by w = n / (K · n of its class): "
            "w · ((1 − s) · −log p of its class + s / K · the sum of −log p over the K classes), with s the smoothing. "
            "It helps where rare classes must not be missed; "
            "accuracy over all examples may fall. The losses shown stay unweighted, so that they can be compared.",
        ),
    ] = False

    @property
    def trains_all_folds(self) -> bool:
        """Whether a run trains a model for each fold, and not a single one."""
        return self.folds is not None and self.fold is None

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        """What cannot be combined; no data is loaded."""
        yield from split_problems(spec, path)
