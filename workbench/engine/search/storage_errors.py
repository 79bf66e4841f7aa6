"""Errors of the database of studies as sentences, without passwords: what went wrong, and what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from workbench.engine.core.errors import WorkbenchError

#: SQLSTATE of PostgreSQL (its manual, appendix A): what it means here, and what to do.
_SAID: Final = {
    "53100": "the disk of the server is full. Nothing is lost: make room there and give the same command again",
    "53200": "the server is out of memory",
    "53300": "the server has no connection left (max_connections)",
    "42501": "this user may not make or change its tables: GRANT CREATE ON SCHEMA public TO the user",
    "25006": "the server takes no changes: it is a copy of another one",
    "42P01": "its tables are not those of a study",
    "42703": "its tables are not those of a study",
}
#: Beginnings of the SQLSTATE of a server that is gone, is just stopping, does not take connections now, or has ended
#: a session that was idle inside a transaction (``storage.IDLE_IN_TRANSACTION``).
_AWAY: Final = ("08", "57P0", "25P03")
#: SQLSTATE of what another process has made in the same moment: a row, a table, a type.
_THERE: Final = ("23505", "42P07", "42710")
#: Parts of the client library's message where a connection fails, and what to do. It has no SQLSTATE.
_CONNECTING: Final = {
    "password authentication failed": "the password is wrong, or there is no such user",
    "no password supplied": "no password was given",
    "fe_sendauth": "no password was given",
    "pg_hba.conf": "the server does not let this user in from this machine (pg_hba.conf on the server)",
    "does not exist": "there is no such user or database on the server",
    "too many clients": _SAID["53300"],
    "remaining connection slots": _SAID["53300"],
    "could not translate host name": "there is no computer of this name",
    "resolve host": "there is no computer of this name",
    "refused": "no server listens there: is it on, and does its listen_addresses have this network?",
    "timeout": "the server cannot be reached",
    "starting up": "the server is starting",
    "shutting down": "the server is stopping",
}
_ABOUT_PASSWORDS: Final = ("password authentication failed", "no password supplied", "fe_sendauth")


#: Seconds after which a database that does not answer ends a search.
PATIENCE: Final = 1800.0


class DatabaseAway(WorkbenchError):
    """The server does not answer; it may be back later."""


@contextlib.contextmanager
def speaking(url: str) -> Iterator[None]:
    """Inside, an error of the database at ``url`` becomes a WorkbenchError with its reason; DatabaseAway where the
    server may answer later."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    from workbench.engine.search.storage import shown

    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        kind = DatabaseAway if _is_away(_source(error)) else WorkbenchError
        reason = _reason(error)
        end = "" if reason.endswith(("?", "!")) else "."
        raise kind(f"The database of studies in {shown(url)} does not answer: {reason}{end}") from None
    except RuntimeError as error:
        if "compatible with the table schema" not in str(error):
            raise
        raise WorkbenchError(f"{shown(url)} was set up by another version of Optuna: {_schema(str(error))}.") from None
    except OSError as error:
        raise WorkbenchError(f"{shown(url)} cannot be written: {error.strerror or error}.") from None


def begun_meanwhile(error: BaseException) -> bool:
    """Whether what should be made was made by another process in the same moment."""
    source = _source(error)
    return getattr(source, "sqlstate", None) in _THERE or "already exists" in str(source) or "UNIQUE" in str(source)


def _source(error: BaseException) -> BaseException:
    """What the driver of the database has raised."""
    found: Any = error
    while getattr(found, "orig", None) is not None or found.__cause__ is not None:
        found = getattr(found, "orig", None) or found.__cause__
    return found  # type: ignore[no-any-return]


def _is_away(source: BaseException) -> bool:
    """Whether the server is gone for now; a wrong password or an unknown database is no such case."""
    if type(source).__name__ == "PendingRollbackError":  # of SQLAlchemy: the connection was lost a moment before
        return True
    if type(source).__module__.split(".")[0] != "psycopg" or type(source).__name__ == "ProgrammingError":
        return False
    state = getattr(source, "sqlstate", None)
    if state:
        return str(state).startswith(_AWAY)
    said = str(source)
    refusals = ("authentication", "supplied", "fe_sendauth", "pg_hba.conf", "does not exist", "host name")
    return not any(part in said for part in refusals)


def _reason(error: BaseException) -> str:
    """Why, in one line, and what to do where that is known."""
    from workbench.engine.search.storage import HOW_TO_GIVE_IT

    source = _source(error)
    said = " ".join(str(source).split()).rstrip(".") or type(source).__name__
    state = getattr(source, "sqlstate", None)
    if state in _SAID:
        return _SAID[state]
    if state or type(source).__module__.split(".")[0] != "psycopg":
        return said
    words = next((words for part, words in _CONNECTING.items() if part in said), "")
    if any(part in said for part in _ABOUT_PASSWORDS):
        words = f"{words}; {HOW_TO_GIVE_IT}"
    return words or said


def _schema(message: str) -> str:
    """What to do where the tables are those of another version."""
    if "storage upgrade" in message:
        return "they are older; `optuna storage upgrade --storage URL` changes them for all who use it"
    return "they are newer; use the version of this program with which the study was made"
