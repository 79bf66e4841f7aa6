"""Lists of names beside labels that count from 1: which name is meant by 1 is said, and never shifted in silence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path


def facts(path: Path) -> str:
    return " ".join(fact.sentence for fact in _read(path).facts)


def _read(path: Path) -> Understood:
    found: Understood = finished(understand_path(path))
    return found


def _table(root: Path, labels: Sequence[int], header: str = "file,label\n") -> Path:
    pictures(root, {"images": 12})
    rows = (f"images/{index}.png{',' if header else ' '}{labels[index % len(labels)]}" for index in range(12))
    texts(root, {"labels.csv" if header else "train.txt": header + "\n".join(rows)})
    return root


@pytest.mark.parametrize("header", ["file,label\n", ""])
@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ((0, 1, 2), "(0 stop, 1 yield, 2 left)"),
        ((1, 2, 3), "(1 stop, 2 yield, 3 left)"),
        ((2, 3), "(2 yield, 3 left)"),  # 3 names do not reach 3 from 0
        ((1, 2), "from 0 (1 yield, 2 left) or from 1 (1 stop, 2 yield), so it is not used"),
    ],
)
def test_beside_a_table(labels: Sequence[int], said: str, header: str, tmp_path: Path) -> None:
    root = _table(tmp_path, labels, header)
    texts(root, {"classes.txt": "stop\nyield\nleft\n"})
    assert said in facts(root)
    assert set(_read(root).classes) == set(map(str, labels))


def test_numbers_in_the_list_decide(tmp_path: Path) -> None:
    texts(_table(tmp_path, (1, 2)), {"labels.txt": "0 stop\n1 yield\n2 left\n"})
    assert "(1 yield, 2 left): to see these" in facts(tmp_path)


def test_beside_class_folders_a_longer_list_is_named_and_not_used(tmp_path: Path) -> None:
    pictures(tmp_path, {"1": 5, "2": 5, "3": 5})
    texts(tmp_path, {"classes.txt": "stop\nyield\nleft\nright\n"})
    assert "from 0 (1 yield, 2 left, 3 right) or from 1 (1 stop, 2 yield, 3 left), so it is not used" in facts(tmp_path)


def _arrays(root: Path, **more: object) -> Path:
    shape = np.random.default_rng(0).integers(0, 255, (12, 6, 6), np.uint8)
    np.savez(root / "set.npz", images=shape, labels=np.arange(12) % 3 + 1, **more)  # type: ignore[arg-type]
    return root / "set.npz"


def test_beside_arrays(tmp_path: Path) -> None:
    texts(tmp_path, {"classes.txt": "stop\nyield\nleft\n"})
    assert "(1 stop, 2 yield, 3 left): to see these, put them into the file as an array class_names" in facts(
        _arrays(tmp_path)
    )


def test_names_in_the_file_that_begin_with_that_of_0(tmp_path: Path) -> None:
    """Label 1 was "yield" without a word, though "stop" may be meant."""
    found = _read(_arrays(tmp_path, class_names=np.array(["stop", "yield", "left", "right"])))
    said = "No label is 0, and the names count from 0: 'stop' has no picture, and label 1 is 'yield'."
    assert said in " ".join(found.notes) and dict(found.classes)["yield"] == 4
