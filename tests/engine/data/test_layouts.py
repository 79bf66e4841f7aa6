"""The catalogue of layouts: each gives the right classes and parts, or the right refusal; every remedy mends.

The window opens by ``recognise`` and headless by ``check``, so both are asked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import all_layouts
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.understanding import SOURCE, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, finished
from workbench.engine.data import command
from workbench.engine.data.checks import Action, Finding, preflight, skip
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import OwnData
from workbench.engine.data.understand import Understood, understand
from workbench.engine.spec.experiment import ExperimentSpec

LAYOUTS = all_layouts()
OPENABLE = [name for name, layout in LAYOUTS.items() if layout.classes is not None]
DOUBTED = [name for name, layout in LAYOUTS.items() if layout.doubt]
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What the user opens, by the names of layouts; nothing in them is changed."""
    found = {}
    for name, layout in LAYOUTS.items():
        root = tmp_path_factory.mktemp("set") / "pets"
        root.mkdir()
        found[name] = layout.make(root) or root
    return found


@cache
def recognised(path: Path) -> OwnData:
    return recognise([path])


def as_recognised(paths: Sequence[Path], **_scans: object) -> OwnData:
    """In the place of ``recognise`` itself: headless and the window ask about the same path."""
    return recognised(*paths)


@cache
def opened(path: Path) -> ExperimentSpec:
    """As the window opens it."""
    found = recognised(path)
    return ExperimentSpec().edited("data.source", found.source(ExperimentSpec().data.source))


@cache
def understood(spec: ExperimentSpec) -> Understood:
    """What is understood of folders that no test changes, once for all tests that ask."""
    return finished(understand(spec))


def as_understood(spec: ExperimentSpec, _data: object = None) -> Job[Understood]:
    """In the place of ``understand`` itself: headless and the window ask about the same settings, where both open a
    layout alike."""
    yield from ()
    return understood(spec)


def with_reading(spec: ExperimentSpec, reading: Reading) -> ExperimentSpec:
    for path, value in reading.edits.items():
        spec = spec.edited(path, value)
    return spec


def test_there_are_enough_and_no_convention_is_preferred() -> None:
    conventions = Counter(name.partition(":")[0] for name in LAYOUTS)
    assert len(LAYOUTS) >= 90 and len(conventions) >= 8 and max(conventions.values()) <= 10


@pytest.mark.parametrize("name", LAYOUTS)
def test_headless(
    name: str, made: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = LAYOUTS[name]
    monkeypatch.setattr("workbench.engine.data.understand.understand", as_understood)
    monkeypatch.setattr("workbench.engine.data.understand.recognise", as_recognised)
    code = command.command([str(made[name]), "--json"])
    found = json.loads(capsys.readouterr().out)
    refused, doubts = found["refused"] or "", " ".join(found["doubts"])
    assert code == (2 if layout.refused else 0) and layout.refused in refused and bool(refused) == bool(layout.refused)
    assert layout.doubt in doubts and bool(doubts) == bool(layout.doubt or layout.notes) and layout.notes in doubts
    assert set(layout.left_out) <= set(found["left_out"])
    if layout.classes is not None:
        assert found["classes"] == dict(layout.classes)
    if layout.parts is not None:
        assert found["parts"] == dict(zip(PARTS, layout.parts, strict=True))


@pytest.mark.parametrize("name", LAYOUTS)
def test_in_the_window(name: str, made: dict[str, Path]) -> None:
    layout = LAYOUTS[name]
    try:
        found = understood(opened(made[name]))
    except WorkbenchError as error:
        found = Understood(error.message)
    assert layout.refused in (found.refused or "") and bool(layout.refused) == (found.refused is not None)
    if layout.classes is not None:
        assert dict(found.classes) == dict(layout.classes)


@pytest.mark.parametrize("name", LAYOUTS)
def test_settings_that_name_the_folder_alone_read_it_as_it_is_opened_or_ask(name: str, made: dict[str, Path]) -> None:
    """A settings file written by hand, or from an earlier version: it passes over nothing that opening finds."""
    path = made[name]
    alone = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(path)})
    try:
        spec = opened(path)
    except WorkbenchError:
        return
    if not path.is_dir() or spec == alone:
        return
    found, expected = understood(alone), understood(spec)
    if found.refused is None:
        assert (dict(found.classes), dict(found.parts)) == (dict(expected.classes), dict(expected.parts))
        assert expected.refused is None and len(found.doubts) == len(expected.doubts)
    for doubt in found.doubts:
        for reading in doubt.readings:
            after = understood(with_reading(alone, reading))
            assert doubt.subject not in {each.subject for each in after.doubts}


@pytest.mark.parametrize("name", DOUBTED)
def test_every_reading_that_is_offered_mends(name: str, made: dict[str, Path]) -> None:
    spec = opened(made[name])
    (doubt,) = understood(spec).doubts
    expected = LAYOUTS[name].readings
    assert doubt.readings
    results = []
    for reading in doubt.readings:
        after = understood(with_reading(spec, reading))
        assert after.refused is None, (reading, after.refused)
        assert doubt.subject not in {each.subject for each in after.doubts}
        results.append(dict(after.classes))
    assert results == [dict(each) for each in expected] if expected else results


@pytest.mark.parametrize("name", [name for name in OPENABLE if not LAYOUTS[name].refused])
def test_every_other_way_that_a_fact_offers_can_be_used(name: str, made: dict[str, Path]) -> None:
    spec = opened(made[name])
    for fact in understood(spec).facts:
        for reading in fact.readings:
            after = understood(with_reading(spec, reading))
            is_asked = any(doubt.is_refused and doubt.readings for doubt in after.doubts)  # a question is nothing wrong
            assert after.refused is None or is_asked, (fact, reading, after.refused)


@pytest.mark.parametrize("name", [name for name, layout in LAYOUTS.items() if layout.notes])
def test_every_reading_of_what_a_run_only_notes_ends_the_note(name: str, made: dict[str, Path]) -> None:
    spec = opened(made[name])
    for doubt in understood(spec).doubts:
        for reading in doubt.readings:
            after = understood(with_reading(spec, reading))
            assert after.refused is None and doubt.subject not in {each.subject for each in after.doubts}
            assert all(after.parts[part] for part in ("train", "validation"))


@pytest.mark.parametrize("name", DOUBTED)
def test_every_reading_that_was_chosen_can_be_taken_back_by_one_click(name: str, made: dict[str, Path]) -> None:
    spec = opened(made[name])
    before = understood(spec)
    for reading in before.doubts[0].readings:
        after = understood(with_reading(spec, reading))
        if SOURCE in reading.edits:
            continue  # it opens another file, and opening the folder again takes that back
        own = {name for name, _ in reading.settings if "." not in name}  # those of the split are left as they are
        changed = own - set(type(spec.data.source).kept_for_other_data)
        backs = [r for fact in after.facts for r in fact.readings if {name for name, _ in r.settings} >= changed]
        assert any(understood(with_reading(after.spec or spec, back)).doubts == before.doubts for back in backs)


@pytest.mark.parametrize("name", OPENABLE)
def test_every_action_that_a_check_offers_mends(name: str, made: dict[str, Path]) -> None:
    spec = opened(made[name])
    doubts = understood(spec).doubts
    spec = with_reading(spec, doubts[0].readings[0]) if doubts and doubts[0].is_refused else spec
    findings = finished(preflight(spec)).findings
    for finding in findings:
        for action in finding.actions:
            if action.kind != "stop":
                assert errors_after(spec, action) <= errors(findings) - {finding.code}, (finding, action)


def errors(findings: Sequence[Finding]) -> set[str]:
    return {finding.code for finding in findings if finding.severity == "error"}


def errors_after(spec: ExperimentSpec, action: Action) -> set[str]:
    """What is wrong after ``action``, which is then taken back."""
    source = spec.data.source
    if action.path:
        spec = spec.edited(action.path, action.value)
    if action.kind != "skip":
        return errors(finished(preflight(spec)).findings)
    assert isinstance(source, PictureFiles)
    skip(spec, action.files)
    try:
        return errors(finished(preflight(spec)).findings)
    finally:
        source.corrections().where.unlink()
