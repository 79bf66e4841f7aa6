"""Names of folders that mean a part of a split, and names that only look like one."""

from __future__ import annotations

import pytest

from workbench.engine.pictures.part_names import is_fold, parts_of

T, V, E = "train", "validation", "test"


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("train", "validation", "test"), (T, V, E)),
        (("TRAIN", "Valid", "TEST"), (T, V, E)),
        (("training_set", "test_set", "single_prediction"), (T, E, None)),
        (("seg_train", "seg_test", "seg_pred"), (T, E, None)),
        (("Training", "dev", "Testing"), (T, V, E)),
        (("train2017", "val2017", "test1"), (T, V, E)),
        (("trainset", "valset", "testset"), (T, V, E)),
        (("train_images", "val-images", "TestData"), (T, V, E)),
        (("train", "eval"), (T, V)),
        (("training", "validation", "evaluation"), (T, V, E)),
        (("train", "train_small", "valid"), (T, None, V)),
        (("train_mini", "val"), (T, V)),
        (("train_mini", "train_small", "val"), (None, None, V)),
        (("train station", "test tube", "airport"), (None, None, None)),
        (("bullet train", "plane"), (None, None)),
        (("cat", "dog", "Tests passed and trained"), (None, None, None)),
        (("Übung", "テスト"), (None, E)),
        (("Trainingsdaten", "Validierungsdaten", "Testdaten"), (T, V, E)),
        (("entrai\u0302nement", "validation", "essai"), (T, V, E)),
        (("entrenamiento", "validación", "prueba"), (T, V, E)),
        (("训练集", "验证集", "测试集"), (T, V, E)),
    ],
)
def test_parts(names: tuple[str, ...], parts: tuple[str | None, ...]) -> None:
    found = parts_of(names)
    assert tuple(found.get(name) for name in names) == parts


def test_folds() -> None:
    assert all(map(is_fold, ("fold1", "Fold_2", "split-03", "cv 4")))
    assert not any(map(is_fold, ("fold", "1", "folder1", "unfold2")))
