"""A setting on the command line is what a settings file has, whatever a shell does to its quotes."""

from __future__ import annotations

import shlex
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.understanding import Reading
from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.data.understand import setting_lines
from workbench.engine.spec.assignment import assigned, with_assigned
from workbench.engine.spec.experiment import ExperimentSpec

_SOURCES: Any = members_of(cast("type[Variant]", DataSource))
_TEXTS = sorted(
    (kind, each.name) for kind, member in _SOURCES.items() for each in settings_of(member) if each.type == "text"
)
#: Letters that a shell keeps as they are between double quotes.
_WORDS = st.text(st.sampled_from("abcXYZ019 .,:;|+-_[]{}#äé"), min_size=1).map(str.strip).filter(bool)


@settings(max_examples=60)
@given(st.sampled_from(_TEXTS), _WORDS)
@example(("csv", "validation_value"), "0")
@example(("folder", "left_out"), "2020")
@example(("csv", "class_column"), "1_000")
@example(("folder", "left_out"), "2020-01-31")
@example(("folder", "left_out"), "nan")
@example(("csv", "test_value"), "true")
@example(("folder", "left_out"), "[1, 2]")
def test_a_remedy_means_the_same_in_a_shell_and_in_a_settings_file(where: tuple[str, str], text: str) -> None:
    kind, name = where
    (line,) = setting_lines(Reading("", ((name, text),)))
    path, _, value = line.partition(" = ")
    (in_a_shell,) = shlex.split(f"{path}={value}")
    spec = ExperimentSpec().edited("data.source", {"kind": kind})
    for each in (line, in_a_shell):
        assert with_assigned(spec, *assigned(each)).at(path) == text


def test_numbers_switches_and_choices_keep_their_type() -> None:
    assert assigned("loop.epochs=3") == ("loop.epochs", 3)
    assert assigned("data.source.skip_empty=true") == ("data.source.skip_empty", True)
    assert assigned("data.source.classes=3") == ("data.source.classes", 3)  # of the points, where it is their number
    assert assigned("data.source.classes=folders") == ("data.source.classes", "folders")
