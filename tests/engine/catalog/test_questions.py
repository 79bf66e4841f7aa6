"""The questions that were asked in the lecture: each answer is a sentence in some field's help."""

from __future__ import annotations

import pytest
from pydantic.fields import FieldInfo

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.averages import Average
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.ensembles import Ensemble
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.variant import members_of
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec

FAMILIES = (
    Activation, Augmentation, Average, DataSource, Ensemble, Initialization, Model, Optimizer, Preprocessing,
    Regularizer, Schedule,
)  # fmt: skip

#: Question: (the field whose help answers it, a part of the sentence).
ANSWERS = {
    "a good start for the velocity": ("momentum.momentum", "starts at zero"),
    "decay with Adam": ("adam.lr", "a little less common with Adam"),
    "a small rate and more epochs": ("adam.lr", "may take a very long time"),
    "a small rate and local optima": ("adam.lr", "gets stuck in local optima"),
    "where dropout goes": ("dropout.conv", "more common after fully connected layers"),
    "what dropout zeroes": ("dropout.p", "It zeroes activations"),
    "the gradient under dropout": ("dropout.p", "Gradients flow only through the units that were kept"),
    "whether one optimum moves with another": ("experiment.note", "can change when another is changed"),
    "how many settings at a time": ("experiment.note", "at most about four settings at a time"),
    "the same hyperparameters in an ensemble": ("independent.differs", "need not be the same in an ensemble"),
    "an optimal gap": ("loop.patience", "the best validation score, not a small gap"),
    "the small constant": ("adam.eps", "avoids division by zero"),
    "the first moment is small as well": ("adam_uncorrected.beta2", "sometimes the two cancel"),
}


def helps() -> dict[str, str]:
    """The help of every field, by the kind of its class and its name."""
    classes = {kind: cls for family in FAMILIES for kind, cls in members_of(family).items()}
    classes |= {"experiment": ExperimentSpec, "loop": LoopSpec, "data": DataSpec}
    return {
        f"{kind}.{name}": knob.help
        for kind, cls in classes.items()
        for name, info in cls.model_fields.items()
        for knob in knobs_of(info)
    }


def knobs_of(info: FieldInfo) -> list[Knob]:
    return [each for each in info.metadata if isinstance(each, Knob)]


@pytest.mark.parametrize("question", ANSWERS)
def test_each_question_is_answered_in_a_fields_help(question: str) -> None:
    field, words = ANSWERS[question]
    assert words in helps()[field]
