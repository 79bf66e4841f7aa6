"""The database of studies: opened, and its errors as sentences without passwords.

One machine: an SQLite file in the program's folder, without any set-up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.app_folders import home
from workbench.engine.core.errors import WorkbenchError

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

NAME: Final = "studies.sqlite"
#: Seconds to wait for another process that writes to the SQLite file.
_PATIENCE: Final = 60


def default_url() -> str:
    """The database of this user on this machine."""
    return f"sqlite:///{home() / NAME}"


def opened(url: str) -> RDBStorage:
    """The database at ``url``, made where it is an SQLite file that is not there. Raises WorkbenchError."""
    import optuna
    from optuna.storages import RDBStorage
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    optuna.logging.set_verbosity(optuna.logging.ERROR)  # what it says is said by this program, in its words
    try:
        kind = make_url(url)
    except ArgumentError:
        words = f"{NAME} or another SQLite file is written as sqlite:///FILE"
        raise WorkbenchError(f"The storage is no address of a database: {words}.") from None
    if kind.get_backend_name() != "sqlite":
        raise WorkbenchError(f"Studies are kept in SQLite files (sqlite:///FILE), not in {kind.get_backend_name()}.")
    with speaking(url):
        if kind.database:
            Path(kind.database).parent.mkdir(parents=True, exist_ok=True)
        return RDBStorage(url, engine_kwargs={"connect_args": {"timeout": _PATIENCE}})


def shown(url: str) -> str:
    """``url`` for people: the file, or the address without its password."""
    from sqlalchemy.engine import make_url

    made = make_url(url)
    is_file = made.get_backend_name() == "sqlite"
    return str(made.database or "memory") if is_file else made.render_as_string(hide_password=True)


@contextlib.contextmanager
def speaking(url: str) -> Iterator[None]:
    """Inside, an error of the database at ``url`` becomes a WorkbenchError with its reason."""
    from optuna.exceptions import StorageInternalError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        raise WorkbenchError(f"The database of studies in {shown(url)} does not answer: {_reason(error)}.") from None
    except OSError as error:
        raise WorkbenchError(f"{shown(url)} cannot be written: {error.strerror or error}.") from None


def _reason(error: BaseException) -> str:
    """The message of the database, on one line."""
    found: Any = error
    while getattr(found, "orig", None) is not None or found.__cause__ is not None:
        found = getattr(found, "orig", None) or found.__cause__
    return " ".join(str(found).split()).rstrip(".") or type(found).__name__
