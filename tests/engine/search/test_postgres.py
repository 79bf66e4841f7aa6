"""A study on a real PostgreSQL server: several workers, killed and suspended ones, and errors of the server."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.engine.helpers import small_spec
from tests.engine.search.studies import DATA, base_that_can_diverge, no_memory_for_batches_of_64, small_plan
from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EpochEnded
from workbench.engine.run_store.resumable import last_event
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.search import claims, command, repeats, storage
from workbench.engine.search.storage_errors import DatabaseAway, speaking
from workbench.engine.search.study import Study, StudyExists, names
from workbench.engine.search.trial import Trial
from workbench.engine.search.watch import INTERVAL
from workbench.engine.search.worker import Worker

pytest.importorskip("psycopg", reason="PostgreSQL needs the extra postgres, which is not installed")
from tests.engine.search import postgres
from tests.engine.search.forks import Forks

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows has no fork, by which these workers are started"),
    pytest.mark.timeout(300),  # what takes half a minute alone may take long beside other tests
]
GRACE = 2.0
LOGIN = {"PGPASSWORD": postgres.PASSWORD, "PGPASSFILE": os.devnull}


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    if why_not := postgres.why_not():
        pytest.skip(why_not)
    made = postgres.Server()
    yield made
    made.remove()


@pytest.fixture
def url(server: postgres.Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database, and its password where the client library looks for it."""
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    return server.new_database()


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The connections of all studies are closed at the end, as a process does that ends."""
    made: list[Study] = []
    real = Study.__init__

    def init(self: Study, *arguments: Any) -> None:
        real(self, *arguments)
        made.append(self)

    monkeypatch.setattr(Study, "__init__", init)
    yield
    for study in made:
        study.close()


@pytest.fixture(scope="module")
def forks_once() -> Iterator[Forks]:
    made = Forks(LOGIN)
    yield made
    made.end()


@pytest.fixture
def forks(forks_once: Forks) -> Iterator[Forks]:
    yield forks_once
    forks_once.end_workers()


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def process_of(trial: Trial) -> int:
    return int(trial.worker.rpartition(":")[2] or 0)


def all_there(study: Study, count: int) -> None:
    """Every trial is complete, has the settings of the serial study and the value of its own run."""
    trials = study.trials()
    assert [(trial.number, trial.state) for trial in trials] == [(number, "complete") for number in range(count)]
    assert [dict(trial.values) for trial in trials] == [study.plan.point(number) for number in range(count)]
    assert len({trial.folder for trial in trials}) == count
    for trial in trials:
        assert trial.folder is not None and last_event(trial.folder)["best_accuracy"] == trial.value


def test_four_workers_one_killed_and_one_held_up_finish_each_trial_once(url: str, tmp_path: Path, forks: Forks):
    plan = small_plan(("optimizer.lr=0.001:0.1:8", "loop.batch_size=16:64:5"), sampler="grid", trials=40)
    study = Study.create(plan, "Class", url)
    workers = forks.work(study, tmp_path, GRACE, "work", "work", "kill:2", "stop:3")
    _, _, killed, stopped = workers
    held: list[int] = []

    def is_taken() -> bool:
        """The trial of the worker that holds still is another's."""
        for each in study.running():
            if each.worker.endswith(f":{stopped}") and (each.age or 0) > GRACE / 2 and each.number not in held:
                held.append(each.number)
        trials = {trial.number: trial for trial in study.trials()}
        return bool(held) and process_of(trials[held[0]]) not in (stopped, 0)

    wait(is_taken)
    os.kill(stopped, signal.SIGCONT)
    assert forks.codes() == [0, 0, -signal.SIGKILL, 0]
    all_there(study, 40)
    trials = study.trials()
    assert process_of(trials[held[0]]) in workers[:2] and held
    assert sum(process_of(trial) == killed for trial in trials) == 1  # its first one
    assert sum(process_of(trial) == stopped for trial in trials) >= 2
    again = [path for path in tmp_path.iterdir() if "again with seed" in about(path)]
    assert len(again) == 12 and repeats.verdict(study) is not None  # the repeats were done once


def about(folder: Path) -> str:
    file = folder / "about.toml"
    return file.read_text() if file.is_file() else ""


def test_a_server_that_stops_and_starts_again_costs_nothing(
    server: postgres.Server, url: str, tmp_path: Path, forks: Forks
):
    study = Study.create(small_plan(trials=8), "Study", url)
    forks.work(study, tmp_path, GRACE, "work:0.2", "work:0.2")
    wait(lambda: sum(trial.state == "complete" for trial in study.trials()) >= 2)
    server.stop()
    time.sleep(0.5)
    server.start()
    assert forks.codes() == [0, 0]
    all_there(study, 8)


def test_a_session_idle_in_a_transaction_is_ended_and_its_rows_are_free(url: str):
    """The server ends its session, which gives the locked rows back; it goes on with another connection."""
    study = Study.create(small_plan(trials=1), "Study", url)
    trial = study.optuna.ask()
    study.lease(trial)
    held_up = study.storage.scoped_session()
    held_up.execute(text("SET LOCAL idle_in_transaction_session_timeout = 300"))  # else a slow machine's others end too
    held_up.execute(text("UPDATE trials SET state = state"))
    with contextlib.closing(Study.open("Study", url)) as other:
        other.storage.grace = 0.0
        wait(lambda: other.put_back_lost() == 0, 20)
    with pytest.raises(DatabaseAway), speaking(url):
        held_up.execute(text("SELECT 1"))
    study.forget_connection()
    assert [each.state for each in study.trials()] == ["waiting"] and not study.is_mine(trial)


def test_the_time_in_a_transaction_is_limited_for_every_worker(url: str):
    study = Study.create(small_plan(), "Study", url)
    with study.storage.engine.connect() as connection:
        said = connection.execute(
            text("SELECT setting::int FROM pg_settings WHERE name LIKE 'idle_in_trans%'")
        ).scalar()
    assert said == storage.IDLE_IN_TRANSACTION > 1000 * INTERVAL


def test_a_full_database_is_said_and_the_study_goes_on_when_there_is_room(
    server: postgres.Server, url: str, tmp_path: Path
):
    study, name = Study.create(small_plan(trials=3), "Study", url), url.rpartition("/")[2]
    full = (
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END$$"
    )
    server.do(name, full, "CREATE TRIGGER full_disk BEFORE INSERT ON trial_params EXECUTE FUNCTION full_disk()")
    with pytest.raises(WorkbenchError, match="the disk of the server is full"):
        Worker(study, tmp_path, DATA).work()
    server.do(name, "DROP TRIGGER full_disk ON trial_params")
    Worker(study, tmp_path, DATA).work()
    all_there(study, 3)


def at_once(work: Callable[[int], Any], count: int = 4) -> list[Any]:
    """What ``count`` threads that begin in the same moment return, or raise."""
    found, barrier = [None] * count, threading.Barrier(count)

    def one(at: int) -> None:
        barrier.wait()
        try:
            found[at] = work(at)
        except Exception as error:
            found[at] = error

    threads = [threading.Thread(target=one, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_workers_that_ask_in_the_same_moment_get_other_trials(url: str, monkeypatch: pytest.MonkeyPatch):
    """They also make the tables and the study in the same moment."""
    plan = small_plan(trials=12)
    studies = at_once(lambda at: command._found_or_made(plan, "Study", url))
    assert [type(each) for each in studies] == [Study] * 4
    numbers = at_once(lambda at: [studies[at].optuna.ask().number for _ in range(3)])
    assert sorted(number for each in numbers for number in each) == list(range(12))
    monkeypatch.setattr(claims, "this_worker", lambda: {"host": "elsewhere", "process": threading.get_ident()})
    taken = at_once(lambda at: claims.take(studies[at], "repeat default 1"))
    assert sum(isinstance(each, claims.Claim) for each in taken) == 1 and taken.count(None) == 3
    with pytest.raises(StudyExists):
        Study.create(plan, "Study", url)


def test_a_clock_an_hour_off_takes_no_trial_from_anybody(url: str, monkeypatch: pytest.MonkeyPatch):
    """Heartbeats are times of the server, whatever the clock and time zone of the worker."""
    from optuna.storages._rdb import storage as of_optuna

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + timedelta(hours=1)

    monkeypatch.setenv("PGTZ", "America/New_York")
    study = Study.create(small_plan(trials=3), "Study", url)
    with monkeypatch.context() as patched:
        patched.setattr(of_optuna, "datetime", Late)
        trial = study.optuna.ask()
    lease = study.lease(trial)
    study.began(trial, None)
    study.storage.send(lease)
    other = Study.open("Study", url)
    other.storage.grace = 1.0
    assert other.put_back_lost() == 1 and study.is_mine(trial)
    assert abs(other.running()[0].age or 0.0) < 1
    wait(lambda: other.put_back_lost() == 0, 10)
    assert not study.is_mine(trial) and [each.state for each in study.trials()] == ["waiting"]


def test_a_process_that_has_lost_its_lease_writes_no_value_at_any_moment(url: str, tmp_path: Path):
    """Even where another has taken and ended the trial after this worker has looked for the last time."""
    study, other = Study.create(small_plan(trials=2), "Study", url), Study.open("Study", url)
    said: list[str] = []
    late, worker = Worker(study, tmp_path, DATA, say=said.append), Worker(other, tmp_path, DATA)
    real = study.ended

    def ended(trial: Any, outcome: Any) -> None:
        """Takes the trial over at the last moment before ``optuna.tell``."""
        real(trial, outcome)
        other.storage.grace = 0.1
        study.storage.sends_heartbeats = False
        wait(lambda: other.put_back_lost() == 0, 10)
        if take_only:
            other.lease(other.optuna.ask())
        else:
            worker.one()

    study.ended = ended  # type: ignore[method-assign]
    for number, take_only in enumerate((False, True)):
        late.one()
        trial = study.trials()[number]
        assert trial.state == ("running" if take_only else "complete")
        assert "taken over" in said[number]
    assert study.trials()[1].value is None


def test_trials_that_diverge_or_have_no_memory_fail_and_the_study_goes_on(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    no_memory_for_batches_of_64(monkeypatch)
    base = base_that_can_diverge(epochs=2)
    plan = small_plan(("optimizer.lr=0.1,10000000.0", "loop.batch_size=16,64"), base=base, sampler="grid", trials=4)
    study = Study.create(plan, "Study", url)
    Worker(study, tmp_path, DATA).work()
    found = {(each.settings["optimizer.lr"], each.settings["loop.batch_size"]): each for each in study.trials()}
    assert found[0.1, 16].state == "complete" and "iverged" in found[1e7, 16].words
    assert [found[key].state for key in found if key != (0.1, 16)] == ["failed"] * 3
    assert "memory" in found[0.1, 64].words and study.running() == ()


def test_a_full_disk_on_one_machine_leaves_its_trial_to_the_others(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*arguments: Any, **options: Any) -> RunFolder:
        raise CannotWrite(tmp_path / "spec.toml", 100, OSError(28, os.strerror(28)))

    study, other = Study.create(small_plan(trials=2), "Study", url), Study.open("Study", url)
    with monkeypatch.context() as patched:
        patched.setattr(RunFolder, "create", full)
        with pytest.raises(WorkbenchError, match="disk is full"):
            Worker(study, tmp_path, DATA).work()
    Worker(other, tmp_path, DATA).work()
    all_there(other, 2)


def test_who_looks_on_sees_each_worker_and_its_curve(url: str, tmp_path: Path):
    base = small_spec(loop__epochs=3, data__examples_per_class=8, model__hidden=[4])
    study, seen = Study.create(small_plan(base=base, trials=1), "Study", url), Study.open("Study", url)
    found: list[Any] = []

    def look(event: Any) -> None:
        if isinstance(event, EpochEnded) and event.epochs_done == 2:
            assert study.storage.lease is not None
            study.storage.send(study.storage.lease)
            found.extend(seen.running())

    Worker(study, tmp_path, DATA, sink_of=lambda steps: look).work()
    (each,) = found
    assert each.number == 0 and each.worker.endswith(f":{os.getpid()}") and each.step > 0 and each.rate > 0
    assert [epoch for epoch, _ in each.curve] == [1, 2] and 0 <= each.age < 5
    assert study.running() == ()


def test_a_study_of_another_version_is_refused(server: postgres.Server, url: str):
    plan, name = small_plan(), url.rpartition("/")[2]
    study = Study.create(plan, "Study", url)
    said = plan.to_plain()
    fields = [{**each, "path": "optimizer.fire"} for each in said["fields"][:1]]
    study.optuna.set_user_attr("workbench", {**said, "program": "9.9.9", "fields": fields})
    with pytest.raises(WorkbenchError, match=r"made by version 9\.9\.9 .* does not know all of its settings: .*fire"):
        Study.open("Study", url)
    server.do(name, "UPDATE alembic_version SET version_num = 'v99.0.0'")
    with pytest.raises(WorkbenchError, match=r"set up by another version of Optuna: they are newer"):
        Study.open("Study", url)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password": "wrong secret"}, "password is wrong.*PGPASSWORD.*pgpass"),
        ({"password": ""}, "no password was given.*PGPASSWORD.*pgpass"),
        ({"database": "nowhere"}, "no such user or database"),
        ({"user": "somebody"}, "password is wrong, or there is no such user"),
        ({"port": 1}, "no server listens there"),
    ],
)
def test_what_keeps_a_worker_out_is_said_without_the_password(
    change: dict[str, Any], words: str, server: postgres.Server, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PGPASSWORD", change.get("password", postgres.PASSWORD))
    address = server.url(change.get("database", url.rpartition("/")[2]), change.get("user", postgres.USER))
    with pytest.raises(WorkbenchError, match=words) as refused:
        names(address.replace(f":{server.port}", f":{change.get('port', server.port)}"))
    assert "secret" not in refused.value.message


def test_the_password_is_in_no_table_and_no_file(
    server: postgres.Server, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A worker as it is started on any machine: the study's name and address alone."""
    Study.create(small_plan(trials=2), "Study", url).close()
    name, runs = url.rpartition("/")[2], tmp_path / "runs"
    arguments = ["search", "--storage", url, "--study", "Study", "--worker", "--runs", str(runs)]
    assert command.command(arguments[1:]) == 0
    said = capsys.readouterr()
    assert "This worker has trained 2 of 2 trials of the study Study" in said.out
    texts = [said.out + said.err]
    texts += [path.read_text(errors="replace") for path in runs.rglob("*") if path.is_file()]
    with server.connect(name) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        texts += [str(connection.execute(f"SELECT * FROM {table}").fetchall()) for (table,) in tables]  # type: ignore[call-overload]
    assert len(texts) > 20 and not [text for text in texts if postgres.PASSWORD in text]
