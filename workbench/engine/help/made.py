"""The pages that are made from declarations: every setting with its help, limits and lesson, every scene, and every
method of Explain.

``uv run python resources/make_help.py`` writes them; a test compares them with what is in ``resources/help``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel

from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.text import number_text
from workbench.engine.explain.question import methods
from workbench.engine.help.places import EXPLAIN, GENERAL, PLAYGROUND, SCENES, page_of
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.lesson import BAND, MEASURED
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.spec.experiment import ExperimentSpec

#: Markdown reads these; in a text they mean themselves.
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\*_`[]<>"})


def made_pages() -> Mapping[str, str]:
    """The text of each made page by its name."""
    pages = {GENERAL: "# An experiment\n"}
    for setting in settings_of(ExperimentSpec):
        name = page_of(ExperimentSpec, setting.name)
        if name == GENERAL:
            pages[GENERAL] += "\n" + "\n".join(_about(setting, "##"))
        else:
            pages[name] = "\n".join(_page(setting))
    pages[PLAYGROUND] = "\n".join(_playground())
    pages[SCENES] = "\n".join(_scenes())
    pages[EXPLAIN] = "\n".join(_methods())
    return {name: text.rstrip() + "\n" for name, text in pages.items()}


def _page(setting: Setting) -> Iterator[str]:
    yield from (f"# {_plain(setting.knob.label)}", "", _plain(setting.knob.help), "")
    if setting.type == "section":
        yield from _below(cast("type[BaseModel]", setting.base), "##")
    else:
        yield from _members(setting, "##")


def _playground() -> Iterator[str]:
    yield from ("# Settings of the playground", "")
    yield from (
        "What the Playground page shows. Optimizers and schedules are those of a run and have pages of their own.",
        "",
    )
    for setting in settings_of(PlaygroundSpec):
        yield from _about(setting, "##")
        if setting.name == "surface":
            yield from _members(setting, "###")


def _scenes() -> Iterator[str]:
    yield from ("# Scenes", "", "What the [Lessons](lessons.md) page plays, by number.", "")
    for lesson in load_lessons()[0]:
        beyond = " (beyond the lecture)" if lesson.is_beyond_the_lecture else ""
        yield from (f"## {lesson.number}. {_plain(lesson.title)}{beyond}", "", f"**{_plain(lesson.question)}**", "")
        yield from (_plain(lesson.drag), "")
        yield f"- {_claimed(lesson.conclusion, lesson.band)}"
        yield from (f"- {_claimed(also.conclusion, also.band)}" for also in lesson.also)
        counter = lesson.counter.words if lesson.counter is not None else ""
        yield from (f"- Counter-example, with which the first one fails: {_plain(counter)}", "")
        yield from (f"*Measured: {_plain(lesson.quantity.title)}. {_plain(lesson.quantity.summary)}*", "")
        for paragraph in lesson.paragraphs:
            yield from (_plain(paragraph), "")


def _methods() -> Iterator[str]:
    yield from (
        "# Methods of Explain",
        "",
        "What the maps of the [Explain](explain.md) tab show, and what they do not.",
        "",
    )
    for method in methods().values():
        yield from (
            f"## {_plain(method.title)}",
            "",
            _plain(method.summary),
            "",
            f"**Not shown:** {_plain(method.limits)}",
            "",
        )
        yield from (f"*Unit: {_plain(method.unit)}. Source: {_plain(method.source)}.*", "")
        yield from _below(method, "###")


def _claimed(sentence: str, band: Band) -> str:
    return _plain(sentence.replace(MEASURED, "…").replace(BAND, band.text))


def _below(cls: type[BaseModel], mark: str) -> Iterator[str]:
    for setting in settings_of(cls):
        yield from _about(setting, mark)
        if setting.type in ("variant", "variants"):
            yield from _members(setting, f"{mark}#")


def _members(setting: Setting, mark: str) -> Iterator[str]:
    for member in members_of(cast("type[Variant]", setting.base)).values():
        yield from (f"{mark} {_plain(member.title)}", "", _plain(member.summary), "")
        yield from _below(member, f"{mark}#")


def _about(setting: Setting, mark: str) -> Iterator[str]:
    knob = setting.knob
    yield from (f"{mark} {_plain(knob.label)}", "", _plain(knob.help), "")
    if knob.lesson:
        yield from (f"In the lecture: {_plain(knob.lesson)}", "")
    for value in setting.values:
        words = knob.options.get(value, "")
        yield f"- **{_plain(knob.title_of(value))}**{': ' + _plain(words) if words else ''}"
    if setting.values:
        yield ""
    facts = _facts(setting)
    if facts:
        yield from (f"*{facts}*", "")


def _facts(setting: Setting) -> str:
    knob = setting.knob
    facts = []
    if setting.type not in ("section", "variant", "variants", "points"):
        facts.append(f"Default: {_plain(_shown(setting))}")
    if knob.range_text:
        facts.append(knob.range_text)
    if knob.unit:
        facts.append(f"in {knob.unit}")
    if knob.live:
        facts.append("can be changed while it runs")
    return "; ".join(facts) + "." if facts else ""


def _shown(setting: Setting) -> str:
    value: Any = setting.default
    if value is None:
        return setting.knob.off.lower()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return number_text(value)
    if setting.values:
        return setting.knob.title_of(str(value))
    return "empty" if value in ("", ()) else str(value)


def _plain(text: str) -> str:
    return text.translate(_SIGNS)
