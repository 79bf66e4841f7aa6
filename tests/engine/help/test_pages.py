"""The pages of help: complete, linked, up to date with the declarations, and found by words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.help.made import made_pages
from workbench.engine.help.pages import CONTENTS, FOLDER, HelpPage, load_pages, search
from workbench.engine.help.places import Place, place_of
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.spec.editable import Editable, children
from workbench.engine.spec.experiment import ExperimentSpec

PAGES = {page.name: page for page in load_pages()}


def test_made_pages_are_those_of_the_declarations() -> None:
    for name, text in made_pages().items():
        assert (FOLDER / f"{name}.md").read_text("utf-8") == text, "run resources/make_help.py"


def test_every_file_is_in_the_contents_and_every_link_leads_to_one() -> None:
    files = {path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.md")}
    assert files == set(PAGES)
    for page in PAGES.values():
        assert set(page.links) <= set(PAGES), page.name
        assert set(re.findall(r"\]\(([^)]+)\)", page.text)) == {f"{name}.md" for name in page.links}


def _paths(spec: Editable) -> Iterator[str]:
    def below(value: Any, prefix: str) -> Iterator[str]:
        for name, child in children(value):
            yield prefix + name
            if isinstance(value, tuple) and not isinstance(child, Variant):
                continue
            yield from below(child, f"{prefix}{name}.")

    for path in below(spec, ""):
        if not re.search(r"\.\d+(\.\d+)*$", path) or isinstance(spec.at(path), Variant):
            yield path


def _with_all_members() -> Iterator[Editable]:
    """The default spec with each member of each family in turn."""
    for spec in (ExperimentSpec(), PlaygroundSpec()):
        for setting in settings_of(type(spec)):
            if setting.type in ("variant", "variants"):
                for member in members_of(cast("type[Variant]", setting.base)).values():
                    value = member() if setting.type == "variant" else (member(),)
                    yield spec.edited(setting.name, value)


def test_the_help_of_every_setting_of_every_member_is_found() -> None:
    looked_at = 0
    for spec in _with_all_members():
        for path in _paths(spec):
            place = place_of(spec, path)
            rest = list(PAGES[place.page].headings)
            for heading in place.headings:
                assert heading in rest, (path, place)
                rest = rest[rest.index(heading) + 1 :]
            looked_at += 1
    assert looked_at > 2000


def test_settings_of_a_lesson_have_the_places_of_what_they_belong_to() -> None:
    lesson = next(each for each in load_lessons()[0] if each.playground is not None)
    path = "racers.0.lr"
    assert lesson.playground
    assert place_of(lesson, f"playground.{path}") == place_of(lesson.playground, path)


@pytest.mark.parametrize(
    ("spec", "path", "page", "headings"),
    [
        (ExperimentSpec(), "title", "general", ("Title",)),
        (ExperimentSpec(), "loop", "loop", ()),
        (ExperimentSpec(), "loop.epochs", "loop", ("Epochs",)),
        (ExperimentSpec(), "optimizer.lr", "optimizer", ("Momentum", "Learning rate")),
        (PlaygroundSpec(), "noise", "playground", ("Gradient noise",)),
        (PlaygroundSpec(), "surface", "playground", ("Surface", "Bowl")),
        (PlaygroundSpec(), "surface.tilt", "playground", ("Bowl", "Tilt")),
        (PlaygroundSpec(), "racers", "optimizer", ()),
        (PlaygroundSpec(), "racers.1.lr", "optimizer", ("Momentum", "Learning rate")),
    ],
)
def test_a_place_is_as_near_to_the_setting_as_its_page_goes(
    spec: Editable, path: str, page: str, headings: tuple[str, ...]
) -> None:
    assert place_of(spec, path) == Place(f"settings/{page}", headings)


def test_an_unknown_path_has_no_place() -> None:
    with pytest.raises(KeyError):
        place_of(ExperimentSpec(), "optimizer.nothing")


def test_headings_are_found_before_paragraphs() -> None:
    found = list(search(tuple(PAGES.values()), "WEIGHT decay"))
    assert found[0].headings[-1] == "Weight decay"
    assert any("weight decay" in each.line.lower() and each.headings[-1] != "Weight decay" for each in found)
    is_heading = ["weight decay" in each.headings[-1].lower() for each in found]
    assert is_heading == sorted(is_heading, reverse=True)
    assert list(search(tuple(PAGES.values()), "  ")) == []


def test_a_place_is_found_once_where_heading_and_paragraph_have_the_words() -> None:
    page = HelpPage("one", "# Title\n\n## Needle\n\nneedle and thread\n\n## Other\n\nneedle")
    assert [(each.headings[-1], each.line) for each in search((page,), "needle")] == [
        ("Needle", ""),
        ("Needle", "needle and thread"),
        ("Other", "needle"),
    ]


def test_a_place_that_was_found_has_its_headings_from_the_top() -> None:
    page = HelpPage("one", "# Title\n\nfirst\n\n## A\n\n### B\n\nneedle\n\n## C\n\nneedle")
    assert [each.headings for each in search((page,), "needle")] == [("Title", "A", "B"), ("Title", "C")]


def test_a_page_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / f"{CONTENTS}.md").write_text("# Help\n\n[Gone](gone.md)\n", "utf-8")
    with pytest.raises(WorkbenchError, match="gone"):
        load_pages(tmp_path)


def test_no_written_page_names_a_menu_entry_that_is_not_there() -> None:
    from workbench.views.window.actions import ENTRIES  # a table of words, without a window

    known = {(e.menu, e.text.replace("&", "").rstrip("…")) for e in ENTRIES} | {("File", "Presets"), ("View", "Layers")}
    for page in PAGES.values():
        if not page.name.startswith("settings/"):
            for menu, entry in re.findall(r"\*(File|Edit|Run|View|Help) > ([^*]+)\*", page.text):
                assert (menu, entry) in known, (page.name, menu, entry)
