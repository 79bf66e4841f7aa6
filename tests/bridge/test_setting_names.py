"""The window names fields, the headless command paths: one place turns problems into sentences."""

from __future__ import annotations

import pytest

from workbench.bridge.setting_names import error_words, label_of, name_settings
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.lessons.lesson_file import FOLDER, read_lesson
from workbench.engine.spec.experiment import ExperimentSpec

SPEC = ExperimentSpec().edited("regularization", (Dropout(),))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "Experiment"),
        ("optimizer", "Optimizer"),
        ("optimizer.lr", "Optimizer, Learning rate"),
        ("regularization.0.p", "Regularization, Dropout, Drop probability"),
        ("regularization.3.p", "Regularization, entry 4, Drop probability"),  # of a file with a longer list
        ("data.source.folder", "Data, Data set, Folder"),  # the digits have none: a field of other data sets
        ("optimizer.betas.0", "Optimizer, betas, 0"),
        ("loop.what", "Run, what"),
        ("what.is.this", "what, is, this"),
    ],
)
def test_a_path_in_words(path: str, words: str) -> None:
    assert label_of(SPEC, path) == words


def test_every_problem_of_an_error_has_its_field() -> None:
    error = SpecError([Problem("loop.epochs", "must be at least 1"), Problem("", "This is no file.")])
    assert error_words(SPEC, error).splitlines() == ["Run, Epochs: must be at least 1", "This is no file."]
    assert str(error).startswith("loop.epochs: ")  # as the headless command prints it
    assert error_words(SPEC, WorkbenchError("No space is left.", "data.source")) == "No space is left."


def test_messages_of_the_engine_lose_their_paths() -> None:
    text = (
        "data.validation_fraction: must be below 1\noptimizer.lr comes too late.\nmodel: needs pictures\n"
        "A note: with a colon\nC:/x is missing: bring it\nmodel weights are new"
    )
    assert name_settings(SPEC, text).splitlines() == [
        "Data, Validation share: must be below 1",
        "Optimizer, Learning rate comes too late.",
        "Model: needs pictures",
        "A note: with a colon",
        "C:/x is missing: bring it",
        "model weights are new",
    ]


@pytest.mark.parametrize(
    ("number", "path", "words"),
    [
        (9, "experiment.model.hidden", "Model, Hidden sizes"),
        (7, "playground.racers.1.momentum", "Optimizers, Momentum, Momentum"),
        (7, "quantity.rule", "Rule"),
    ],
)
def test_in_a_lesson_only_what_can_be_set_has_a_name(number: int, path: str, words: str) -> None:
    """The parts of a lesson that hold settings are none themselves: a wrong entry there raised an exception."""
    (file,) = FOLDER.glob(f"{number:02}-*.toml")
    assert label_of(read_lesson(file), path) == words
