"""The database of studies: its address, opened, without passwords in addresses.

One machine: an SQLite file in the program's folder, without any set-up. Several machines: PostgreSQL, whose password
comes from the environment or from the password file of its client library, never from an address.
"""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.app_folders import home
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.search.storage_errors import begun_meanwhile, speaking

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from workbench.engine.search.heartbeat import LiveStorage

NAME: Final = "studies.sqlite"
HOW: Final = "sqlite:///FILE for one machine, postgresql://USER@HOST/DATABASE for several"
HOW_TO_GIVE_IT: Final = (
    "give it in the environment variable PGPASSWORD, or in the password file ~/.pgpass "
    "(HOST:PORT:DATABASE:USER:PASSWORD, readable by you alone)"
)
#: Seconds to wait for another process that writes to the SQLite file.
_PATIENCE: Final = 60
#: Seconds to connect to a server.
_CONNECT: Final = 10
#: Part of the names of options of an address that hold a password.
_SECRET: Final = "password"
#: Milliseconds after which the server ends a session that is idle inside a transaction (a suspended process), whose
#: locked rows others wait for.
IDLE_IN_TRANSACTION: Final = 30_000
#: A server that is cut off is noticed after half a minute; times are those of its clock, in UTC. One connection stays
#: open for each process, so that a server with its usual 100 connections has room for many.
_SERVER: Final = {
    "connect_timeout": _CONNECT,
    "application_name": "training-workbench",
    "options": f"-c timezone=UTC -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION}",
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
#: How often a database is opened whose tables another process makes at the same moment, and the pause in seconds.
_TRIES: Final = 20
_PAUSE: Final = 0.1


def default_url() -> str:
    """The database of this user on this machine."""
    return f"sqlite:///{home() / NAME}"


def is_shared(url: str) -> bool:
    """Whether the database at ``url`` is a server, which processes of several machines use."""
    return not url.startswith("sqlite")


def address(url: str) -> URL:
    """``url`` for SQLAlchemy. Raises WorkbenchError, without the password, for one that holds a password or is none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    typed = f"postgresql://{url.removeprefix('postgres://')}" if url.startswith("postgres://") else url
    try:
        made = make_url(typed)
    except (ArgumentError, ValueError):
        raise WorkbenchError(f"The storage is no address of a database: {HOW}.") from None
    kind = made.get_backend_name()
    if kind not in ("sqlite", "postgresql"):
        raise WorkbenchError(f"Studies are kept in SQLite or PostgreSQL, not in {kind}: {HOW}.")
    if made.password is not None or any(_SECRET in name.lower() for name in made.query):
        words = "The storage holds a password, which others could read. Write it without"
        raise WorkbenchError(f"{words}: {HOW_TO_GIVE_IT}.")
    return made if kind == "sqlite" else made.set(drivername="postgresql+psycopg")


def refuse_missing(url: str) -> None:
    """Raise WorkbenchError where ``url`` is an SQLite file that is not there: opening it would make an empty one."""
    made = address(url)
    name = made.database or "" if made.get_backend_name() == "sqlite" else ""
    if name not in ("", ":memory:") and not name.startswith("file:") and not Path(name).is_file():
        raise WorkbenchError(f"There is no file {name}.")


def opened(url: str) -> LiveStorage:
    """The database at ``url``, whose tables are made where they are not there; an SQLite file is made too.

    Raises WorkbenchError.
    """
    import optuna

    made = address(url)
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)  # errors are reported by this program
    options: dict[str, Any]
    if made.get_backend_name() == "sqlite":
        options = {"connect_args": {"timeout": _PATIENCE}}
    elif importlib.util.find_spec("psycopg") is None:
        how = 'uv sync --extra postgres, or pip install "psycopg[binary]"'
        raise WorkbenchError(f"A study in PostgreSQL needs the package psycopg: {how}.")
    else:
        options = {"connect_args": _SERVER, "pool_pre_ping": True, "pool_size": 1, "max_overflow": 3}
    with speaking(url):
        if made.get_backend_name() == "sqlite" and made.database:
            Path(made.database).parent.mkdir(parents=True, exist_ok=True)
        return _opened(made.render_as_string().replace("{", "{{").replace("}", "}}"), options)


def _opened(url: str, options: dict[str, Any]) -> LiveStorage:
    """Raises what SQLAlchemy and Optuna raise. Of several processes that find no tables each tries to make them."""
    from workbench.engine.search.heartbeat import LiveStorage

    for left in reversed(range(_TRIES)):
        try:
            return LiveStorage(url, engine_kwargs=options)
        except Exception as error:
            if not left or not begun_meanwhile(error):
                raise
            time.sleep(_PAUSE)
    raise AssertionError


def shown(url: str) -> str:
    """``url`` for people: the file, or the address without a password and without options."""
    try:
        made = address(url)
    except WorkbenchError:
        return "the database"
    if made.get_backend_name() == "sqlite":
        return str(made.database or "memory")
    return made.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
