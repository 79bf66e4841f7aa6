"""Files of torch that hold examples and no network: tensors of pictures and labels, as ``torch.save((x, y), …)`` writes
them and torchvision wrote MNIST (``training.pt``)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from workbench.engine.core.pickle_check import MAX_PICKLE, Alien, Malformed, TensorPlan, survey
from workbench.engine.core.text import paths_text

#: Keys under which tables of tensors hold examples; weights have the names of layers.
_WORDS: Final = frozenset(
    {"image", "images", "img", "imgs", "picture", "pictures", "pixels", "x", "data", "inputs", "samples", "features"}
    | {"label", "labels", "y", "target", "targets", "classes", "train", "test", "val"}
)
#: First records of torch's older format: magic number, protocol version, system information; then the value.
_BEFORE: Final = 3
_MOST: Final = 8
#: Maximum number of dimensions, the batch dimension included, of arrays that are not pictures.
_OF_POINTS: Final = 2
_NAMED: Final = 4


def words_of_data(value: Any, name: str) -> str:
    """What the ``value`` of a surveyed file called ``name`` holds, and how it is brought into this program, as the rest
    of a sentence; empty where it may be weights."""
    found = _examples(value)
    shapes = paths_text(["×".join(map(str, each.size)) for each in found.values()], _NAMED)
    if len(found) == 1:
        text = f"holds one tensor ({shapes}) and no network"
        return f"{text}: if these are pictures, save them with their labels in one .npz (images, labels), and open that"
    arrays = f"{Path(name).stem}.npz"
    return f"holds tensors of data ({shapes}) and no weights. {_way(found, name, arrays)}" if found else ""


def _way(found: Mapping[str, TensorPlan], name: str, arrays: str) -> str:
    """How the tensors ``found`` become an archive of arrays called ``arrays``."""
    labels = next((each for each, plan in found.items() if len(plan.size) == 1), "")
    pictures = next((each for each, plan in found.items() if len(plan.size) > 1), "")
    if len(found) > 2 or not labels or not pictures:
        return "Save them as arrays in one .npz (train_images, train_labels, test_images, …), and open that as data"
    saved = f"images={pictures}.numpy(), labels={labels}.numpy()"
    return f'In Python: a = torch.load("{name}"); numpy.savez("{arrays}", {saved}). Open {arrays} as data'


def value_of(file: Path) -> Any:
    """What the file of torch ``file`` announces, with a TensorPlan for each tensor; nothing of it is run.

    Raises Alien for objects of Python, Malformed for other files, OSError.
    """
    with file.open("rb") as stream:
        head = stream.read(2)
    if head != b"PK":
        with file.open("rb") as stream:
            data = stream.read(MAX_PICKLE)
        place = 0
        for _ in range(_BEFORE):
            place = survey(data, place).end
        return survey(data, place).value
    try:
        with zipfile.ZipFile(file) as archive:
            named = [entry for entry in archive.infolist() if entry.filename.rpartition("/")[2] == "data.pkl"]
            if len(named) != 1 or named[0].file_size > MAX_PICKLE:
                raise Malformed("no list of contents, or one that is too long")
            data = archive.read(named[0])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError) as error:
        raise Malformed(str(error)) from None
    return survey(data).value


def said_of(file: Path) -> str:
    """``words_of_data`` of ``file``, or that it holds a data set as objects of Python; empty for other files."""
    try:
        return words_of_data(value_of(file), file.name)
    except Alien as alien:
        if "dataset" not in alien.name.lower():
            return ""
        way = "save its pictures and labels as arrays in one .npz (images, labels), and open that as data"
        return f"holds a data set as objects of Python ({alien.name}). Nothing of it was run: {way}"
    except (Malformed, OSError):
        return ""


def _examples(value: Any) -> Mapping[str, TensorPlan]:
    """The tensors of ``value`` by how Python gets at them, if they are examples; none for others."""
    found = dict(_tensors(value, "a"))
    if not found or len(found) > _MOST:
        return {}
    if isinstance(value, Mapping):
        words = {word for key in value for word in re.findall(r"[a-z]+", str(key).lower())}
        return found if words & _WORDS and _fit(found.values()) else {}
    is_pictures = len(found) == 1 and len(next(iter(found.values())).size) > _OF_POINTS
    return found if is_pictures or _fit(found.values()) else {}


def _fit(found: Collection[TensorPlan]) -> bool:
    """Whether one has a number for each example of another: labels and pictures."""
    labels = {each.size[0] for each in found if len(each.size) == 1 or (len(each.size) == 2 and each.size[1] == 1)}
    return any(len(each.size) > 1 and each.size[0] in labels for each in found)


def _tensors(value: Any, name: str) -> Iterator[tuple[str, TensorPlan]]:
    if isinstance(value, TensorPlan):
        yield name, value
    elif isinstance(value, Mapping):
        yield from ((f'{name}["{key}"]', each) for key, each in value.items() if isinstance(each, TensorPlan))
    elif isinstance(value, (tuple, list)):
        for index, each in enumerate(value):
            yield from _tensors(each, f"{name}[{index}]")
