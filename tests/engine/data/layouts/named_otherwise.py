"""Tables that name pictures by number, lie beside their folder, or say two things of a picture."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _numbers(count: int, first: int = 0) -> str:
    return "\n".join(["id, sick", *(f"{i},{int(i % 2 == 0)}" for i in range(first, first + count))])


def _scans(root: Path) -> None:
    pictures(root, {"Dataset/scans": 10}, "{:03}.png")
    pictures(root, {"Exemple Photo": 2}, "photo{}.png")
    texts(root, {"Dataset/labels.csv": _numbers(10)})


def _sprites(root: Path) -> Path:
    pictures(root, {"sprites": 11}, "Sprite-{:04}.png")
    texts(root, {"labels.csv": _numbers(10, 1)})
    return root / "labels.csv"


def _another_start(root: Path) -> Path:
    """Rows 1 to 10 for pictures 0 to 9: which is meant cannot be known."""
    pictures(root, {"scans": 10}, "{:03}.png")
    texts(root, {"labels.csv": _numbers(10, 1)})
    return root / "labels.csv"


def _two_numberings(root: Path) -> Path:
    pictures(root, {"left": 10, "right": 10}, "{:03}.png")
    texts(root, {"labels.csv": _numbers(10)})
    return root / "labels.csv"


def _rows(count: int) -> str:
    return "".join(f"{i},p{i}.png,{'joy' if i % 2 else 'fear'}\n" for i in range(count))


def _legend(root: Path, more: str = "") -> None:
    pictures(root, {"images": 22}, "p{}.png")
    pictures(root, {"test": 4}, "t{}.png")
    pictures(root, {"test": 1}, "p{}.png")  # named as one of the others
    texts(root, {"data/legend.csv": f"user,image,emotion\n{_rows(20)}{more}"})


def _legend_alone(root: Path) -> Path:
    _legend(root)
    return root / "data" / "legend.csv"


_TWICE = "0,p1.png,fear\n1,p2.png,fear\n"
_SPELLED = "0,p20.png,JOY\n1,p21.png,Fear\n"


def _validation_table(root: Path) -> Path:
    """Opened by the table of its validation part."""
    for part, count in (("train", 8), ("valid", 4), ("test", 2)):
        pictures(root, {part: count}, f"{part}{{}}.png")
        rows = "".join(f"{part}{i}.png, {i % 2}, {1 - i % 2}\n" for i in range(count))
        texts(root, {f"{part}/_classes.csv": f"filename, a, b\n{rows}"})
    return root / "valid" / "_classes.csv"


LAYOUTS = [
    Layout("the table of the validation part", _validation_table, {"a": 6, "b": 6}, (8, 4, 2)),
    Layout(
        "ids beside a folder of numbers and a folder of examples",
        _scans,
        {"0": 5, "1": 5},
        (8, 2, 0),
    ),
    Layout("numbers at the end of names", _sprites, {"0": 5, "1": 5}, (8, 2, 0), ["1 picture in sprites"]),
    Layout("numbers from another start", _another_start, refused="has no column with the paths of pictures"),
    Layout(
        "numbers of two folders",
        _two_numberings,
        {"0": 5, "1": 5},
        refused="Several folders have pictures",
        doubt="Several folders have pictures that are named as in labels.csv: left, right",
        readings=({"0": 5, "1": 5}, {"0": 5, "1": 5}),
    ),
    Layout(
        "table, pictures and a flat test folder beside each other",
        _legend,
        {"fear": 10, "joy": 10},
        (16, 4, 0),
    ),
    Layout("a table in a folder beside that of the pictures", _legend_alone, {"fear": 10, "joy": 10}, (16, 4, 0)),
    Layout(
        "two pictures named twice, one of them with another class",
        lambda root: _legend(root, _TWICE),
        {"fear": 10, "joy": 9},
        refused="legend.csv names 1 picture more than once with different classes: p1.png (fear and joy)",
        doubt="p1.png (fear and joy)",
        readings=({"fear": 10, "joy": 9}, {"fear": 10, "joy": 10}),
    ),
    Layout(
        "classes in other upper and lower case",
        lambda root: _legend(root, _SPELLED),
        {"fear": 11, "joy": 11},
        refused="differ only in upper and lower case: 'Fear' and 'fear', 'JOY' and 'joy'",
        doubt="differ only in upper and lower case",
        readings=({"fear": 11, "joy": 11}, {"Fear": 1, "JOY": 1, "fear": 10, "joy": 10}),
    ),
]
