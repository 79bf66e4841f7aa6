"""What every data source keeps, and the geometry of the point sets."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from workbench.engine.catalog.datasets import DataSource, digits
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.idx import IdxFolder
from workbench.engine.catalog.datasets.points import Blobs, Circles, Moons, PointSet, Spirals, Xor
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec

POINT_SETS: list[type[PointSet]] = [Moons, Circles, Spirals, Xor, Blobs]
WITHOUT_FOLDER = [c for c in members_of(DataSource).values() if not {"folder", "file"} & set(c.model_fields)]
WITH_FOLDER = [cls for cls in members_of(DataSource).values() if "folder" in cls.model_fields]


def test_all_point_sets_are_in_the_catalog() -> None:
    assert {*POINT_SETS, Digits, IdxFolder, PictureFolder} <= set(members_of(DataSource).values())


@pytest.mark.parametrize("cls", WITHOUT_FOLDER, ids=lambda c: c.kind)
def test_a_source_keeps_the_contract(cls: type[DataSource]) -> None:
    data = cls().load()
    assert data.is_image == cls.is_image
    assert data.inputs.dtype == (np.uint8 if data.is_image else np.float32)
    assert data.inputs.ndim == (4 if data.is_image else 2)
    assert data.inputs.flags.c_contiguous
    assert np.isfinite(data.inputs).all()
    assert data.labels.dtype == np.int64
    assert data.labels.shape == data.inputs.shape[:1]
    assert np.array_equal(np.unique(data.labels), np.arange(len(data.classes)))
    assert list(ExperimentSpec().edited("data.source", cls()).problems()) == [] or not data.is_image
    again = cls().load()
    assert np.array_equal(data.inputs, again.inputs)
    assert np.array_equal(data.labels, again.labels)


def test_digits_are_the_real_ones() -> None:
    bunch = pytest.importorskip("sklearn.datasets").load_digits()
    data = Digits().load()
    assert np.array_equal(data.inputs[:, 0], np.rint(bunch.images * 255 / 16))
    assert np.array_equal(data.labels, bunch.target)
    assert data.inputs.shape == (1797, 1, 8, 8)
    assert data.inputs.max() == 255
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_missing_digits_get_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digits._pictures.cache_clear()
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    with pytest.raises(WorkbenchError, match="not installed"):
        Digits().load()
    elsewhere = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(digits, "find_spec", lambda name: elsewhere)
    with pytest.raises(WorkbenchError, match=r"digits\.csv\.gz"):
        Digits().load()


@pytest.mark.parametrize("cls", POINT_SETS, ids=lambda c: c.kind)
@pytest.mark.parametrize("examples", [10, 601])
def test_points_are_shared_evenly_among_the_classes(cls: type[PointSet], examples: int) -> None:
    data = cls(examples=examples).load()
    counts = np.bincount(data.labels, minlength=len(data.classes))
    assert data.inputs.shape == (examples, 2)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("cls", POINT_SETS, ids=lambda c: c.kind)
def test_another_data_seed_gives_other_points_of_the_same_kind(cls: type[PointSet]) -> None:
    first, second = cls(data_seed=1).load(), cls(data_seed=2).load()
    assert not np.array_equal(first.inputs, second.inputs)
    assert np.array_equal(first.labels, second.labels)
    np.testing.assert_allclose(first.inputs.mean(0), second.inputs.mean(0), atol=0.25)


@pytest.mark.parametrize("cls", POINT_SETS, ids=lambda c: c.kind)
def test_noise_is_added_to_the_same_points(cls: type[PointSet]) -> None:
    clean, noisy = cls(noise=0.0, examples=5000).load(), cls(noise=0.2, examples=5000).load()
    difference = noisy.inputs.astype(np.float64) - clean.inputs
    np.testing.assert_allclose(difference.std(0), 0.2, rtol=0.06)
    np.testing.assert_allclose(difference.mean(0), 0.0, atol=0.02)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("source", [Moons(examples=5000), Blobs(examples=5000, classes=4)], ids=lambda s: s.kind)
def test_wrong_labels_are_really_wrong_and_as_many(source: PointSet, share: float) -> None:
    noisy = source.model_validate(dict(source) | {"label_noise": share}).load()
    clean = source.load()
    assert np.mean(noisy.labels != clean.labels) == pytest.approx(share, abs=0.035)
    assert np.array_equal(noisy.inputs, clean.inputs)
    assert noisy.labels.min() >= 0
    assert noisy.labels.max() < len(noisy.classes)


def radius(x: np.ndarray) -> np.ndarray:
    return np.hypot(x[:, 0], x[:, 1])


def spiral_arm(x: np.ndarray) -> np.ndarray:
    t = radius(x) / 1.5
    return np.round((np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi) - 0.8 * t) * 3) % 3


@pytest.mark.parametrize(
    ("source", "label_of"),
    [
        (Xor(noise=0.0), lambda x: x[:, 0] * x[:, 1] < 0),
        (Circles(noise=0.0, classes=3), lambda x: np.round(radius(x) * 2) - 1),
        (Blobs(noise=0.05, classes=5), lambda x: np.round(np.arctan2(x[:, 1], x[:, 0]) / (2 * np.pi / 5)) % 5),
        (Spirals(noise=0.0, classes=3, turns=0.8), spiral_arm),
        (Moons(noise=0.0), lambda x: np.abs(np.hypot(x[:, 0] + 0.5, x[:, 1] + 0.25) - 1) > 1e-5),
    ],
    ids=lambda s: getattr(s, "kind", ""),
)
def test_without_noise_the_place_tells_the_class(
    source: PointSet, label_of: Callable[[np.ndarray], np.ndarray]
) -> None:
    data = source.load()
    assert np.array_equal(label_of(data.inputs.astype(np.float64)).astype(np.int64), data.labels)


@pytest.mark.parametrize("cls", WITH_FOLDER, ids=lambda c: c.kind)
def test_folder_problems_are_said_before_the_start(cls: type[DataSource], tmp_path: Path) -> None:
    def said(folder: str) -> list[str]:
        source = {"kind": cls.kind, "folder": folder}
        problems = ExperimentSpec().edited("data.source", source).problems()
        assert all(p.path == "data.source.folder" and p.severity == "error" for p in problems)
        return [p.message for p in problems]

    (tmp_path / "file").write_text("")
    assert said("") == said("   ") == ["choose a folder"]
    assert said("D:\\pictures") == ["there is no folder D:\\pictures here: it is a path of Windows"] or os.name == "nt"
    assert said(str(tmp_path / "absent")) == [f"there is no folder {tmp_path / 'absent'}"]
    assert said(str(tmp_path / "file")) == [f"{tmp_path / 'file'} is a file; choose the folder that holds it"]
    assert len(said("a\0b")) == 1
    assert len(said("~nobody-of-this-name/x")) == 1
    assert len(said("x" * 3000)) == 1
    assert said(str(tmp_path)) == []


@pytest.mark.parametrize("cls", WITH_FOLDER, ids=lambda c: c.kind)
def test_load_refuses_a_missing_folder_with_words(cls: type[DataSource], tmp_path: Path) -> None:
    source = cls.model_validate({"folder": str(tmp_path / "a" / ".." / "absent")})
    with pytest.raises(WorkbenchError) as caught:
        source.load()
    assert caught.value.path == "data.source.folder"
    assert str(tmp_path / "absent") in caught.value.message  # the path that it means, without ..


@pytest.mark.parametrize("cls", WITH_FOLDER, ids=lambda c: c.kind)
def test_an_empty_folder_gets_a_sentence(cls: type[DataSource], tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError, match=r"\.$") as caught:
        cls.model_validate({"folder": str(tmp_path)}).load()
    assert str(tmp_path) in caught.value.message


def test_home_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": "~"})
    assert spec.problems() == ()
