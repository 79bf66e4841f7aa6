"""What is said of data holds of it: parts without pictures, classes without, columns that a list has not."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path


def known(root: Path, *edits: tuple[str, object]) -> Understood:
    found: Understood = finished(understand_path(root, edits))
    return found


def said(root: Path, *edits: tuple[str, object]) -> str:
    return " ".join(fact.sentence for fact in known(root, *edits).facts)


def test_a_folder_of_pictures_without_a_class_is_no_test_part(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        pictures(tmp_path, {"train": 6}, f"{name}.{{}}.png")
    pictures(tmp_path, {"test1": 4})
    words = said(tmp_path, ("data.source.classes", "file_names"))
    assert "training from train." in words and "test from" not in words


def test_a_part_that_has_no_class_at_the_chosen_level_gives_no_validation(tmp_path: Path) -> None:
    pictures(tmp_path, {f"train/part{number}/{name}": 5 for number in (1, 2) for name in "ab"})
    pictures(tmp_path, {"val/a": 3, "val/b": 3})
    words = said(tmp_path, ("data.source.classes", "second_level"))
    assert "training from train." in words and "validation from" not in words
    assert "validation from val" in said(tmp_path, ("data.source.classes", "innermost"))


def test_classes_without_a_picture_are_counted_apart(tmp_path: Path) -> None:
    pictures(tmp_path, {"a": 5, "b": 5, "c": 0})
    for edits in ((), (("data.source.skip_empty", True),)):
        assert "names of folders: 2, and 1 without a picture." in said(tmp_path, *edits)


def test_a_list_of_paths_alone_has_no_column_of_classes(tmp_path: Path) -> None:
    pictures(tmp_path, {"a": 6, "b": 6})
    for part, numbers in {"train": range(4), "test": range(4, 6)}.items():
        texts(tmp_path, {f"{part}.txt": "\n".join(f"{name}/{i}.png" for name in "ab" for i in numbers)})
    assert "The class is the folder in each path (2: a, b)." in said(tmp_path)


def test_the_names_in_a_list_of_synsets_are_said(tmp_path: Path) -> None:
    pictures(tmp_path, {"images": 8})
    rows = "\n".join(f"images/{number}.png {number % 2}" for number in range(8))
    texts(tmp_path, {"train.txt": rows, "synsets.txt": "Bus\nCar\n"})
    assert "synsets.txt may have their names (0 Bus, 1 Car)" in said(tmp_path / "train.txt")


def test_lists_that_leave_a_class_out_are_not_used_and_ask_when_they_are_chosen(tmp_path: Path) -> None:
    names = ("glass", "metal", "trash")
    for name in names:
        pictures(tmp_path, {name: 6}, f"{name}{{}}.png")
    for part, numbers in {"train": range(4), "test": range(4, 6)}.items():
        rows = (f"{name}{i}.png {label}" for label, name in enumerate(names[:2], 1) for i in numbers)
        texts(tmp_path, {f"{part}.txt": "\n".join(rows)})
    words = said(tmp_path)
    assert "name none of the 6 pictures of the class 'trash'. They are not used." in words and "Set:" not in words
    setting = ("data.source.parts", words.partition('parts = "')[2].partition('"')[0])
    (doubt,) = known(tmp_path, setting).doubts
    assert doubt.is_refused
    results = [known(tmp_path, setting, *reading.edits.items()) for reading in doubt.readings]
    assert [dict(each.classes) for each in results] == [dict.fromkeys(names, 6), {"glass": 4, "metal": 4}]
    assert not any(each.refused for each in results) and results[1].parts["test"] == 4


def test_one_way_alone_is_no_choice_of_several(tmp_path: Path) -> None:
    pictures(tmp_path, {"image": 6, "text": 6})
    refused = known(tmp_path).refused
    assert refused is not None and 'Choose with data.source.classes = "folders"' in refused


def test_names_that_say_no_class_in_the_chosen_way_are_looked_at_in_parts(tmp_path: Path) -> None:
    for number in range(12):
        pictures(tmp_path, {"faces": 1}, f"{'KLM'[number % 3]}.{('AN', 'DI')[number // 6]}1.{number}{{}}.png")
    refused = known(tmp_path, ("data.source.classes", "file_names")).refused
    assert refused is not None and "choose another way" in refused
    assert "the class may be part 1 (K, L, M) or part 2 (AN, DI). Write a table" in refused


def test_archives_of_classes_are_unpacked_and_nothing_else_is_advised(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"Class {number}-samples.zip").write_bytes(b"PK")
    refused = known(tmp_path).refused
    assert refused is not None and "unpack them and open the folder." in refused and "in a form" not in refused


def test_names_that_begin_alike_in_several_classes_are_said_to_be_joined(tmp_path: Path) -> None:
    for track in range(8):
        pictures(tmp_path, {"0": 3, "1": 3}, f"{track:05}_{{:05}}.png")
    (doubt,) = known(tmp_path).doubts
    assert doubt.readings[0].label == "Keep pictures together whose names begin alike, also of different classes"
