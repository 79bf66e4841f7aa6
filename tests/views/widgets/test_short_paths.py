"""Long paths in sentences are shortened; the tooltip has the whole sentence."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from workbench.views.widgets.basics import ShortPathWords, with_short_paths

LONG = "/mnt/disk/datasets_from_kaggle/skin-cancer-mnist-ham10000/HAM10000_metadata.csv"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{LONG} has several columns.", "…/skin-cancer-mnist-ham10000/HAM10000_metadata.csv has several columns."),
        (f"Cannot read “{LONG}”: gone.", "Cannot read “…/skin-cancer-mnist-ham10000/HAM10000_metadata.csv”: gone."),
        (
            "D:\\Data\\someone\\Pictures\\pets\\cats\\a_long_name_of_a_cat.jpg is",
            "…\\cats\\a_long_name_of_a_cat.jpg is",
        ),
        ("/data/pets/cats/1.png is short", "/data/pets/cats/1.png is short"),
        ("train/val and 3/4/5 of them, and/or more", "train/val and 3/4/5 of them, and/or more"),
        ("no path", "no path"),
    ],
)
def test_the_last_two_parts_of_a_long_path_are_left(text: str, shown: str) -> None:
    assert with_short_paths(text) == shown


def test_the_whole_sentence_is_in_the_tooltip(qtbot: QtBot) -> None:
    words = ShortPathWords(f"{LONG} has several columns.")
    qtbot.addWidget(words)
    assert LONG not in words.text() and LONG in words.toolTip().replace("\u200b", "")
    words.say("Nothing is wrong.")
    assert words.toolTip() == ""
