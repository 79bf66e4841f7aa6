"""Augmented pictures and the summary of the data: what they say in every case, that they fit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from tests.views.previews import SPEC, button, said, shown, summary_of
from workbench.engine.report.augmentation_sheet import Sheet, contact_sheet
from workbench.engine.report.data_summary import data_summary
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.data.augmentation_preview import AugmentationPreview, _Pictures, _resized
from workbench.views.data.summary import DataSummaryView, _ClassBars

pytestmark = pytest.mark.usefixtures("light")


def test_a_sheet_with_its_notes(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    assert "Preparing" in said(widget)
    widget.show_sheet(contact_sheet(SPEC, 3, 0))
    assert "epochs 1 to 4" in said(widget)
    assert "Rotation: A 6" in said(widget)
    assert button(widget).isVisibleTo(widget)
    with qtbot.waitSignal(widget.rerolled):
        qtbot.keyClick(button(widget), Qt.Key.Key_Space)


def test_the_share_of_each_class_is_read_at_a_mixed_picture(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    sheet = contact_sheet(ExperimentSpec().edited("augmentations", [{"kind": "mixup", "alpha": 1.0}]), 3, 0)
    widget.show_sheet(sheet)
    widget.resize(310, widget.heightForWidth(310))
    pictures = widget.findChildren(_Pictures)[0]
    qtbot.waitUntil(lambda: pictures.height() == pictures.heightForWidth(pictures.width()))
    assert pictures.words_at(pictures._place(0).center()) == "Class 0, the original"
    assert pictures.words_at(pictures._place(6).center()) == f"Class 4, epoch 1, label {sheet.mixtures[6]}"
    assert "mixed label" in said(widget)
    assert "Mixup: The label is blended" in said(widget)


def test_no_augmentation_and_errors_show_no_pictures(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    for tell in (
        lambda: widget.show_sheet(contact_sheet(ExperimentSpec(), 3, 0)),
        lambda: widget.show_error("There is no folder <b>x</b>."),
    ):
        widget.show_sheet(contact_sheet(SPEC, 3, 0))
        tell()
        assert not widget.findChildren(_Pictures)[0].isVisibleTo(widget)
        assert not button(widget).isVisibleTo(widget)
    assert said(widget) == "There is no folder <b>x</b>."


def test_small_pictures_stay_sharp(qtbot):
    """Two pixels, black and white: enlarged there is nothing between; reduced there is."""
    picture = QImage(bytes([0, 0, 0, 255, 255, 255, 0, 0]), 2, 1, 8, QImage.Format.Format_RGB888)
    enlarged = _resized(picture, picture.size() * 37)
    shades_of = {enlarged.pixelColor(x, 5).value() for x in range(enlarged.width())}
    assert shades_of == {0, 255}
    assert _resized(enlarged, picture.size()).pixelColor(0, 0).value() == 0


def test_the_pictures_are_as_high_as_they_need(qtbot):
    widget = shown(qtbot, AugmentationPreview())
    widget.show_sheet(contact_sheet(SPEC, 3, 0))
    widget.resize(310, widget.heightForWidth(310))
    pictures = widget.findChildren(_Pictures)[0]
    qtbot.waitUntil(lambda: pictures.height() == pictures.heightForWidth(pictures.width()))
    last = pictures._place(14)
    assert pictures.rect().contains(last)
    assert pictures.words_at(last.center()) == "Class 9, epoch 4"
    assert pictures.words_at(pictures._place(0).center()) == "Class 0, the original"
    assert pictures.words_at(QPoint(0, 0)) == ""


@pytest.mark.parametrize("shape", [(1, 1), (512, 512), (4, 512), (512, 4)])
def test_pictures_of_any_shape(qtbot, shape):
    widget = shown(qtbot, AugmentationPreview())
    widget.show_sheet(Sheet(np.full((10, *shape, 3), 200, np.uint8), 5, (0, 1, 2, 3), ("a" * 99, "b"), ()))
    widget.resize(310, widget.heightForWidth(310))
    assert widget.heightForWidth(310) < 700
    assert not widget.grab().isNull()


# --- Data -------------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_data(qtbot):
    widget = shown(qtbot, DataSummaryView())
    assert "Reading the data" in said(widget)
    widget.show_summary(data_summary(SPEC))
    assert said(widget) == "1\u202f438 training / 359 validation examples\n10 classes, 8×8 gray, 0.1 MB"
    assert not button(widget).isVisibleTo(widget)


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (summary_of((5, 5), (0, 0)), "No examples are kept"),
        (summary_of((5, 5), (2, 2)), "With only 4 validation examples"),
        (summary_of((50,), (40,)), "only one class"),
        (summary_of((50, 0), (40, 1)), "No training example of the class class 2"),
        (summary_of((50, 50), (40, 40), notes=("2 files are left out.",)), "2 files are left out."),
    ],
)
def test_what_should_be_known_before_the_start(qtbot, summary, words):
    widget = shown(qtbot, DataSummaryView())
    widget.show_summary(summary)
    assert words in said(widget)


def test_an_error_offers_to_try_again(qtbot):
    widget = shown(qtbot, DataSummaryView())
    widget.show_summary(data_summary(SPEC))
    widget.show_error("There is no folder.")
    assert said(widget) == "There is no folder."
    with qtbot.waitSignal(widget.retried):
        qtbot.keyClick(button(widget), Qt.Key.Key_Space)


@pytest.mark.parametrize("classes", [1, 2, 10, 100, 1000])
def test_bars_for_any_number_of_classes(qtbot, classes):
    widget = shown(qtbot, DataSummaryView())
    names = tuple(f"a long <b>name</b> {i}" for i in range(classes))
    widget.show_summary(summary_of(tuple(range(classes)), (1,) * classes, names))
    bars = widget.findChildren(_ClassBars)[0]
    assert not bars.grab().isNull()
    assert bars.words_at(QPoint(0, 5)) == "a long <b>name</b> 0: 0 training, 1 validation"
    assert bars.words_at(QPoint(10_000, 5)) == ""
