"""The preflight: every problem of own data as a sentence with something to do about it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.engine.core import responsive_io
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data import check_files as module
from workbench.engine.data import check_subject
from workbench.engine.data.check_classes import _imbalance
from workbench.engine.data.checks import preflight, skip
from workbench.engine.data.findings import Finding, Report
from workbench.engine.spec.experiment import ExperimentSpec


def noise(file: Path, seed: int, size: tuple[int, int] = (9, 8), mode: str = "RGB") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(values).convert(mode).save(file)


def made(root: Path, each: int = 10) -> ExperimentSpec:
    for index, name in enumerate(("cat", "dog")):
        for number in range(each):
            noise(root / name / f"{number}.png", 100 * index + number)
    return spec_of(root)


def spec_of(root: Path) -> ExperimentSpec:
    return ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root), "size": 8})


def look(spec: ExperimentSpec) -> Report:
    report: Report = finished(preflight(spec))
    for finding in report.findings:
        assert finding.sentence.endswith((".", "?"))
        assert "  " not in finding.sentence
        for action in finding.actions:
            if action.kind == "edit":  # the edit must be one that the settings take
                assert spec.edited(action.path, action.value).at(action.path) == action.value
    return report


def found(report: Report, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def test_sound_data_has_no_findings_and_its_numbers(tmp_path: Path) -> None:
    report = look(made(tmp_path))
    assert report.findings == ()
    assert report.can_start
    assert report.counts == (("cat", 8, 2, 0), ("dog", 8, 2, 0))
    assert report.sizes == ((9, 8, 20),)
    assert report.modes == (("colour", 20),)
    assert 0 < report.needed < report.free


def test_sizes_and_modes_are_counted(tmp_path: Path) -> None:
    spec = made(tmp_path)
    noise(tmp_path / "cat" / "gray.png", 7, (20, 30), "L")
    noise(tmp_path / "cat" / "palette.png", 8, mode="P")
    Image.fromarray(np.arange(80, dtype=np.uint16).reshape(8, 10)).save(tmp_path / "dog" / "deep.png")
    report = look(spec)
    assert report.sizes == ((9, 8, 21), (20, 30, 1), (10, 8, 1))
    assert dict(report.modes) == {"colour": 20, "gray": 1, "palette": 1, "16-bit gray": 1}


def test_unreadable_files_are_listed_with_reasons_and_can_be_left_out(tmp_path: Path) -> None:
    """LD10, LD13: empty, cut off, text and SVG named .png, a bomb."""
    spec = made(tmp_path)
    whole = (tmp_path / "cat" / "0.png").read_bytes()
    bad = {"empty": b"", "cut": whole[:60], "text": b"hello", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    for name, content in bad.items():
        (tmp_path / "cat" / f"{name}.png").write_bytes(content)
    Image.new("1", (20_000, 20_000)).save(tmp_path / "dog" / "bomb.png")
    report = look(spec)
    finding = found(report, "unreadable")
    assert not report.can_start
    assert {Path(file).stem for file in finding.files} == {*bad, "bomb"}
    why = {Path(file).stem: reason for file, reason in zip(finding.files, finding.reasons, strict=True)}
    assert why["bomb"] == "too many pixels" and why["svg"].startswith("not a picture in a known format: SVG")
    assert [action.kind for action in finding.actions] == ["skip", "edit", "stop"]
    assert report.counts[0][0] == "cat" and sum(report.counts[0][1:]) == 10
    assert look(spec.edited("data.source.skip_unreadable", True)).can_start
    assert str(tmp_path / ".workbench.toml") in skip(spec, finding.actions[0].files)
    again = look(spec)
    assert codes(again) == ["note"]
    assert again.can_start


def test_a_class_with_unreadable_files_only_keeps_both_sentences(tmp_path: Path) -> None:
    spec = made(tmp_path)
    (tmp_path / "emu").mkdir()
    (tmp_path / "emu" / "a.png").write_bytes(b"x")
    report = look(spec)
    assert codes(report) == ["unreadable", "lost_class"]
    lost = report.findings[1]
    assert "'emu'" in lost.sentence
    skip(spec, lost.actions[0].files)  # what the button does: the files, and the setting without which nothing starts
    mended = look(spec.edited(lost.actions[0].path, lost.actions[0].value))
    assert mended.can_start and [name for name, *_ in mended.counts] == ["cat", "dog"]


def test_empty_classes_are_one_finding_and_can_be_left_out(tmp_path: Path) -> None:
    spec = split_folder(tmp_path)
    for name in ("leer", "rare"):
        (tmp_path / "train" / name).mkdir()
    (tmp_path / "val" / "rare").mkdir()
    report = look(spec)
    finding = found(report, "empty_class")
    assert not report.can_start and "'leer', 'rare'" in finding.sentence
    assert codes(report) == ["empty_class"]  # and not yet: they are left out
    assert report.counts == (("cat", 6, 6, 6), ("dog", 6, 6, 6))  # the rest was looked over too
    edit = finding.actions[0]
    assert edit.kind == "edit"
    again = look(spec.edited(edit.path, edit.value))
    assert again.can_start and any("leer, rare" in each.sentence for each in again.findings)


def test_a_class_that_only_training_has_is_said_and_a_rare_one_can_be_left_out(tmp_path: Path) -> None:
    spec = split_folder(tmp_path)
    for number in range(3):
        noise(tmp_path / "train" / "rare" / f"{number}.png", 900 + number)
    (tmp_path / "val" / "rare").mkdir()
    noise(tmp_path / "test" / "rare" / "t.png", 950)
    report = look(spec)
    assert report.can_start and codes(report) == ["few", "unvalidated"]
    assert found(report, "unvalidated").sentence.startswith("No validation picture is of: rare.")
    weigh, leave = found(report, "few").actions
    assert weigh.path == "data.class_weights" and len(leave.files) == 3
    skip(spec, leave.files)
    again = look(spec.edited(leave.path, leave.value))
    assert again.can_start and again.counts == (("cat", 6, 6, 6), ("dog", 6, 6, 6))


def test_sizes_count_what_the_headline_counts(tmp_path: Path) -> None:
    report = look(split_folder(tmp_path))
    total = sum(sum(counts) for _, *counts in report.counts)
    assert total == 36
    assert sum(count for *_, count in report.sizes) == sum(count for _, count in report.modes) == total


def test_pictures_that_would_be_blown_up_are_named(tmp_path: Path) -> None:
    spec = made(tmp_path)
    noise(tmp_path / "cat" / "dot.png", 77, (1, 1))
    finding = found(look(spec), "small")
    assert "1 picture is far smaller than 8×8" in finding.sentence and "from 1×1" in finding.sentence
    assert finding.actions[0].files == finding.files == (str(tmp_path / "cat" / "dot.png"),)
    assert found(look(spec.edited("data.source.size", 64)), "small").actions[0].kind == "stop"  # all of them are


def split_folder(root: Path) -> ExperimentSpec:
    for part, first in (("train", 0), ("val", 20), ("test", 40)):
        for index, name in enumerate(("cat", "dog")):
            for number in range(6):
                noise(root / part / name / f"{number}.png", first + 100 * index + number)
    return spec_of(root)


@pytest.mark.parametrize("action", [0, 1])
def test_what_the_crop_leaves_away_is_said_and_both_ways_out_keep_it(tmp_path: Path, action: int) -> None:
    """Four times as wide as high: three quarters are lost, until padding or squeezing is chosen."""
    spec = made(tmp_path)
    for number in range(4):
        noise(tmp_path / "cat" / f"wide {number}.png", 50 + number, (32, 8))
    report = look(spec)
    cut = found(report, "cut")
    assert cut.severity == "warning"
    assert cut.sentence.startswith("4 of 24 pictures are not square")
    assert "75\xa0% of them on average" in cut.sentence
    assert len(cut.files) == 4
    after = look(spec.edited(cut.actions[action].path, cut.actions[action].value))
    assert after.findings == ()
    assert after.can_start


def test_groups_are_counted_and_those_that_cannot_be_split_have_a_way_out(tmp_path: Path) -> None:
    spec = made(tmp_path).edited("data.group_by", "name")
    for name in ("cat", "dog"):
        for number in range(8):
            noise(tmp_path / name / f"p{number % 4}_{number}.png", 500 + number + 20 * (name == "dog"))
    report = look(spec)
    groups = found(report, "groups").sentence
    assert groups.startswith("4 groups found: 'p0', 'p1', 'p2' and 1 more; the largest is 'p0' with 4 examples.")
    assert "20 examples name no group, and each is a group of its own." in groups
    refused = found(look(spec.edited("data.group_pattern", "#")), "unusable")
    assert "No file's name holds" in refused.sentence
    action = refused.actions[0]
    assert look(spec.edited(action.path, action.value)).can_start
    many = spec.edited("data.group_pattern", "([0-9a-z]+)").edited("data.folds", 20)
    refused = found(look(many), "unusable")
    assert "groups for 20 folds" in refused.sentence
    action = refused.actions[0]
    assert (action.path, action.value) == ("data.folds", None)
    assert look(many.edited(action.path, action.value)).can_start


def test_an_ordinary_photograph_that_loses_a_quarter_is_no_warning(tmp_path: Path) -> None:
    spec = made(tmp_path)
    noise(tmp_path / "cat" / "photo.png", 50, (12, 9))
    assert found(look(spec), "cut").severity == "info"


def test_the_same_picture_in_two_parts_is_a_leak(tmp_path: Path) -> None:
    """LD19: a copy under another name and in another format counts, for what the model sees is the same."""
    spec = split_folder(tmp_path)
    assert look(spec).findings == ()
    Image.open(tmp_path / "train" / "cat" / "0.png").save(tmp_path / "val" / "cat" / "copy.bmp")
    Image.open(tmp_path / "train" / "dog" / "1.png").save(tmp_path / "test" / "dog" / "other.png", compress_level=0)
    report = look(spec)
    assert codes(report) == ["leak_validation", "leak_test"]
    assert report.findings[0].actions[0].files == (str(tmp_path / "val" / "cat" / "copy.bmp"),)
    assert report.findings[1].sentence.startswith("1 test picture is also in training")
    for finding, part in zip(report.findings, ("val", "test"), strict=True):
        first, _, second = finding.sentence.partition("e.g. ")[2].partition(":")[0].partition(" and ")
        assert first.startswith(str(tmp_path / part)) and second.startswith(str(tmp_path / "train"))
    for finding in report.findings:
        skip(spec, finding.actions[0].files)
    assert [c for c in codes(look(spec)) if c != "note"] == []
    assert look(spec).counts == (("cat", 6, 6, 6), ("dog", 6, 6, 6))


def test_duplicates_and_contradictions(tmp_path: Path) -> None:
    spec = split_folder(tmp_path)
    for name in ("a", "b"):
        Image.open(tmp_path / "train" / "cat" / "0.png").save(tmp_path / "train" / "cat" / f"{name}.png")
    Image.open(tmp_path / "train" / "cat" / "1.png").save(tmp_path / "train" / "dog" / "c.png")
    report = look(spec)
    assert codes(report) == ["two_classes", "duplicates"]
    assert found(report, "duplicates").sentence.startswith("2 pictures are there more than once, e.g. ")
    assert len(found(report, "duplicates").actions[0].files) == 2
    assert "1.png (cat) and " in found(report, "two_classes").sentence
    assert "c.png (dog): no model can learn both." in found(report, "two_classes").sentence


def test_imbalance_offers_weights_in_the_loss(tmp_path: Path) -> None:
    spec = made(tmp_path, each=8)
    for number in range(40):
        noise(tmp_path / "cat" / f"more{number}.png", 1000 + number)
    finding = found(look(spec), "imbalance")
    assert "38 training examples of cat, 6 of dog (6.3 times fewer)" in finding.sentence
    assert "would already be right for 86.4\xa0%." in finding.sentence
    edit = finding.actions[0]
    weighed = spec.edited(edit.path, edit.value)
    assert found(look(weighed), "imbalance").severity == "info"


def test_few_and_no_validation(tmp_path: Path) -> None:
    spec = made(tmp_path, each=4).edited("data.validation_fraction", 0.0)
    report = look(spec)
    assert codes(report) == ["few", "no_validation"]
    assert "cat, dog" in found(report, "few").sentence
    assert len(found(report, "no_validation").actions) == 1


def test_too_few_to_hold_any_back_is_not_mended_by_holding_back(tmp_path: Path) -> None:
    report = look(made(tmp_path, each=2))
    assert codes(report) == ["few", "no_validation"]
    assert "too few examples for its share of 20\xa0%" in found(report, "no_validation").sentence
    assert found(report, "no_validation").actions == ()


@pytest.mark.parametrize(
    ("missing", "broken", "label"),
    [(1, 0, "Leave this row out"), (2, 0, "Leave these rows out"), (0, 1, "Leave it out"), (1, 1, "Leave them out")],
)
def test_what_leaving_out_means_for_a_table(tmp_path: Path, missing: int, broken: int, label: str) -> None:
    lines = []
    for number in range(20):
        noise(tmp_path / "img" / f"{number}.png", number)
        lines.append(f"img/{number}.png,{'ab'[number % 2]}")
        (tmp_path / "img" / f"broken{number}.png").write_bytes(b"none")
    kinds = (("missing", missing), ("broken", broken))
    lines += [f"img/{kind}{number}.png,a" for kind, count in kinds for number in range(count)]
    (tmp_path / "labels.csv").write_text("\n".join(["file,label", *lines]))
    spec = ExperimentSpec().edited("data.source", {"kind": "csv", "file": str(tmp_path / "labels.csv"), "size": 8})
    assert found(look(spec), "unreadable").actions[0].label == label


@pytest.mark.parametrize(("other", "is_said"), [("Cat", True), ("cat ", True), ("ｃat", True), ("cats", False)])
def test_classes_of_nearly_the_same_name_are_said(tmp_path: Path, other: str, is_said: bool) -> None:
    spec = made(tmp_path)
    for number in range(10):
        noise(tmp_path / other / f"{number}.png", 500 + number)
    if len(list(tmp_path.iterdir())) == 2:
        pytest.skip("this file system (as of macOS and Windows) takes both names for one folder")
    report = look(spec.edited("data.source.class_names", "exact"))
    assert codes(report) == ["alike"] * is_said
    assert not is_said or repr(other) in found(report, "alike").sentence


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, "is empty"),
        (lambda root: noise(root / "a.png", 0), "holds pictures but no class folders"),
        (lambda root: noise(root / "cat" / "a.png", 0), "holds only one class, 'cat'"),
        (lambda root: (noise(root / "cat" / "a.png", 0), (root / "dog").mkdir()), "without a picture: 'dog'"),
        (lambda root: noise(root / ".git" / "a.png", 0), "is empty"),
    ],
)
def test_unusable_folders_are_a_finding_each(tmp_path: Path, make: Any, words: str) -> None:
    """LD17."""
    make(tmp_path)
    report = look(spec_of(tmp_path))
    assert report.findings[0].severity == "error"
    assert words in report.findings[0].sentence
    assert not report.can_start


def test_what_is_passed_over_is_said(tmp_path: Path) -> None:
    spec = made(tmp_path)
    for name in (".git", "__MACOSX"):
        noise(tmp_path / name / "a.png", 0)
    (tmp_path / "cat" / "notes.txt").write_text("x")
    (tmp_path / "cat" / "drawing.svg").write_text("x")
    noise(tmp_path / "loose.png", 0)
    report = look(spec)
    assert codes(report) == ["loose", "note", "hidden", "others"]
    assert "loose.png" in found(report, "note").sentence and "drawing.svg (SVG" not in found(report, "note").sentence
    assert ".git, __MACOSX" in found(report, "hidden").sentence
    assert "1 .svg, 1 .txt" in found(report, "others").sentence


def test_a_drive_that_falls_silent_while_the_rest_is_looked_for_is_named_and_can_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EN10: the pictures were read, then the drive went away."""
    spec = made(tmp_path / "pets")
    answers = threading.Event()
    monkeypatch.setattr(module, "ignored_in", lambda tree: answers.wait(60))
    monkeypatch.setattr(responsive_io, "SILENCE", 0.3)
    looking = preflight(spec)
    for told in looking:
        if "no answer for" in told.words:
            break
    assert told.words.startswith(f"Waiting for {tmp_path / 'pets'}: no answer")
    looking.close()  # Cancel: does not wait for the drive
    assert not answers.is_set()
    answers.set()


def test_memory_is_compared_with_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = made(tmp_path)
    monkeypatch.setattr(check_subject, "_free", lambda: 100)
    assert found(look(spec), "memory").actions[0].kind == "stop"


def test_progress_and_cancel(tmp_path: Path) -> None:
    spec = made(tmp_path)
    words: list[str] = []
    finished(preflight(spec), lambda told: words.append(told.words))
    assert words[-1] == "Looking for pictures that are there twice"
    assert "Reading pictures" in words
    looking = preflight(spec)
    next(looking)
    looking.close()


@pytest.mark.parametrize("kind", ["digits", "moons"])
def test_other_sources_are_looked_over_too(kind: str) -> None:
    spec = ExperimentSpec().edited("data.source", {"kind": kind})
    report = look(spec)
    assert report.can_start
    assert sum(train + val for _, train, val, _ in report.counts) > 500
    with pytest.raises(WorkbenchError, match="no files"):
        skip(spec, ["x"])


def test_a_class_that_is_nearly_all_is_not_called_all() -> None:
    """199 of 200 are 99.5 %, and 4 999 of 5 000 no 100 %."""
    for most, said in ((199, "99.5\xa0%"), (4999, "99.9\xa0%")):
        (finding,) = _imbalance(ExperimentSpec(), {"cat": most, "dog": 1})
        assert finding.sentence.endswith(f"Always saying cat would already be right for {said}.")


def test_a_group_on_both_sides_of_the_datas_own_validation_part_is_said(tmp_path: Path) -> None:
    """Folds are cut by groups, so then none is."""
    for part in ("train", "val"):
        for at, name in enumerate(("cat", "dog")):
            for number in range(6):
                noise(tmp_path / part / name / f"p{number % 3}_{number}.png", 40 * at + number + 900 * (part == "val"))
    spec = spec_of(tmp_path).edited("data.group_by", "name")
    said = found(look(spec), "divided_groups")
    assert said.severity == "warning"
    assert said.sentence.startswith("The data's own validation part is kept, and 3 groups are on both sides: 'p0', ")
    report = look(spec.edited("data.folds", 3))
    assert "groups" in codes(report) and "divided_groups" not in codes(report)
