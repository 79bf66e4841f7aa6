"""What stands in the cells of a class column: choices, tags of several words, scores, a 1 of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def cells(head: str, values: Sequence[str], count: int = 12) -> Callable[[Path], Path]:
    """A maker of ``list.csv`` with these cells beside ``count`` pictures, over and over."""

    def make(root: Path) -> Path:
        pictures(root, {"img": count})
        rows = [f"img/{index}.png,{values[index % len(values)]}" for index in range(count)]
        texts(root, {"list.csv": "\n".join([f"image,{head}", *rows])})
        return root / "list.csv"

    return make


CHOICES = '"{""choices"":[""Cat"",""Dog""]}"'
ONE_HOT: Mapping[str, int] = {"cat": 6, "dog": 6}
TAGS = {"clear primary": 3, "clear road": 3, "cloudy": 3, "haze primary water": 3}
BREEDS = ("golden retriever", "labrador retriever", "siamese cat", "persian cat")

LAYOUTS = [
    Layout(
        "Label Studio, choices in some cells of a CSV",
        cells("id,choice", [f"1,{CHOICES}", "2,Dog", "3,Dog"]),
        {"Cat | Dog": 4, "Dog": 8},
        refused="“choice” seems to hold several classes a picture ('Cat | Dog')",
        doubt="several classes a picture",
        readings=({"Cat | Dog": 4, "Dog": 8},),
    ),
    Layout(
        "a 1 of two columns beside the sex",
        cells(
            "age,sex,cat,dog", [f"{30 + index},{'MF'[index % 2]},{1 - index % 2},{index % 2}" for index in range(12)]
        ),
        ONE_HOT,
        refused="may have its classes in “sex” (2: F, M) as well",
        doubt="has a 1 in one of “cat”, “dog” for each picture",
        readings=(ONE_HOT, {"F": 6, "M": 6}, {"0": 6, "1": 6}, {"0": 6, "1": 6}),
    ),
    Layout(
        "a 1 of two columns beside their names", cells("kind,cat,dog", ["Cat,1,0", "Dog,0,1"]), {"Cat": 6, "Dog": 6}
    ),
    Layout(
        "scores of each class",
        cells("cat,dog", [".9,.1", ".2,.8", "1,0"]),
        refused="scores of classes and no classes in “cat”, “dog” (.9, .1 in its row 1): soft labels are not supported",
    ),
    Layout("scores beside the class", cells("cat,dog,breed", [".9,.1,a", ".2,.8,b"]), {"a": 6, "b": 6}),
    Layout(
        "tags of several words",
        cells("tags", list(TAGS)),
        TAGS,
        refused="“tags” seems to hold several classes a picture ('clear primary')",
        doubt="several classes a picture",
        readings=(TAGS,),
    ),
    Layout("names of two words in tags", cells("tags", BREEDS), dict.fromkeys(BREEDS, 3)),
]
