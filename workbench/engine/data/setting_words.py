"""Settings that a refusal calls by the labels of the form, as they are chosen on the command line."""

from __future__ import annotations

import re

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.understanding import SOURCE
from workbench.engine.catalog.settings import Setting, settings_of


def assignments(text: str, source: DataSource) -> str:
    """A sentence with ``--set`` for each setting of ``source`` whose label ``text`` quotes (“Leave empty classes out”);
    empty without any. A setting that ``text`` gives a value has that alone: ``(data.source.repeated = "first")``."""
    named = [each for each in settings_of(type(source)) if f"“{each.knob.label}”" in text]
    said = [f"{SOURCE}.{each.name}={value}" for each in named for value in (_given(text, each) or _values(each))]
    return f"On the command line: --set {' or --set '.join(said)}." if said else ""


def _given(text: str, setting: Setting) -> tuple[str, ...]:
    """The values that ``text`` itself writes for ``setting``, as a line of TOML."""
    return tuple(re.findall(rf'\({re.escape(SOURCE)}\.{setting.name} = "([^"]+)"\)', text))


def _values(setting: Setting) -> tuple[str, ...]:
    """What ``setting`` may be set to where its default is refused."""
    if setting.type == "choice":
        return tuple(value for value in setting.values if value != setting.default)
    return ("true",) if setting.type == "switch" else ("…",)
