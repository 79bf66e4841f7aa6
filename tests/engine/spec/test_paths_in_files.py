"""Paths in settings files as people write them: relative, in quotes, as addresses, with backslashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load, loads, save

HEAD = 'version = 1\n[data.source]\nkind = "folder"\n'


def folder_of(file: Path, text: str) -> str:
    file.write_text(f"{HEAD}{text}\n", encoding="utf-8")
    found: str = load(file).at("data.source.folder")
    return found


def test_relative_paths_are_relative_to_the_file_wherever_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "pictures").mkdir(parents=True)
    file = tmp_path / "here" / "a.toml"
    monkeypatch.chdir("/")
    for text in ('folder = "pictures"', 'folder = "./pictures"', "folder = '\"pictures\"'"):
        assert Path(folder_of(file, text)) == tmp_path / "here" / "pictures"
    assert folder_of(file, 'folder = "~/pictures"') == "~/pictures"
    assert folder_of(file, "folder = 'D:\\Users\\me'") == "D:\\Users\\me"
    assert folder_of(file, 'folder = ""') == ""


def test_a_saved_file_means_the_same_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "pictures").mkdir()
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": "pictures"})
    save(spec, tmp_path / "runs" / "spec.toml")
    assert Path(load(tmp_path / "runs" / "spec.toml").at("data.source.folder")) == tmp_path / "pictures"


def test_the_name_of_weights_that_come_with_the_program_stays_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('version = 1\n[model]\nkind = "transfer"\n')
    assert load(tmp_path / "a.toml").at("model.weights") == "letters"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('folder = "D:\\Users\\me"', "A backslash in double quotes begins an escape"),
        ('folder = "D:\\some"', "in single quotes, or with /"),
        ("size = 0,5", "Numbers have a point"),
    ],
)
def test_what_is_no_toml_gets_a_hint(text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        loads(f"{HEAD}{text}\n")


def test_other_encodings_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(HEAD.encode("utf-16"))
    with pytest.raises(WorkbenchError, match="UTF-8"):
        load(tmp_path / "a.toml")


def test_quotes_addresses_and_spaces_are_taken_off(tmp_path: Path) -> None:
    place = tmp_path / "my pictures"
    place.mkdir()
    for text in (f'"{place}"', f" {place} \n", place.as_uri(), f"“{place}”"):
        spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": text})
        assert not [problem for problem in spec.problems() if "folder" in problem.path]
        assert spec.data.source.place() == place  # type: ignore[attr-defined]


def test_an_escape_in_a_path_is_shown() -> None:
    spec = loads(f'{HEAD}folder = "D:\\new\\table"\n')
    (problem,) = [each for each in spec.problems() if each.path == "data.source.folder"]
    assert r"\n" in problem.message and "single quotes" in problem.message


def test_a_kind_alone_gets_the_form_of_the_table() -> None:
    with pytest.raises(SpecError, match=r"--set 'data.source=\{kind=\"folder\", folder=\"…\"\}'"):
        with_assigned(ExperimentSpec(), *assigned("data.source=folder"))
