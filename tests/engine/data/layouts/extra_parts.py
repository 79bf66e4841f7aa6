"""Folders beside the parts of a split, and parts whose pictures lie in no class folders but are named by class."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split

_TWO = {"cat": 7, "dog": 7}
_HANDS = ("paper", "rock", "scissors")


def _flat(train: str, held: str, names: tuple[str, ...], name: str, count: int = 1) -> Callable[[Path], None]:
    """Class folders in ``train``, and in ``held`` ``count`` pictures of each class alone, called ``name``."""

    def make(root: Path) -> None:
        for each in names:
            pictures(root, {f"{train}/{each}": 8}, f"{each}{{}}.png")
            pictures(root, {held: count}, name.replace("CLASS", each))

    return make


def _hands(root: Path) -> None:
    for each in _HANDS:
        pictures(root, {f"rps/rps/{each}": 8, f"rps-test-set/rps-test-set/{each}": 4})
        pictures(root, {"rps-validation/rps-validation": 3}, f"{each}{{}}.png")


LAYOUTS = (
    Layout(
        "two folders for the test",
        of({**split(5, 2), "test_seen/cat": 3, "test_seen/dog": 3, "test_unseen/cat": 4, "test_unseen/dog": 4}),
        _TWO,
        (10, 4, 0),
        refused="Their names say that they are for the test, beside another word",
        doubt="test_seen, test_unseen lie beside train, val",
        readings=(_TWO,) * 4,
    ),
    Layout(
        "a smaller folder for training beside that for training",
        of({**split(5, 2), "train_small/cat": 3, "train_small/dog": 3}),
        _TWO,
        (10, 4, 0),
        refused="Its name says that it is for training, as train is: it may hold the same pictures once more",
        doubt="train_small lies beside train, val",
        readings=(_TWO, {"cat": 10, "dog": 10}),
    ),
    Layout(
        "an empty new folder beside a copy",
        of({"Cat": 5, "Cat - Copy": 5, "Dog": 5, "New folder": 0}),
        {"Cat": 5, "Cat - Copy": 5, "Dog": 5},
        left_out=("New folder",),
        refused="named as the copy of another class",
        doubt="'Cat - Copy' of 'Cat'",
        readings=({"Cat": 5, "Dog": 5}, {"Cat": 5, "Cat - Copy": 5, "Dog": 5}),
    ),
    Layout(
        "a new folder in German, empty",
        of({"Hund": 5, "Katze": 5, "Neuer Ordner (2)": 0}),
        {"Hund": 5, "Katze": 5},
        (8, 2, 0),
        ("Neuer Ordner (2)",),
    ),
    Layout(
        "test pictures named by their class",
        _flat("train", "test", ("cat", "dog"), "CLASS.{}.png", 4),
        {"cat": 8, "dog": 8},
        (12, 4, 8),
    ),
    Layout(
        "one test picture of each letter",
        _flat("asl_train/asl_train", "asl_test/asl_test", ("A", "B", "nothing"), "CLASS_test.png"),
        {"A": 8, "B": 8, "nothing": 8},
        (18, 6, 3),
    ),
    Layout(
        "test pictures whose names say two classes",
        _flat("train", "test", ("cat", "dog"), "cat_vs_dog_CLASS.{}.png", 4),
        {"cat": 8, "dog": 8},
        (12, 4, 0),
        ("test",),
    ),
    Layout(
        "a folder without the words of the parts beside it, and one of them without class folders",
        _hands,
        dict.fromkeys(_HANDS, 11),
        (24, 9, 12),
    ),
    Layout("parts in Russian", of(split(5, 2, 2, ("обучение", "проверка", "тест"))), _TWO, (10, 4, 4)),
    Layout("parts in Korean", of(split(5, 2, 2, ("훈련", "검증", "시험"))), _TWO, (10, 4, 4)),
)
