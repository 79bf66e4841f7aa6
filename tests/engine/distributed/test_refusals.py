"""What several processes cannot train is refused by its name, before anything is done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.distributed import joining
from workbench.engine.distributed.joining import group_for, refuse_too_many
from workbench.engine.follow import refuse_other_commands
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.several_processes import several_processes_problems

FULL_BATCH = [kind for kind, member in members_of(Optimizer).items() if member.full_batch]


def errors(spec: ExperimentSpec, platform: str = "linux") -> list[str]:
    return [str(each) for each in several_processes_problems(spec, platform) if each.severity == "error"]


@pytest.mark.parametrize(
    ("edits", "path", "name"),
    [
        ({"ensemble": {"kind": "independent"}}, "ensemble", "Independent models"),
        ({"optimizer": {"kind": "lbfgs"}}, "optimizer", "L-BFGS"),
        ({"data__folds": 3}, "data.folds", "Cross-validation"),
        ({"loop__fastest": True}, "loop.fastest", ""),
        *(({"optimizer": {"kind": kind}}, "optimizer", members_of(Optimizer)[kind].title) for kind in FULL_BATCH),
    ],
)
def test_what_one_process_must_train_is_named(edits: dict[str, Any], path: str, name: str) -> None:
    assert errors(small_spec(**edits)) == []
    spec = small_spec(**edits, loop__processes=2)
    (said,) = errors(spec)
    assert said.startswith(f"{path}: {name} cannot be trained by several processes: ".replace(":  ", ": "))
    assert said in [str(each) for each in spec.problems() if each.severity == "error"]


def test_what_is_refused_can_be_mended() -> None:
    spec = small_spec(ensemble={"kind": "independent"}, loop__processes=2)
    (problem,) = several_processes_problems(spec, "linux")
    (mend,) = problem.mends
    assert errors(spec.edited(mend.path, mend.value)) == []


def test_a_batch_smaller_than_the_number_of_processes_is_a_warning() -> None:
    def warnings(size: int) -> list[str]:
        spec = small_spec(loop__processes=3, loop__batch_size=size)
        return [each.path for each in several_processes_problems(spec, "linux") if each.severity == "warning"]

    assert warnings(2) == ["loop.batch_size"]
    assert warnings(3) == []


def test_windows_says_why() -> None:
    spec = small_spec(loop__processes=2)
    assert errors(spec, "linux") == errors(spec, "darwin") == []
    (said,) = errors(spec, "win32")
    assert said.startswith("loop.processes: must be 1 on Windows: NCCL")


def test_more_processes_than_gpus_are_refused() -> None:
    refuse_too_many(8, gpus=0)
    refuse_too_many(2, gpus=2)
    with pytest.raises(WorkbenchError, match=r"3 processes need a GPU each, and this machine has 2") as caught:
        refuse_too_many(3, gpus=2)
    assert caught.value.path == "loop.processes"


def test_another_number_of_processes_than_were_started_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining._Here, "group", SimpleNamespace(size=3))
    with pytest.raises(WorkbenchError, match=r"^3 processes were started, and the settings want 2") as caught:
        finished(group_for(small_spec(loop__processes=2)))
    assert caught.value.path == "loop.processes"


def test_processes_that_do_not_come_are_waited_for_no_longer_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 400.0, 400.1])
    monkeypatch.setattr(joining, "time", SimpleNamespace(monotonic=lambda: next(now), sleep=lambda seconds: None))
    store, workers = SimpleNamespace(check=lambda keys: False), SimpleNamespace(size=2, ended=lambda: "")
    waits = joining._all_there(store, workers)  # type: ignore[arg-type]
    assert next(waits).words == "Starting 2 processes"
    with pytest.raises(WorkbenchError, match=r"did not start within 300 seconds"):
        next(waits)


@pytest.mark.parametrize("arguments", [["evaluate", "x"], ["search"], ["spec.toml", "--range-test"], ["--pot", "runs"]])
def test_torchrun_refuses_commands_of_one_process(arguments: list[str]) -> None:
    with pytest.raises(WorkbenchError, match=r"is computed by one process: start it without torchrun"):
        refuse_other_commands(arguments, ("evaluate", "search"))
    refuse_other_commands(["spec.toml", "--set", "loop.epochs=1"], ("evaluate", "search"))
