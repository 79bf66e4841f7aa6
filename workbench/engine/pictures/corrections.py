"""Pictures left out or given another class: kept in a small file beside the data, never in the pictures.

For a folder the file is ``.workbench.toml`` in it, for a table ``.NAME.workbench.toml`` beside it. Where that place may
not be written, the file is kept with the program's own data, and ``note`` says so.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.core.toml_names import has_long_name

NAME: Final = ".workbench.toml"
#: A larger file is none of ours.
MAX_BYTES: Final = 50_000_000
_HEAD: Final = """# Written by the training workbench: pictures left out, or of another class than that of their folder.
# The pictures themselves are never changed. Remove this file to take everything back.
version = 1
"""


@dataclass(frozen=True, slots=True)
class Corrections:
    """Names are paths below the data's folder with "/" (absolute for files elsewhere)."""

    excluded: frozenset[str] = frozenset()
    relabelled: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __bool__(self) -> bool:
        return bool(self.excluded or self.relabelled)


@dataclass(frozen=True, slots=True)
class Listed:
    """One picture for a browser: ``label`` is the class of its folder, ``relabelled`` the one given instead or empty.

    ``part`` is train, validation or test where the data keeps them apart, else empty.
    """

    path: Path
    name: str
    label: str
    relabelled: str
    excluded: bool
    part: str = ""

    @property
    def used_label(self) -> str:
        """The class that training uses."""
        return self.relabelled or self.label


def name_of(file: Path, root: Path) -> str:
    """How a file is named in the corrections of ``root``; bytes that are no text are written as ``\\udcff``."""
    try:
        name = PurePosixPath(file.relative_to(root)).as_posix()
    except ValueError:
        name = file.as_posix()
    return _written(name)


def _written(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


class CorrectionsFile:
    """The corrections of one data set. ``source`` is its folder, or the file of its table."""

    def __init__(self, source: Path) -> None:
        self.root = source if source.is_dir() else source.parent
        beside = self.root / (NAME if source.is_dir() else f".{source.name}{NAME}")
        self._elsewhere = (
            _own_folder() / f"{hashlib.sha256(os.fspath(source).encode('utf-8', 'replace')).hexdigest()[:24]}.toml"
        )
        self._beside = beside
        self._past: list[Corrections] = []

    @property
    def where(self) -> Path:
        """The file that is read, and written by the next change."""
        return self._elsewhere if self._elsewhere.exists() or not _writable(self._beside) else self._beside

    @property
    def note(self) -> str:
        """A sentence if the file cannot be kept beside the data, else empty."""
        if self.where == self._beside:
            return ""
        return f"{self.root} may not be written, so what is left out or renamed is kept in {self.where}."

    def read(self) -> Corrections:
        """What is corrected. Raises WorkbenchError if the file is damaged."""
        file = self._elsewhere if self._elsewhere.exists() else self._beside
        try:
            if file.stat().st_size > MAX_BYTES:
                raise ValueError(f"it has more than {grouped(MAX_BYTES)} bytes")
            if not file.is_file() and not file.is_dir():  # a pipe would be waited for
                raise ValueError("it is no file")
            text = file.read_bytes().decode()
            if has_long_name(text):
                raise ValueError("it has a name of very many parts")
            return _read(tomllib.loads(text))
        except FileNotFoundError:
            return Corrections()
        except OSError as error:
            raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source") from None
        except (ValueError, RecursionError) as error:
            text = (
                f"{file} is damaged ({error}). Mend or remove it; it only says which pictures are left out or renamed."
            )
            raise WorkbenchError(text, "data.source") from None

    # --- Changes: each is written at once ---------------------------------------------------------------------

    def exclude(self, files: Iterable[Path | str], excluded: bool = True) -> Corrections:
        """Leave these pictures out, or (False) take them back."""
        now, names = self.read(), self._names(files)
        return self._write(now, replace(now, excluded=now.excluded | names if excluded else now.excluded - names))

    def relabel(self, files: Iterable[Path | str], label: str) -> Corrections:
        """Give these pictures another class; an empty ``label`` gives their own back."""
        now, names = self.read(), self._names(files)
        if not label.isprintable() and label.encode("utf-8", "replace").decode() != label:
            text = f"The name of the class {label!r} is no text that can be written down; rename its folder first."
            raise WorkbenchError(text, "data.source")
        kept = {name: to for name, to in now.relabelled.items() if name not in names}
        more = dict.fromkeys(names, label) if label else {}
        return self._write(now, replace(now, relabelled=MappingProxyType(kept | more)))

    @property
    def can_undo(self) -> bool:
        """Whether a change of this object can be taken back."""
        return bool(self._past)

    def undo(self) -> Corrections:
        """Take the last change of this object back."""
        if not self._past:
            return self.read()
        before = self._past[-1]
        self._save(before)
        self._past.pop()
        return before

    def _names(self, files: Iterable[Path | str]) -> set[str]:
        return {_written(each) if isinstance(each, str) else name_of(each, self.root) for each in files}

    def _write(self, before: Corrections, after: Corrections) -> Corrections:
        self._save(after)
        self._past.append(before)
        return after

    def _save(self, corrections: Corrections) -> None:
        import tomlkit

        document = tomlkit.parse(_HEAD)
        excluded = tomlkit.array()
        excluded.extend(sorted(corrections.excluded))
        document["excluded"] = excluded.multiline(True)
        document["relabelled"] = dict(sorted(corrections.relabelled.items()))
        where = self.where
        try:
            where.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkbenchError(f"Cannot write {where}: {error.strerror or error}.") from None
        write_whole(where, tomlkit.dumps(document).encode())


def _own_folder() -> Path:
    from workbench.engine.core.app_folders import home

    return home() / "corrections"


def _writable(file: Path) -> bool:
    return os.access(file.parent, os.W_OK | os.X_OK) and (not file.exists() or os.access(file, os.W_OK))


def _read(found: Mapping[str, object]) -> Corrections:
    excluded, relabelled = found.get("excluded", []), found.get("relabelled", {})
    if found.get("version") != 1:
        raise ValueError("another version wrote it")
    if not isinstance(excluded, list) or not all(isinstance(name, str) for name in excluded):
        raise ValueError("“excluded” must be a list of names")
    if not isinstance(relabelled, dict) or not all(isinstance(to, str) and to for to in relabelled.values()):
        raise ValueError("“relabelled” must be a table of names")
    return Corrections(frozenset(excluded), MappingProxyType(dict(relabelled)))
