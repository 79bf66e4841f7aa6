"""Names that say groups and names that are only numbered: the first are asked about, the others never."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.data.group_doubts import unused_groups
from workbench.engine.data.name_groups import name_groups
from workbench.engine.data.split import split
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.splitting import group_reader

CLASSES = ("cat", "dog")
#: From class (0 or 1), number of the group and number in it, or from class and number, the name of a file.
Name = Callable[..., str]


def filed(names: Iterator[tuple[int, str]], classes: tuple[str, ...] = CLASSES) -> Dataset:
    """Examples of class (number) and name of file, in a folder for each class."""
    labels, files = zip(*names, strict=True)
    paths = tuple(f"/d/{classes[label]}/{name}" for label, name in zip(labels, files, strict=True))
    return Dataset(np.zeros((len(paths), 1, 1, 1), np.uint8), np.array(labels, np.int64), classes, files=paths)


def in_groups(name: Name, groups: int = 12, size: int = 5, are_shared: bool = False) -> Dataset:
    """``groups`` of each class, the same numbers in both if ``are_shared``."""
    many = ((c, g if are_shared else g + groups * c, i) for c in (0, 1) for g in range(groups) for i in range(size))
    return filed((c, name(c, g, i)) for c, g, i in many)


def numbered(name: Name, count: int = 120) -> Dataset:
    return filed((c, name(c, i)) for c in (0, 1) for i in range(count))


AUGMENTED = ("", "_flip", "_rot90", "_rot180", "_bright")
GROUPED: dict[str, Name] = {
    "patients, a view and a number": lambda c, g, i: f"patient{g:02}_a_{i}.png",
    "persons, as the chest X-rays of Kermany": lambda c, g, i: f"person{g}_{('bacteria', 'virus')[c]}_{i}.jpeg",
    "augmented pictures beside the original": lambda c, g, i: f"img{g}{AUGMENTED[i]}.png",
    "augmented pictures of numbered photos": lambda c, g, i: f"IMG_{g:04}{AUGMENTED[i]}.JPG",
    "tracks, as in GTSRB": lambda c, g, i: f"{g:05}_{i:05}.ppm",
    "patients and places, as in IDC": lambda c, g, i: f"{8863 + g}_idx5_x{i * 50}_y{g * 50}_class{c}.png",
    "patients behind the tumour, as in BreakHis": lambda c, g, i: (
        f"SOB_{'BM'[c]}_{'AFDL'[2 * c + g % 2]}-14-{22549 + g}AB-40-{i:03}.png"
    ),
    "follow-ups, as in ChestX-ray14": lambda c, g, i: f"{g + 1:08}_{i:03}.png",
    "frames of films": lambda c, g, i: f"MVI_{1580 + g}_{i * 25:05}.jpg",
    "left and right": lambda c, g, i: f"{1000 + g}_{('left', 'right', 'up', 'down', 'all')[i]}.jpeg",
    "the class, then the patient": lambda c, g, i: f"{CLASSES[c]}-{g:03}-{i:03}.png",
    "a day within a patient": lambda c, g, i: f"case{g}_20230{1 + i}14_01.png",
    "subjects and a word": lambda c, g, i: f"subject{g:02}.{('happy', 'sad', 'sleepy', 'wink', 'glasses')[i]}.gif",
    "points as signs": lambda c, g, i: f"scan{g}.{i}.png",
    "letters behind a number": lambda c, g, i: f"RCNX{g:04}{'abcde'[i]}.jpg",
    "the patient at the end": lambda c, g, i: f"img_{10 * g + i:03}_p{g}.png",
    "nothing between patient and slice": lambda c, g, i: f"p{g:02}s{i}.png",
    "BIDS": lambda c, g, i: f"sub-{g:02}_slice-{i}.png",
    "bursts of a phone": lambda c, g, i: f"{i:05}IMG_{i:05}_BURST2019{1 + c:02}{1 + g:02}101010.jpg",
    "a group behind a word": lambda c, g, i: f"crop_{i}_session{g}.png",
}
SHARED = {"tracks, as in GTSRB", "the class, then the patient"}  # numbered from 0 in each class


def time_of(c: int, i: int) -> datetime:
    """Some tens of pictures a day."""
    return datetime(2023, 1, 14, 9) + timedelta(seconds=97 * i + 40_000 * c)


PLAIN: dict[str, Name] = {
    "class and number, points": lambda c, i: f"{CLASSES[c]}.{i}.jpg",
    "class and number, underscores": lambda c, i: f"{CLASSES[c]}_{i}.jpg",
    "cameras": lambda c, i: f"IMG_{i:04}.jpg",
    "numbers alone, the same in each class": lambda c, i: f"{i:04}.png",
    "numbers and the class behind": lambda c, i: f"{i:04}_{CLASSES[c]}.png",
    "WordNet": lambda c, i: f"n0144{c}764_{10_026 + i}.JPEG",
    "several WordNet classes in one": lambda c, i: f"n0144{c}76{i % 6}_{10_026 + i}.JPEG",
    "a word and a number": lambda c, i: f"img_{i}.png",
    "phones, by time": lambda c, i: f"{time_of(c, i):%Y%m%d_%H%M%S}.jpg",
    "phones, by time, with a word": lambda c, i: f"IMG_{time_of(c, i):%Y%m%d_%H%M%S}.jpg",
    "Pixel phones": lambda c, i: f"PXL_{time_of(c, i):%Y%m%d_%H%M%S}{i % 1000:03}.jpg",
    "screenshots": lambda c, i: f"Screenshot {time_of(c, i):%Y-%m-%d at %H.%M.%S}.png",
    "WhatsApp": lambda c, i: f"IMG-{time_of(c, i):%Y%m%d}-WA{i:04}.jpg",
    "years": lambda c, i: f"{2015 + i % 6}_{i:04}.jpg",
    "UUIDs": lambda c, i: f"{uuid.UUID(int=(c * 1000 + i) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)}.png",
    "hashes": lambda c, i: f"{hashlib.md5(f'{c}/{i}'.encode()).hexdigest()}.jpg",
    "hashes with a class": lambda c, i: f"{hashlib.sha1(f'{c}/{i}'.encode()).hexdigest()[:8]}_{CLASSES[c]}.jpg",
    "renamed by Windows": lambda c, i: f"{CLASSES[c]} ({i}).jpg",
    "breeds in a class": lambda c, i: f"{('Bengal', 'Birman', 'Bombay', 'beagle', 'boxer')[i % 5]}_{i}.jpg",
    "the total behind": lambda c, i: f"img_{i}_of_120.png",
    "one picture of each patient": lambda c, i: f"patient{c * 120 + i:03}_a.png",
    "ISIC": lambda c, i: f"ISIC_{24_306 + 200 * c + i:07}.jpg",
    "COCO": lambda c, i: f"COCO_train2014_{9 + 200 * c + i:012}.jpg",
    "a class number in front": lambda c, i: f"{c:03}_{i:05}.png",
    "sizes behind": lambda c, i: f"{i}_640x480.png",
    "a size behind a word": lambda c, i: f"{i}_w{(640, 800)[i % 2]}.png",
    "single pictures of cameras": lambda c, i: f"{i + 120 * c:04}_cam{i % 6}.png",
    "places in a larger picture": lambda c, i: f"x{i // 10}_y{i % 10}.png",
}


@pytest.mark.parametrize("alone", [60, 20], ids=["more", "fewer"])
def test_the_word_of_the_groups_counts_and_not_that_of_pictures_that_stand_alone(alone: int) -> None:
    """``case`` numbers pictures one by one, ``patient`` five each."""
    grouped = ((c, f"patient{g + 8 * c}_a_{i}.png") for c in (0, 1) for g in range(8) for i in range(5))
    single = ((c, f"picture_case{i + alone * c}.png") for c in (0, 1) for i in range(alone))
    doubt = unused_groups(filed(iter([*grouped, *single])), DataSpec())
    assert doubt is not None
    settings = dict(doubt.readings[0].settings)
    assert settings["data.group_by"] == "name" and "patient" in settings["data.group_pattern"]
    assert "80 of" in doubt.sentence


@pytest.mark.parametrize("scheme", GROUPED)
def test_names_of_groups_are_asked_about_and_the_way_out_keeps_each_together(scheme: str) -> None:
    dataset = in_groups(GROUPED[scheme], are_shared=scheme in SHARED)
    doubt = unused_groups(dataset, DataSpec())
    assert (
        doubt is not None and not doubt.is_refused and "The names of 120 of 120 pictures begin alike" in doubt.sentence
    )
    together, independent = doubt.readings
    chosen = DataSpec(**{path.removeprefix("data."): value for path, value in together.edits.items()})
    parts = split(dataset, chosen)
    groups = np.arange(24).repeat(5)
    held = set(groups[parts.val].tolist())
    assert held and not held & set(groups[parts.train].tolist())
    assert unused_groups(dataset, chosen) is None
    assert unused_groups(dataset, DataSpec(group_by=independent.edits["data.group_by"])) is None


@pytest.mark.parametrize("name", ["{x}_{y}_S{g}.png", "tile_{x}_{y}_img{g}.png", "{x}-{y}-scan{g}.jpg"])
def test_tiles_whose_names_end_with_their_source_are_kept_together(name: str) -> None:
    dataset = in_groups(lambda c, g, i: name.format(x=256 * (i % 3), y=256 * (i // 3), g=100 + g), size=6)
    doubt = unused_groups(dataset, DataSpec())
    assert doubt is not None and "The names of 144 of 144 pictures end alike" in doubt.sentence
    chosen = DataSpec(**{path.removeprefix("data."): value for path, value in doubt.readings[0].edits.items()})
    parts = split(dataset, chosen)
    groups = np.arange(24).repeat(6)
    held = set(groups[parts.val].tolist())
    assert held and not held & set(groups[parts.train].tolist())


@pytest.mark.parametrize("scheme", PLAIN)
def test_names_that_are_only_numbered_say_nothing(scheme: str) -> None:
    assert unused_groups(numbered(PLAIN[scheme]), DataSpec()) is None


def test_groups_that_are_whole_classes_say_nothing() -> None:
    classes = tuple(f"class{c}" for c in range(10))
    whole = filed(((c, f"{c:03}_{i:05}.png") for c in range(10) for i in range(8)), classes)
    halves = filed(((c, f"{2 * c + i % 2:03}_{i:05}.png") for c in range(10) for i in range(8)), classes)
    assert unused_groups(whole, DataSpec()) is None and unused_groups(halves, DataSpec()) is not None


def test_classes_whose_names_are_in_several_folders_are_no_groups() -> None:
    """``train/3/img_3_07.png`` beside ``train2/3/img_3_07.png``: the number of the class is in the name."""
    whole = filed(((c, f"img_{c}_{i:02}.png") for c in range(10) for i in range(8)), tuple(map(str, range(10))))
    files = tuple(file.replace("/d/", f"/d/{folder}/") for folder in ("train", "train2") for file in whole.files)
    twice = replace(whole, inputs=np.tile(whole.inputs, (2, 1, 1, 1)), labels=np.tile(whole.labels, 2), files=files)
    found = name_groups(twice.files, twice.labels.tolist())
    assert found is None and name_groups(whole.files, whole.labels.tolist()) is None


def test_a_few_pictures_in_groups_and_a_few_groups_say_nothing() -> None:
    twice = filed((c, f"IMG_{i:04}_{end}.jpg") for c in (0, 1) for i in range(60) for end in "ab"[: 1 + (i < 2)])
    three = in_groups(lambda c, g, i: f"scan{g % 3}_{i}_{g}.png")
    assert unused_groups(twice, DataSpec()) is None and unused_groups(three, DataSpec()) is None


def test_few_tracks_of_each_of_several_classes_are_asked_about() -> None:
    def tracks(classes: int) -> Dataset:
        names = ((c, f"{t:05}_{i:05}.ppm") for c in range(classes) for t in range(3) for i in range(4))
        return filed(names, tuple(f"{c:05}" for c in range(classes)))

    assert unused_groups(tracks(3), DataSpec()) is not None and unused_groups(tracks(2), DataSpec()) is None


def test_eyes_of_one_person_are_asked_about_and_a_letter_of_each_number_alone_is_not() -> None:
    eyes = filed((c, f"{n + 30 * c:03}{eye}.jpg") for c in (0, 1) for n in range(30) for eye in ("OD", "OS"))
    alone = filed((c, f"{n + 30 * c:03}{'ab'[n % 2]}.jpg") for c in (0, 1) for n in range(30))
    assert unused_groups(eyes, DataSpec()) is not None and unused_groups(alone, DataSpec()) is None


def test_copies_of_some_pictures_are_asked_about_by_the_word_for_them() -> None:
    ends = ("", " (copy)", "_flipped")
    names = [(c, f"{n}{end}.jpg") for c in (0, 1) for n in range(12) for end in (ends if n < 4 else ends[:1])]
    doubt = unused_groups(filed(iter(names)), DataSpec())
    assert doubt is not None and "24 of 40 pictures" in doubt.sentence


def test_what_repeats_in_names_is_no_group_if_what_follows_is() -> None:
    files = in_groups(GROUPED["patients behind the tumour, as in BreakHis"])
    doubt = unused_groups(files, DataSpec())
    assert doubt is not None and "SOB_B_A-14-22549AB" in doubt.sentence  # and not SOB_B_A-14


def test_a_split_of_the_datas_own_is_not_asked_about_unless_folds_divide_it() -> None:
    files = in_groups(GROUPED["frames of films"])
    held = np.arange(len(files.labels)) % 4 == 0
    own = replace(files, validation=held)
    assert unused_groups(own, DataSpec()) is None and unused_groups(own, DataSpec(folds=3)) is not None
    assert unused_groups(replace(files, groups=np.zeros(len(held), np.int64)), DataSpec()) is None


BELOW = [
    f"/d/{CLASSES[c]}/S-14-{p + 6 * c}AB/{zoom}/{i}.png"
    for c in (0, 1)
    for p in range(6)
    for zoom in ("40X", "100X")
    for i in range(2)
]
ABOVE = [f"/d/{8863 + p}/{name}/{i}.png" for name in CLASSES for p in range(6) for i in range(3)]


@pytest.mark.parametrize(
    ("files", "level", "first"), [(BELOW, 3, "S-14-0AB"), (ABOVE, 2, "8863")], ids=["below", "above"]
)
def test_numbered_folders_beside_the_level_of_classes_are_asked_about(files: list[str], level: int, first: str) -> None:
    labels = np.array(["/dog/" in file for file in files], np.int64)
    dataset = Dataset(np.zeros((len(files), 1, 1, 1), np.uint8), labels, CLASSES, files=tuple(files))
    doubt = unused_groups(dataset, DataSpec())
    assert doubt is not None and f"({first}, " in doubt.sentence
    chosen = DataSpec(group_by=doubt.readings[0].edits["data.group_by"])
    parts = split(dataset, chosen)
    trained, held = ({files[i].split("/")[level] for i in part} for part in (parts.train, parts.val))
    assert held and not held & trained
    assert unused_groups(dataset, chosen) is None


@pytest.mark.parametrize(
    ("several", "alone", "is_asked"), [(0, 12, False), (3, 0, False), (4, 0, True), (4, 4, True), (4, 5, False)]
)
def test_only_enough_numbered_folders_of_several_pictures_are_asked_about(
    several: int, alone: int, is_asked: bool
) -> None:
    sizes = [2] * several + [1] * alone
    files = [f"/d/{CLASSES[p % 2]}/item{p}/{'ab'[i]}.png" for p, size in enumerate(sizes) for i in range(size)]
    labels = np.array(["/dog/" in file for file in files], np.int64)
    dataset = Dataset(np.zeros((len(files), 1, 1, 1), np.uint8), labels, CLASSES, files=tuple(files))
    assert (unused_groups(dataset, DataSpec()) is not None) is is_asked


@pytest.mark.parametrize(("copied", "of", "is_asked"), [(3, 40, True), (2, 40, False), (3, 400, False)])
def test_copies_beside_their_originals_are_asked_about_where_they_are_not_hardly_any(
    copied: int, of: int, is_asked: bool
) -> None:
    names = [(i % 2, f"IMG_{i:04}{end}.jpg") for i in range(of) for end in ("", "-edited")[: 1 + (i < copied)]]
    doubt = unused_groups(filed(iter(names)), DataSpec())
    assert (doubt is not None) is is_asked
    if doubt is not None:
        settings = dict(doubt.readings[0].settings)
        read = group_reader(settings["data.group_pattern"])
        assert (
            read("IMG_0001-edited.jpg") == read("IMG_0001.jpg") == "IMG_0001"
            and f"The names of {2 * copied} of" in doubt.sentence
        )


def test_numbers_in_parentheses_without_an_original_are_no_copies() -> None:
    assert unused_groups(filed((c, f"leaf {i} (1).jpg") for c in (0, 1) for i in range(20)), DataSpec()) is None
