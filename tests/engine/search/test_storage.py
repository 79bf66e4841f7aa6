"""Addresses of databases: which are refused, and that no password is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.search import storage
from workbench.engine.search.storage import shown

pytest.importorskip("psycopg")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:s3cret@127.0.0.1/studies",
        "postgres://user:s3cret@127.0.0.1/studies",
        "postgresql://127.0.0.1/studies?password=s3cret",
        "postgresql://127.0.0.1:1/studies?PASSWORD=s3cret",
        "postgresql://127.0.0.1:1/studies?pw=s3cret",
        "postgresql+psycopg2://user:s3cret@127.0.0.1:port/studies",
        "mysql://user:s3cret@127.0.0.1/studies",
    ],
)
def test_an_address_with_a_password_is_refused_and_the_password_said_nowhere(
    address: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    from workbench.engine.__main__ import main

    assert main(["search", "--field", "optimizer.lr=0.1:1", "--trials", "1", "--storage", address]) == 2
    said = capfd.readouterr()
    assert "s3cret" not in said.out + said.err and said.err.strip()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "postgresql://lecture@server:5433/studies?sslmode=require&pw=s3cret",
            "postgresql://lecture@server:5433/studies",
        ),
        ("postgresql://lecture:s3cret@server/studies", "the database"),
        ("sqlite:////tmp/studies.sqlite", "/tmp/studies.sqlite"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, words: str):
    assert shown(url) == words


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@server/studies",
        "postgresql://user:@server/studies",
        "postgresql://server/studies?password=s3cret",
        "postgresql://server/studies?PASSWORD=s3cret",
        "postgresql://server/studies?sslpassword=s3cret",
    ],
)
def test_a_password_in_an_address_is_why_it_is_refused(url: str):
    with pytest.raises(WorkbenchError, match=r"^The storage holds a password, which others could read") as caught:
        storage.address(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgres://user@server/studies", "postgresql+psycopg2://user@server/studies"])
def test_other_spellings_of_postgresql_have_the_driver_of_this_program(url: str):
    assert storage.address(url).render_as_string() == "postgresql+psycopg://user@server/studies"
