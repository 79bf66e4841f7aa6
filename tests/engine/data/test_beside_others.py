"""Pictures, folders and lists beside others: at the borders of what is taken for a mask, a packed class, a part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.engine.data.layouts.layout import picture, pictures, texts
from workbench.engine.catalog.datasets.folders.two_valued import masks_of_same_name
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder, read_tree

BOTH = {"cat": 8, "dog": 8}


def known(root: Path) -> Understood:
    found: Understood = finished(understand_path(root, []))
    return found


def said(found: Understood) -> str:
    return " ".join([*(doubt.sentence for doubt in found.doubts), str(found.refused or "")])


# --- pictures of others ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("few", "all_of_them", "is_asked"), [(3, 43, False), (3, 12, True), (2, 4, False)])
def test_depths_are_asked_about_where_they_are_several_and_a_fifth_of_a_folder(
    few: int, all_of_them: int, is_asked: bool, tmp_path: Path
) -> None:
    pictures(tmp_path, {"cat": all_of_them - few, "dog": all_of_them}, "{}_rgb.png")
    pictures(tmp_path, {"cat": few}, "{}_depth.png")
    assert ("depth: 0_depth.png beside 0_rgb.png" in said(known(tmp_path))) is is_asked


def test_a_class_that_is_called_a_mask_has_examples_of_that_name(tmp_path: Path) -> None:
    """Faces with a mask, numbered as those without."""
    pictures(tmp_path, {"with mask": 8, "without mask": 8}, "img_{}.png")
    pictures(tmp_path, {"with mask": 8}, "mask_{}.png")
    found = known(tmp_path)
    assert dict(found.classes) == {"with mask": 16, "without mask": 8} and not found.left_out


def test_a_mask_and_a_depth_without_their_picture_belong_to_nothing(tmp_path: Path) -> None:
    for kind in ("mask", "depth"):
        pictures(tmp_path, BOTH, f"{{}}_{kind}.png")
    found = known(tmp_path)
    assert dict(found.classes) == {"cat": 16, "dog": 16} and "beside" not in said(found)


@pytest.mark.parametrize(("masks", "is_segmentation"), [(2, False), (3, True)])
def test_pictures_without_classes_are_a_segmentation_set_if_half_of_them_are_masks(
    masks: int, is_segmentation: bool, tmp_path: Path
) -> None:
    pictures(tmp_path, {"train": 5, "test": 5}, "1000{}.png")
    pictures(tmp_path, {"train": masks, "test": masks}, "1000{}_mask.png")
    assert ("is a segmentation set" in said(known(tmp_path))) is is_segmentation


def two_valued(root: Path, suffix: str, count: int = 3, mode: str = "L") -> None:
    for number in range(count):
        pixels = np.zeros((6, 6), np.uint8)
        pixels[number:] = 255
        Image.fromarray(pixels).convert(mode).save(root / f"{number}{suffix}")


def colourful(root: Path, suffix: str, count: int = 3) -> None:
    for number in range(count):
        (root / f"{number}{suffix}").write_bytes(picture(number, {".jpg": "JPEG", ".bmp": "BMP"}[suffix]))


def masks(root: Path) -> list[tuple[str, str]]:
    tree: Folder = read_tree(root, FolderScans(), lambda relative, name: False)
    return list(masks_of_same_name(tree))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGB"])
def test_of_two_pictures_of_one_name_that_of_two_values_is_the_mask(mode: str, tmp_path: Path) -> None:
    two_valued(tmp_path, ".png", mode=mode)
    colourful(tmp_path, ".jpg")
    assert sorted(masks(tmp_path)) == [(f"{number}.png", f"{number}.jpg") for number in range(3)]


def test_pairs_that_are_few_or_alike_have_no_masks(tmp_path: Path) -> None:
    for name in ("few", "both"):
        (tmp_path / name).mkdir()
    two_valued(tmp_path / "few", ".png", 2)
    colourful(tmp_path / "few", ".jpg", 2)
    assert masks(tmp_path / "few") == []
    two_valued(tmp_path / "both", ".png")
    two_valued(tmp_path / "both", ".bmp")
    assert masks(tmp_path / "both") == []


def test_a_white_photograph_is_no_mask(tmp_path: Path) -> None:
    """A JPEG file is never exact, whatever its colours."""
    two_valued(tmp_path, ".png")
    for number in range(3):
        Image.new("L", (6, 6), 255).save(tmp_path / f"{number}.jpg")
    assert sorted(masks(tmp_path)) == [(f"{number}.png", f"{number}.jpg") for number in range(3)]


# --- what is stored elsewhere ----------------------------------------------------------------------------------------


def packed(root: Path, name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("0.png", picture(0))
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(stream.getvalue())


def test_a_folder_of_texts_without_an_address_is_no_class(tmp_path: Path) -> None:
    pictures(tmp_path, BOTH)
    texts(tmp_path, {"bird/about.txt": "twelve birds, see the book"})
    assert not known(tmp_path).doubts
    texts(tmp_path, {"bird/about.txt": "from https://example.org/1.jpg"})
    assert "bird holds addresses (bird/about.txt)" in said(known(tmp_path))


def test_a_part_that_is_there_and_packed_as_well_is_not_missing(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{part}/{name}": 6 for part in ("train", "test") for name in BOTH})
    for name in ("train.zip", "test.zip"):
        packed(tmp_path, name)
    assert "still packed" not in said(known(tmp_path))


# --- parts in the names of a table's pictures ------------------------------------------------------------------------


def table(root: Path, rows: Mapping[str, str]) -> Path:
    """A table of these pictures and their classes."""
    for name in rows:
        pictures(root, {"images": 1}, name)
    lines = [f"images/{name},{label}" for name, label in rows.items()]
    texts(root, {"labels.csv": "\n".join(["file,label", *lines])})
    return root / "labels.csv"


def named(**parts: tuple[str, ...]) -> dict[str, str]:
    """Six pictures of each of the classes in each of the parts, with the part in their names."""
    return {
        f"{part}_{label}{number}.png": label
        for part, labels in parts.items()
        for label in labels
        for number in range(6)
    }


def test_parts_in_names_are_asked_about_where_two_classes_are_in_several(tmp_path: Path) -> None:
    one = known(table(tmp_path / "one", named(train=("cat", "dog"), test=("cat",))))
    two = known(table(tmp_path / "two", named(train=("cat", "dog"), test=("cat", "dog"))))
    asked = "may give the parts of a split"
    assert (asked in said(one), asked in said(two)) == (False, True)


def test_parts_in_names_that_would_leave_a_class_untrained_are_not_offered(tmp_path: Path) -> None:
    given = named(train=("cat", "dog"), test=("cat", "dog", "bird"))
    (doubt,) = (each for each in known(table(tmp_path, given)).doubts if each.subject == "parts")
    assert [reading.label for reading in doubt.readings] == ["They say no parts: the settings hold a share back"]


def test_names_of_files_that_are_chosen_and_say_nothing_to_train_on_are_refused(tmp_path: Path) -> None:
    file = table(tmp_path, named(test=("cat", "dog"), val=("cat", "dog")))
    found = known(file)
    assert found.spec is not None
    from workbench.engine.data.understand import understand

    again: Understood = finished(understand(found.spec.edited("data.source.part_column", "file_names")))
    assert again.refused is not None and "labels.csv has train in its name" in str(again.refused)


# --- lists beside a table --------------------------------------------------------------------------------------------


def listed(root: Path, lists: Mapping[str, str], names: tuple[str, ...] = ()) -> Mapping[str, int]:
    """The parts of a table of twelve pictures with these lists beside it."""
    rows = {name: ("cat", "dog")[at % 2] for at, name in enumerate(names or tuple(f"{at}.png" for at in range(12)))}
    for name in rows:
        pictures(root, {str(Path("images", name).parent): 1}, Path(name).name)
    lines = [f"images/{name},{label}" for name, label in rows.items()]
    texts(root, {"labels.csv": "\n".join(["file,label", *lines]), **lists})
    return dict(known(root / "labels.csv").parts)


def lines(*numbers: int, head: str = "") -> str:
    return "\n".join([*([head] if head else []), *map(str, numbers)])


SHARE = {"train": 10, "validation": 2, "test": 0}
HALVES = {"train": 6, "validation": 6, "test": 0}
FIRST, LAST = tuple(range(6)), tuple(range(6, 12))


@pytest.mark.parametrize(
    ("lists", "parts"),
    [
        ({"train.txt": lines(*FIRST), "val.txt": lines(*LAST)}, HALVES),
        ({"train.txt": lines(*FIRST), "training.txt": lines(*LAST), "val.txt": lines(*LAST)}, SHARE),
        ({"train.csv": lines(*FIRST, head="name"), "val.csv": lines(*LAST, head="name")}, HALVES),
        ({"train.csv": lines(*FIRST, head="name"), "val.csv": lines(6, 7, 99, 8)}, SHARE),
        ({"train.txt": lines(*FIRST, head="name"), "val.txt": lines(*LAST)}, SHARE),
        ({"train.txt": lines(*FIRST), "val.txt": lines(5, *LAST)}, SHARE),
        ({"split.csv": "name,part\n99,train\n6,val\n7,val\n"}, SHARE),
        (
            {"train_val_list.txt": lines(*range(8)), "test_list.txt": lines(*range(8, 12))},
            {**SHARE, "train": 6, "test": 4},
        ),
    ],
    ids=[
        "two lists",
        "two for one part",
        "with heads",
        "an unknown name",
        "a head of a text",
        "in two",
        "none to train on",
        "joined",
    ],
)
def test_lists_are_followed_where_they_say_each_picture_once(
    lists: Mapping[str, str], parts: Mapping[str, int], tmp_path: Path
) -> None:
    assert listed(tmp_path, lists) == parts


def test_a_name_of_two_pictures_says_neither(tmp_path: Path) -> None:
    names = tuple(f"{folder}/{number}.png" for folder in "ab" for number in range(6))
    assert listed(tmp_path, {"train.txt": lines(0, 1, 2, 3), "val.txt": lines(4, 5)}, names) == SHARE


def test_a_way_out_that_would_take_a_class_from_a_part_is_not_offered(tmp_path: Path) -> None:
    """The only bird is named by the tables of both parts."""
    rows = {"train": [(0, "cat"), (1, "dog"), (2, "cat"), (3, "dog"), (8, "bird")], "test": [(4, "cat"), (8, "bird")]}
    pictures(tmp_path, {"images": 9})
    for part, named in rows.items():
        texts(
            tmp_path, {f"{part}.csv": "\n".join(["file,label", *(f"images/{at}.png,{label}" for at, label in named)])}
        )
    (doubt,) = (each for each in known(tmp_path / "train.csv").doubts if "one picture for two parts" in each.sentence)
    assert [reading.label for reading in doubt.readings] == ["Do not read the other tables"]
