"""Ready experiments: the settings files of ``resources/presets`` in the order of their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

FOLDER = Path(__file__).parents[3] / "resources" / "presets"


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready experiment. ``title`` names it in a menu; ``note`` says what to look at, in several sentences."""

    path: Path
    spec: ExperimentSpec

    @property
    def title(self) -> str:
        """The experiment's title, or its file name if it has none."""
        return self.spec.title or self.path.stem

    @property
    def note(self) -> str:
        """What to look at, without the line breaks of the file."""
        return " ".join(self.spec.note.split())


def presets(folder: Path = FOLDER) -> tuple[Preset, ...]:
    """The presets of ``folder``; a file that cannot be read or is not valid is left out."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(Preset(path, load(path)))
        except WorkbenchError:
            continue
    return tuple(found)
