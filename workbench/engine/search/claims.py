"""Claims on work of a study that one process does at a time, kept as attributes of the study, with heartbeats.

An attribute is inserted once (its name is unique in the database) and updated by compare-and-swap: an UPDATE names the
text that was read before, so that of several processes that try at the same moment one succeeds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.engine.search.storage_errors import speaking
from workbench.engine.search.study import Study
from workbench.engine.search.trial import is_gone, this_worker

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_OF_STUDY = "study_id = (SELECT study_id FROM studies WHERE study_name = :name)"


@dataclass
class Claim:
    """A piece of work that this process does; ``text`` is its attribute in the database. ``is_lost``: another process
    has taken it over. Methods raise WorkbenchError where the database fails."""

    study: Study
    key: str
    text: str
    is_lost: bool = False
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, **said: Any) -> None:
        """Send a heartbeat, and keep ``said`` with the claim. Any thread may call it."""
        with self._one_at_a_time:
            known = json.loads(self.text)
            if self.is_lost or (known["worker"] is None and not said):
                return
            new = json.dumps({**known, **said, "beats": known["beats"] + 1})
            self.is_lost = not _changed(self.study, self.key, self.text, new)
            self.text = new

    def release(self, **said: Any) -> None:
        """Give the claim up: the work has ended, or waits for any process."""
        self.keep(worker=None, **said)


def take(study: Study, key: str, **said: Any) -> Claim | None:
    """The work ``key`` of ``study``, with ``said`` kept with it, if no process does it now; None if one does.

    Raises WorkbenchError where the database fails.
    """
    before = read(study).get(key)
    if before is None:
        new = json.dumps({**said, "worker": this_worker(), "beats": 0})
        return Claim(study, key, new) if _inserted(study, key, new) else None
    known = said_of(before)
    if known.get("worker") not in (None, this_worker()) and not _is_lost(study, key, known):
        return None
    new = json.dumps({**known, **said, "worker": this_worker(), "beats": known.get("beats", 0) + 1})
    return Claim(study, key, new) if _changed(study, key, before, new) else None


def read(study: Study) -> Mapping[str, str]:
    """The text of every attribute of the study. Raises WorkbenchError."""
    from sqlalchemy import text

    query = text(f"SELECT key, value_json FROM study_user_attributes WHERE {_OF_STUDY}")
    with speaking(study.url), study.storage.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query, {"name": study.name})}


def first_said(study: Study, key: str, said: Any) -> Any:
    """The value of the attribute ``key``, set to ``said`` if it is not there. Raises WorkbenchError."""
    known = read(study).get(key)
    if known is None and _inserted(study, key, json.dumps(said)):
        return said
    return json.loads(known if known is not None else read(study)[key])


def said_of(text: str) -> dict[str, Any]:
    """The value of an attribute; that of an older version is only a folder."""
    said = json.loads(text)
    return {"folder": said} if isinstance(said, str) else dict(said)


def _is_lost(study: Study, key: str, known: Mapping[str, Any]) -> bool:
    """Whether the process that has the claim has ended, or sends no heartbeats by a clock of this process."""
    if not study.is_shared and is_gone(known["worker"]):
        return True
    return study.watch.is_silent(key, (str(known["worker"]), known["beats"]), study.storage.grace)


def _inserted(study: Study, key: str, new: str) -> bool:
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    made = text(
        "INSERT INTO study_user_attributes (study_id, key, value_json) "
        "SELECT study_id, :key, :new FROM studies WHERE study_name = :name"
    )
    with speaking(study.url):
        try:
            with study.storage.engine.begin() as connection:
                _execute(connection, made, study, key, new=new)
        except IntegrityError:  # another process was faster
            return False
    return True


def _changed(study: Study, key: str, old: str, new: str) -> bool:
    from sqlalchemy import text

    change = text(
        f"UPDATE study_user_attributes SET value_json = :new WHERE {_OF_STUDY} AND key = :key AND value_json = :old"
    )
    with speaking(study.url), study.storage.engine.begin() as connection:
        return _execute(connection, change, study, key, old=old, new=new) == 1


def _execute(connection: Connection, statement: Any, study: Study, key: str, **values: str) -> int:
    return connection.execute(statement, {"name": study.name, "key": key, **values}).rowcount
