"""Settings that a refusal calls by the labels of the form, as they are chosen on the command line."""

from __future__ import annotations

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.understanding import SOURCE
from workbench.engine.catalog.settings import settings_of


def assignments(text: str, source: DataSource) -> str:
    """A sentence with ``--set`` for each setting of ``source`` whose label ``text`` quotes (“Leave empty classes out”);
    empty without any."""
    named = [each for each in settings_of(type(source)) if f"“{each.knob.label}”" in text]
    said = [f"{SOURCE}.{each.name}={'true' if each.type == 'switch' else '…'}" for each in named]
    return f"On the command line: --set {' or --set '.join(said)}." if said else ""
