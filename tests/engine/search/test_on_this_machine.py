"""The data of a study on several machines: known by their fingerprint, wherever they lie; without them no trial."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.helpers import small_spec
from tests.engine.search.studies import small_plan, url_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.search.on_this_machine import finding
from workbench.engine.search.study import Study
from workbench.engine.search.worker import Worker
from workbench.engine.spec.toml import load


def pictures(folder: Path, shift: int = 0) -> Path:
    draw = np.random.default_rng(0)
    for name, low in (("bright", 150), ("dark", 0)):
        (folder / name).mkdir(parents=True)
        for number in range(12):
            pixels = draw.integers(low, low + 100, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number + shift}.png")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of pictures in ``here``, whose fingerprint it knows."""
    source = {"kind": "folder", "folder": str(pictures(tmp_path / "here")), "size": 8}
    base = small_spec(loop__epochs=1, data={"source": source}, model__hidden=[4])
    made = Study.create(small_plan(("optimizer.lr=0.001:0.1",), base=base, trials=2), "Test", url_of(tmp_path))
    finished(finding(made, DataStore(), runs=tmp_path / "runs"))
    assert made.places == ()
    return made


def test_moved_data_are_found_by_what_they_are(study: Study, tmp_path: Path):
    there = tmp_path / "there"
    shutil.move(tmp_path / "here", there)
    other = Study.open("Test", study.url)
    with pytest.raises(WorkbenchError, match=r"lacks the data of the study Test: .*here.* --data PATH\. No tri"):
        finished(finding(other, DataStore(), runs=tmp_path / "runs"))
    assert other.trials() == ()
    finished(finding(other, DataStore(), [there], tmp_path / "runs"))
    assert other.places == (("data.source.folder", str(there)),)
    Worker(other, tmp_path / "runs").work()
    trials = other.trials()
    assert [trial.state for trial in trials] == ["complete"] * 2
    assert {load(trial.folder / "spec.toml").at("data.source.folder") for trial in trials} == {str(there)}
    again = Study.open("Test", study.url)
    finished(finding(again, DataStore(), runs=tmp_path / "runs"))  # where a run of this machine had them
    assert again.places == other.places


def test_what_another_machine_began_goes_on_with_the_data_of_this_one(study: Study, tmp_path: Path):
    """The folder of the run is reachable, the data lie elsewhere."""
    plan = study.plan
    shutil.move(tmp_path / "here", tmp_path / "there")
    other = Study.open("Test", study.url)
    finished(finding(other, DataStore(), [tmp_path / "there"], tmp_path / "runs"))
    assert other.elsewhere(other.spec({})) == plan.base and other.spec({}) != plan.base


def test_other_data_are_refused_with_what_is_different(study: Study, tmp_path: Path):
    shutil.rmtree(tmp_path / "here")
    with pytest.raises(WorkbenchError, match="other names, labels or another order"):
        finished(finding(study, DataStore(), [pictures(tmp_path / "others", shift=50)], tmp_path / "runs"))
    (tmp_path / "table.csv").write_text("a,b,label\n1,2,x\n2,1,y\n" * 9)
    with pytest.raises(WorkbenchError, match="and the study has"):
        finished(finding(study, DataStore(), [tmp_path / "table.csv"], tmp_path / "runs"))


def test_data_that_come_with_the_program_need_no_place(tmp_path: Path):
    study = Study.create(small_plan(), "Test", url_of(tmp_path))
    finished(finding(study, DataStore()))
    known = study.attributes()["data"]
    study.set_attribute("data", {**known, "counts": [1, *known["counts"][1:]]})
    with pytest.raises(WorkbenchError, match=r"Digits: it has 178 instead of 1 in '0'\. No trial was taken"):
        finished(finding(study, DataStore()))
