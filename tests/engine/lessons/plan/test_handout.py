"""The handout: one page that needs nothing else, with pictures, numbers, questions and room for notes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.engine.lessons.plan.scenes import bowl, edited_run, plan
from workbench.engine.__main__ import main
from workbench.engine.lessons.picture import Panel, line
from workbench.engine.lessons.plan.file import save
from workbench.engine.lessons.plan.handout import chart_of, handout
from workbench.engine.lessons.plan.plan import LessonPlan
from workbench.engine.lessons.play import finding


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_has_every_scene_with_its_question_numbers_and_pictures() -> None:
    page = handout(plan())
    for scene in plan().scenes:
        lesson, record = scene.lesson, scene.record
        assert record is not None and record.picture is not None
        assert f"<h2>{lesson.number}. {lesson.title}" in page and lesson.question in page
        said = finding(lesson.quantity, lesson.band, lesson.conclusion, record.numbers[0]).text
        assert said in page and "(expected: " in said
        assert all(panel.title in page for panel in record.picture.panels)
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawings) == sum(
        len(scene.record.picture.panels) for scene in plan().scenes if scene.record and scene.record.picture
    )
    for drawing in drawings:
        assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert page.count('<div class="line">') == 5 * len(plan().scenes)
    assert "For the first lecture." in page and '<li value="2">With a change</li>' in page


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    tags = Tags(handout(plan())).found
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags}
    given = {name for _, attributes in tags for name in attributes}
    assert not {"src", "href"} & given and not any(name.startswith("on") for name in given)


def test_texts_are_no_html() -> None:
    bad = "<script>alert('1 & 2')</script>"
    lesson = edited_run().lesson.edited("title", bad).edited("question", bad)
    page = handout(LessonPlan(bad, note=bad).with_scenes(replace(edited_run(), lesson=lesson)))
    assert "<script" not in page and page.count("&lt;script&gt;") >= 4


def test_a_scene_without_a_record_has_room_for_its_numbers() -> None:
    page = handout(LessonPlan("Empty").with_scenes(replace(bowl(), record=None)))
    assert "<svg" not in page and page.count('style="width: 6em"') == 1 + len(bowl().lesson.also)
    assert "{measured}" not in page and f"expected: {bowl().lesson.band.text}" in page
    assert "This plan has no scenes yet." in handout(LessonPlan("None"))


def test_a_panel_keeps_its_axes_its_band_and_the_order_of_its_colours() -> None:
    lines = (line("theory", [1, 2], [1, 2], "dashed"), line("a", [1, 2], [2, 3]), line("b", [1, 2], [3, 4], "dots"))
    chart = chart_of(Panel("T", "x", "y", lines, log_x=True, is_measured=True), bowl().lesson.band)
    assert (chart.x_scale, chart.y_scale) == ("log", "linear")
    assert [curve.colour for curve in chart.curves] == ["muted", "series-0", "series-1"]
    assert chart.band is not None and chart.band.high == bowl().lesson.band.high
    assert chart_of(Panel("T", "x", "y", lines), bowl().lesson.band).band is None


@pytest.mark.usefixtures("workbench_home")
def test_the_command_writes_it_and_plays_only_what_has_no_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(LessonPlan("Two").with_scenes(replace(bowl(), record=None), edited_run()), tmp_path / "a.plan")
    assert main(["plan", str(tmp_path / "a.plan"), "--handout", str(tmp_path / "a.html")]) == 0
    assert capsys.readouterr().out.startswith(" 1  holds")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert page == handout(LessonPlan("Two").with_scenes(bowl(), edited_run()))
