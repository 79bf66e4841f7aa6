"""Ready races: the race files of ``resources/races`` in the order of their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.race.file import load
from workbench.engine.race.spec import RaceSpec

FOLDER = Path(__file__).parents[3] / "resources" / "races"


@dataclass(frozen=True, slots=True)
class ReadyRace:
    """A race that comes with the program. ``note`` says what to look at."""

    path: Path
    race: RaceSpec

    @property
    def title(self) -> str:
        """The race's title, or its file name if it has none."""
        return self.race.title or self.path.stem

    @property
    def note(self) -> str:
        """What to look at, without the line breaks of the file."""
        return " ".join(self.race.note.split())


def ready_races(folder: Path = FOLDER) -> tuple[ReadyRace, ...]:
    """The races of ``folder``; a file that cannot be read or is none is left out."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            found.append(ReadyRace(path, load(path)))
        except WorkbenchError:
            continue
    return tuple(found)
