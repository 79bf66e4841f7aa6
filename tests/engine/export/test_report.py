"""A report has the run on one page: its numbers and curves are those of the log, and no name becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.engine.export.made import weights
from tests.engine.helpers import nothing, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Event, Stepped
from workbench.engine.core.progress import finished
from workbench.engine.core.step_store import StepStore
from workbench.engine.export.formats import exporting
from workbench.engine.export.report.contents import reporting
from workbench.engine.export.report.curves import curves
from workbench.engine.export.report.page import page
from workbench.engine.export.subject import origin_at
from workbench.engine.inspection.judged import judged
from workbench.engine.report.svg.grid import NAMED, Grid, grid_svg
from workbench.engine.report.svg.paint import of_page
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.opened import opening
from workbench.engine.train import train

NASTY = "</h1><script>alert(1)</script> & \"x\" 'y'"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three epochs of thirteen steps, with a change of the rate before the 21st."""

    def change(event: Event) -> Command | None:
        return Edit("optimizer.lr", 0.002) if isinstance(event, Stepped) and event.step == 20 else None

    spec = small_spec(loop__batch_size=16, title=NASTY, data__test_fraction=0.2)
    folder = RunFolder.create(spec, tmp_path_factory.mktemp("runs"))
    drive(train(spec, folder, StepStore()), change, lambda _event: None)
    return folder.path


class Tags(HTMLParser):
    """Every tag that is opened and closed, and what refers to something outside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.outside: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        self.outside += [name for name, value in attrs if name in ("src", "href") or (value or "").startswith("http")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_report_is_one_file_with_results_curves_and_settings(run: Path, tmp_path: Path) -> None:
    made = finished(exporting(run, "report", tmp_path / "out"))
    assert [each.name for each in made.folder.iterdir()] == ["report.html"]
    text = (made.folder / "report.html").read_text()
    tags = Tags(text)
    assert tags.open == [] and tags.opened.count("svg") == 5 and "script" not in tags.opened
    assert [each for each in tags.outside if each != "xmlns"] == []
    assert "1: Learning rate 0.01 → 0.002 before step 21." in text and "Learning rate ●</th><td>0.01</td>" in text
    assert re.search(r"test examples \(95 % interval [^)]*\), \d\w\w look", text)
    assert "prefers-color-scheme: dark" in text and "@media print" in text and str(run.parent) not in text


def test_the_curves_are_the_logs(run: Path) -> None:
    history, _ = finished(opening(run))
    loss, accuracy, gap, rate = curves(history)
    assert [curve.name for curve in loss.curves] == ["running", "train", "validation"]
    assert np.array_equal(loss.curves[2].y, history.curve("val", "loss")) and loss.marks[0].x == 20
    assert np.array_equal(gap.curves[0].y, history.curve("val", "loss") - history.curve("train_eval", "loss"))
    assert rate.curves[0].y.tolist() == [0.01] * 20 + [0.002] * (history.steps.count - 20)
    assert accuracy.limits == (0.0, 1.04) and loss.curves[0].x[0] == 1


def test_the_matrix_is_that_of_the_inspection(run: Path) -> None:
    report = finished(reporting(origin_at(run)))
    (section,) = [each for each in report.sections if each.title == "Confusion matrix"]
    (draw,) = section.drawings
    counts = judged([run]).confusion.counts
    said = re.findall(r"<title>(\d), (\d): (\d+)</title>", draw(of_page, 600))
    assert len(said) == 100 and all(counts[int(a), int(b)] == int(n) for a, b, n in said)


def test_what_is_not_there_is_said(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = weights(tmp_path / "alone.safetensors", (1, 8, 8), model={"kind": "mlp", "hidden": [9]})
    with pytest.raises(WorkbenchError, match=r"alone.safetensors is a file of weights alone; a report is about a run"):
        finished(exporting(alone, "report", tmp_path / "out"))

    def gone(*_args: object, **_more: object) -> None:
        raise WorkbenchError("There is no folder birds.")

    monkeypatch.setattr("workbench.engine.export.report.matrix.judged", gone)
    text = page(finished(reporting(origin_at(run))))
    assert "It could not be made: There is no folder birds." in text and Tags(text).opened.count("svg") == 4


def test_a_run_without_an_evaluation_has_a_report(tmp_path: Path) -> None:
    spec = small_spec(loop__epochs=1, data__validation_fraction=0.0)
    folder = RunFolder.create(spec, tmp_path / "runs")
    drive(train(spec, folder, StepStore()), nothing, lambda _event: None)
    text = page(finished(reporting(origin_at(folder.path))))
    assert "Loss" in text and "It could not be made" in text


@pytest.mark.parametrize("count", [1, 2, 12, NAMED, 60])
def test_a_grid_of_any_size_is_drawn(count: int) -> None:
    names = tuple(f"class <{number}> with a long name" for number in range(count))
    counts = np.eye(count, dtype=np.int64) * 7
    text = grid_svg(Grid("Title", names, names, "Class", "Answer", counts, counts / 7), of_page)
    tags = Tags(text)
    assert tags.open == [] and tags.opened.count("rect") == (count * count if count <= 12 else count) + 1
    assert ("class &lt;0&gt;" in text.replace("<title>", "")) or count > NAMED
