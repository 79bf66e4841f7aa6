"""Which settings of a source say how its files are read, and the one click that leaves it to the program again."""

from __future__ import annotations

from typing import Final

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.understanding import Fact, Reading
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.text import paths_text, quoted
from workbench.engine.spec.diff import in_words

_NAMED: Final = 6
#: What says which data it is, and not how it is read.
_PLACES: Final = ("folder", "file")


def chosen_facts(source: DataSource) -> tuple[Fact, ...]:
    """A fact that names the settings of ``source`` that are not as the program finds them; none without such."""
    own = [each for each in settings_of(type(source)) if each.name not in source.kept_for_other_data]
    open_ = [each for each in own if each.default in ("auto", "") and each.name not in _PLACES]
    chosen = [each for each in open_ if getattr(source, each.name) != each.default]
    if not chosen:
        return ()
    said = [f"{each.knob.label} {quoted(in_words(getattr(source, each.name), each.knob))}" for each in chosen]
    back = Reading("As the program finds it: nothing chosen", tuple((each.name, each.default) for each in chosen))
    return (Fact("files", f"Set: {paths_text(said, _NAMED)}.", (back,)),)
