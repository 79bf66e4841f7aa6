"""The live formula: rules as data, what the watched number shows, and that looking changes nothing."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest

from tests.engine.helpers import Recorder, record, small_spec
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import Momentum
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import Edit, Edited, EvalProgress, Event, Look, Looked, Stepped, Stop
from workbench.engine.core.observed import Watched
from workbench.engine.core.update_rule import Rule, compute, shown, shown_with_numbers
from workbench.engine.diagnostics import step_recorder, weight_probe
from workbench.engine.diagnostics.weight_index import WeightIndex, parse_weight_index
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

MEMBERS = members_of(Optimizer)


@pytest.fixture
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first step is shown by itself."""
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", math.inf)
    monkeypatch.setattr(weight_probe, "SLOW", math.inf)


def watched(**edits: Any) -> list[Watched]:
    return record(small_spec(**edits)).of(Watched)


def few_steps(kind: str, **hyper: Any) -> dict[str, Any]:
    full = MEMBERS[kind].full_batch
    return {"optimizer": {"kind": kind, **hyper}, "loop__epochs": 12 if full else 2}


@cache
def each_step_shown(kind: str, decay: float) -> Recorder:
    """A few steps of an optimizer, all of them watched; trained once for the tests that look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
        return record(small_spec(**few_steps(kind, weight_decay=decay)))


# --- rules -------------------------------------------------------------------------------------------------------


def test_every_optimizer_declares_its_rule() -> None:
    for kind, cls in MEMBERS.items():
        for is_muon in (True, False):
            rule = cls().rule({"muon": is_muon, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0})
            assert rule is not None, kind
            assert all("=" in shown(line) for line in rule.lines)
            assert rule.lines[-1].startswith("x =") or rule.words


def test_lines_are_done_in_order() -> None:
    lines = compute(("v = rho*v + g", "x = x - lr*v"), {"x": 1.0, "g": 2.0, "v": 3.0, "rho": 0.5, "lr": 0.1})
    assert [line.result for line in lines] == [3.5, pytest.approx(0.65)]
    assert lines[0].values == {"rho": 0.5, "v": 3.0, "g": 2.0}
    assert lines[1].values["v"] == 3.5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x = 2 - 3 - 4", -5),
        ("x = 2 - (3 - 4)", 3),
        ("x = 2*3**2/4", 4.5),
        ("x = -a + 1", -2),
        ("x = max(abs(-a), 2) + min(1, a)", 4),
        ("x = sqrt(a*a)", 3),
        ("x = 1 if a > 2 else 0", 1),
        ("x = 1 if a < 2 else 0", 0),
    ],
)
def test_arithmetic(text: str, value: float) -> None:
    assert compute((text,), {"a": 3.0})[0].result == value


@pytest.mark.parametrize("text", ["x = 1/(a - 3)", "x = sqrt(-a)", "x = (-a)**0.5", "x = 10.0**(a*1000)"])
def test_what_has_no_value_is_nan(text: str) -> None:
    assert math.isnan(compute((text,), {"a": 3.0})[0].result)


@pytest.mark.parametrize(
    "text",
    ["x = open('f')", "x = a.b", "x = [a]", "x", "x = 1; y = 2", "x = lambda: 1", "x = b", "x = a[0]", "x = 'a'"],
)
def test_nothing_but_arithmetic_runs(text: str) -> None:
    with pytest.raises(ValueError, match=r"rule|assignment"):
        compute((text,), {"a": 3.0})


@pytest.mark.parametrize(
    ("text", "on_screen"),
    [
        ("v = rho*v + g", "v = rho·v + g"),
        ("x = x - lr*(g + rho*v)", "x = x − lr·(g + rho·v)"),
        ("x = a - (b - c)", "x = a − (b − c)"),
        ("x = m/(sqrt(s) + eps)", "x = m/(√(s) + eps)"),
        ("x = m/(1 - b**t)", "x = m/(1 − b^t)"),
        ("x = (a*b)**c", "x = (a·b)^c"),
        ("x = a/(b*c)", "x = a/(b·c)"),
    ],
)
def test_how_lines_look(text: str, on_screen: str) -> None:
    assert shown(text) == on_screen


def test_lines_with_their_numbers() -> None:
    (line,) = compute(("v = rho*v + g",), {"v": 2.0, "g": 0.5, "rho": 0.9})
    assert shown_with_numbers(line, lambda name, value: f"{value:g}") == ("2.3", "0.9·2 + 0.5")


def test_a_bracket_of_constants_is_one_number() -> None:
    (line,) = compute(("m = b1*m + (1 - b1)*g/(1 - b1**t)",), {"m": 2.0, "g": 0.5, "b1": 0.9, "t": 2.0})
    result, text = shown_with_numbers(line, lambda name, value: f"{value:.3g}", {"b1"})
    assert text == "0.9·2 + 0.1·0.5/(1 − 0.9^2)"
    assert float(result) == pytest.approx(line.result, rel=1e-2)


# --- against torch -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("kind", MEMBERS)
def test_the_rule_agrees_with_torch_in_every_step(kind: str, decay: float) -> None:
    seen = each_step_shown(kind, decay).of(Watched)
    assert len(seen) >= 10
    assert [w.step for w in seen] == list(range(len(seen)))
    if kind == "muon":
        assert {w.agrees for w in seen} == {None}
        assert all(w.words for w in seen)
    else:
        assert [w for w in seen if not w.agrees] == []
    assert any(w.new != w.old for w in seen)


@pytest.mark.usefixtures("every_step")
@pytest.mark.parametrize("kind", ["momentum", "nesterov"])
def test_both_forms_agree_after_a_change_of_the_rate(kind: str) -> None:
    def steer(event: Event) -> Edit | None:
        return Edit("optimizer.lr", 0.001) if isinstance(event, Stepped) and event.step == 5 else None

    for form in ("outside", "inside"):
        run = record(small_spec(optimizer={"kind": kind, "lr": 0.05, "form": form}), steer)
        assert all(w.agrees for w in run.of(Watched))
        assert len(run.of(Watched)) == run.steps.count


@pytest.mark.usefixtures("every_step")
def test_another_rule_does_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Rule(("v = rho*v + g", "x = x - lr*(g + rho*v)"), {"rho": 0.9}, memory={"v": "momentum_buffer"})
    monkeypatch.setattr(Momentum, "rule", lambda self, group: wrong)
    seen = watched(optimizer={"kind": "momentum", "momentum": 0.9, "lr": 0.05})
    assert sum(w.agrees is False for w in seen) >= len(seen) - 2


@pytest.mark.usefixtures("every_step")
def test_without_a_declared_rule_the_numbers_are_shown_and_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Momentum, "rule", lambda self, group: None)
    seen = watched(optimizer={"kind": "momentum", "lr": 0.05})
    assert {(w.lines, w.agrees, w.expected) for w in seen} == {((), None, None)}
    assert any(w.new != w.old for w in seen)


@pytest.mark.usefixtures("every_step")
def test_under_muon_the_rest_is_checked_against_adamw() -> None:
    seen = watched(
        optimizer={"kind": "muon", "weight_decay": 0.1},
        model={"kind": "mlp", "hidden": [8, 8]},
        loop__watch="fc1.bias[3]",
    )
    assert {(w.parameter, w.index, w.agrees) for w in seen} == {("fc1.bias", 3, True)}


@pytest.mark.usefixtures("every_step")
def test_a_bias_does_not_decay_in_the_formula_either() -> None:
    seen = watched(
        optimizer={"kind": "sgd", "lr": 0.1, "weight_decay": 0.5},
        model={"kind": "mlp", "hidden": [8]},
        loop__watch="fc1.bias",
    )
    assert all(w.agrees and w.lines[0].values["wd"] == 0.0 for w in seen)


# --- where and when ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("every_step")
def test_the_watched_number_is_the_steepest_of_the_first_step_and_stays() -> None:
    seen = watched()
    assert len({(w.parameter, w.index) for w in seen}) == 1
    assert seen[0].parameter == "fc1.weight"
    assert seen[0].gradient != 0.0
    assert abs(seen[0].gradient) <= seen[0].gradient_norm


@pytest.mark.usefixtures("every_step")
def test_another_number_can_be_chosen_during_the_run() -> None:
    def steer(event: Event) -> Edit | None:
        return Edit("loop.watch", "classifier.weight[7]") if isinstance(event, Stepped) and event.step == 4 else None

    seen = record(small_spec(), steer).of(Watched)
    assert {(w.parameter, w.index) for w in seen[4:]} == {("classifier.weight", 7)}
    assert {w.parameter for w in seen[:4]} == {"fc1.weight"}


@pytest.mark.parametrize("text", ["nowhere.weight[3]", "fc1.weight[99999999]", "[[", "fc1.weight[-1]", " "])
def test_a_name_that_is_none_leaves_the_default_and_says_so(text: str) -> None:
    usual, seen = watched(), watched(loop__watch=text)
    assert {w.parameter for w in seen} == {"fc1.weight"}
    assert seen[0].words == (
        f"The network trains no number {text}, so fc1.weight[{seen[0].index}] is shown.",
        *usual[0].words,
    )
    assert watched(loop__watch="classifier.weight[7]")[0].words == usual[0].words


def test_places() -> None:
    assert parse_weight_index("fc1.weight[12]") == WeightIndex("fc1.weight", 12)
    assert parse_weight_index(" fc1.weight ") == WeightIndex("fc1.weight", 0)
    assert parse_weight_index("") is None
    assert str(WeightIndex("a.b", 3)) == "a.b[3]"


def test_looking_changes_nothing(seldom: None, monkeypatch: pytest.MonkeyPatch) -> None:
    dark = record(small_spec())
    assert [w.step + 1 for w in dark.of(Watched)] == [1, dark.steps.count]  # the first and the last always are
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)
    lit = record(small_spec())
    assert len(lit.of(Watched)) == lit.steps.count
    assert lit.numbers() == dark.numbers()


def test_it_is_shown_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(weight_probe.time, "perf_counter", lambda: clock[0])

    def passes(event: Event) -> None:
        if isinstance(event, Stepped):
            clock[0] += 1.0 if event.step in (8, 9, 10) else 0.001

    run = record(small_spec(loop__epochs=12), passes)
    assert [w.step for w in run.of(Watched)] == [0, 8, 9, 10, run.steps.count - 1]


def test_a_slow_step_is_always_shown(seldom: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]

    def time() -> float:
        clock[0] += 0.5 * weight_probe.SLOW
        return clock[0]

    monkeypatch.setattr(weight_probe, "SLOW", 0.02)
    shown: list[int] = []
    for slow in (True, False):
        with monkeypatch.context() as patch:
            patch.setattr(weight_probe.time, "perf_counter", time if slow else lambda: 100.0)
            run = record(small_spec())
        shown.append(len(run.of(Watched)))
    assert shown == [run.steps.count, 2]


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("kind", MEMBERS)
def test_the_last_step_can_be_shown_when_it_is_done(kind: str, decay: float, seldom: None) -> None:
    """Asked for behind the step it is the same to the bit as one that was meant to be shown."""

    def commands(event: Event) -> Any:
        return Look() if isinstance(event, Stepped) else None

    run, foreseen = record(small_spec(**few_steps(kind, weight_decay=decay)), commands), each_step_shown(kind, decay)
    assert run.of(Watched) == foreseen.of(Watched) != []
    assert run.numbers() == foreseen.numbers()
    already = run.steps.count if MEMBERS[kind].full_batch else 1
    assert len(run.of(Looked)) == already, "what was shown is not shown twice"


def test_of_a_large_parameter_that_was_not_kept_the_norms_are_unknown(
    seldom: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_recorder, "SMALL", 100)
    run = record(small_spec(), lambda event: Look() if isinstance(event, Stepped) and event.step == 5 else None)
    first, asked, last = run.of(Watched)
    assert first.norm and first.update_norm and (asked.norm, asked.update_norm) == (None, None)
    assert asked.step == 4 and asked.agrees and asked.old != asked.new and asked.gradient_norm and last.agrees


def test_during_an_evaluation_too_but_not_when_the_next_step_has_begun(seldom: None) -> None:
    def commands(event: Event) -> Any:
        return Look() if isinstance(event, EvalProgress) and event.step == 7 else None

    run = record(small_spec(), commands)
    assert [w.step for w in run.of(Watched)] == [0, 6, run.steps.count - 1]
    full = record(small_spec(optimizer={"kind": "gradient_descent", "lr": 0.1}, loop__batch_size=64), look_in_a_pass)
    assert [w.step for w in full.of(Watched)] == list(range(full.steps.count)), "each pass is shown once"
    assert len(full.of(Looked)) > 0


def look_in_a_pass(event: Event) -> Any:
    return Look() if isinstance(event, EvalProgress) and event.total == 200 and event.step > 0 else None


def test_a_setting_that_changes_behind_a_step_is_not_that_steps() -> None:
    """Stop comes after the edits that were made before it, and the step was made with the old rule."""
    commands = iter([Edit("optimizer.beta1", 0.5), Stop()])

    def steer(event: Event) -> Any:
        return next(commands) if isinstance(event, (Stepped, Edited)) and getattr(event, "step", 0) == 4 else None

    run = record(small_spec(), steer)
    assert run.of(Watched)[-1].step == 3 and run.of(Watched)[-1].agrees
    assert run.events[-1].reason == "stopped"


def test_the_place_comes_back_with_the_state() -> None:
    recorder = Recorder()
    first = set_up(small_spec(), steps=recorder.steps)
    for event in train_loop(first):
        if isinstance(event, Stepped):
            break
    saved = first.state.state()
    second = set_up(small_spec(loop__seed=5))
    second.state.restore(saved)
    assert saved["companions"]["watch"] == second.state.state()["companions"]["watch"]
    assert saved["companions"]["watch"]["name"] == "fc1.weight"
