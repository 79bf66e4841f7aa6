"""Pictures whose names end with their class: it is asked whether that is so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, picture

BOTH = {"cat": 6, "dog": 6}
SEVEN = {"2": 6, "7": 6}
NUMBERS = "Their names end with the numbers 2, 7"
ENDS = "Their names end with"


def named(
    pattern: str, ends: tuple[str, str] = ("cat", "dog"), parts: tuple[str, ...] = ("",)
) -> Callable[[Path], None]:
    """A maker of twelve pictures a part, the two ``ends`` by turns."""

    def make(root: Path) -> None:
        for number, part in enumerate(parts):
            (root / part).mkdir(exist_ok=True)
            for index in range(12):
                name = pattern.format(index, ends[index % 2])
                (root / part / name).write_bytes(picture(12 * number + index))

    return make


LAYOUTS = [
    Layout("behind a dash", named("{:04}-{}.png"), BOTH, refused=ENDS, doubt=ENDS, readings=(BOTH,)),
    Layout("behind the name of a camera", named("IMG_{:04}_{}.png"), BOTH, refused=ENDS, doubt=ENDS, readings=(BOTH,)),
    Layout("in brackets", named("scan{} ({}).png"), BOTH, refused=ENDS, doubt=ENDS, readings=(BOTH,)),
    Layout("good and bad", named("{}_{}.png", ("good", "bad")), {"bad": 6, "good": 6}, refused=ENDS, doubt=ENDS),
    Layout("in parts", named("{}_{}.png", parts=("train", "test")), BOTH, (10, 2, 12), refused=ENDS, doubt=ENDS),
    Layout("edited pictures", named("IMG_{:04}-{}.png", ("edited", "edited")), refused="no class folders"),
    Layout("pictures and masks", named("{:04}_{}.png", ("x", "mask")), refused="no class folders"),
    Layout(
        "numbers of classes",
        named("img_{:04}_{}.png", ("2", "7")),
        SEVEN,
        refused=NUMBERS,
        doubt=NUMBERS,
        readings=(SEVEN,),
    ),
    Layout("numbers behind a word", named("img_{}_label{}.png", ("2", "7")), SEVEN, refused=NUMBERS, doubt=NUMBERS),
    Layout("letters behind numbers", named("{:04}{}.png", ("a", "b")), refused="no class folders"),
]
