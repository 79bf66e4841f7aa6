"""Refusals that name several things to open offer each of them, and each can be opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import texts
from tests.engine.data.layouts.numpy_files import LABELS, RGB
from tests.engine.data.layouts.outputs_of_programs import own_runs
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData


def refused(path: Path) -> NotData:
    with pytest.raises(NotData) as caught:
        recognise([path])
    return caught.value


def test_archives_that_can_be_opened_are_offered_and_no_other(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, x=RGB, y=LABELS)
    np.savez(tmp_path / "features.npz", x=np.zeros((2, 3, 4, 5, 6)))
    found = refused(tmp_path)
    assert found.message.endswith("Open one of them: a.npz, b.npz.")
    assert found.others == (tmp_path / "a.npz", tmp_path / "b.npz")
    assert all(recognise([each]).kind == "npz" for each in found.others)


def test_archives_of_which_none_can_be_opened_are_not_offered(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, x=np.zeros((2, 3, 4, 5, 6)))
    found = refused(tmp_path)
    assert "Open one of them" not in found.message and not found.others


def test_runs_of_this_program_are_offered(tmp_path: Path) -> None:
    found = refused(own_runs(tmp_path))
    assert found.others == (tmp_path / "a", tmp_path / "b")
    assert all(recognise([each]).spec_file == each / "spec.toml" for each in found.others)


def test_a_run_without_settings_is_not_offered(tmp_path: Path) -> None:
    own_runs(tmp_path)
    texts(tmp_path / "c", {"events.jsonl": "{}", "steps.bin": "x"})
    assert len(refused(tmp_path).others) == 2
