"""The formula view: the rule with this step's numbers, its badge in words, and nothing that moves."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.events import RunEnded, Stepped
from workbench.engine.core.observed import Watched
from workbench.engine.core.update_rule import compute
from workbench.views.insight.formula_view import FormulaView
from workbench.views.widgets.theme import theme

MOMENTUM = ("v = rho*v + g", "x = x - lr*v")
ADAM = (
    "m = b1*m + (1 - b1)*g",
    "s = b2*s + (1 - b2)*g*g",
    "m_hat = m/(1 - b1**t)",
    "s_hat = s/(1 - b2**t)",
    "x = x - lr*m_hat/(sqrt(s_hat) + eps)",
)


def watched(g: float = 0.25, x: float = 1.5, lines: tuple[str, ...] = MOMENTUM, **other: object) -> Watched:
    values = {"x": x, "g": g, "v": -0.5, "rho": 0.9, "lr": 0.1, "t": 7.0}
    values |= {"m": 1e-3, "s": 2e-9, "b1": 0.9, "b2": 0.999, "eps": 1e-8}
    done = compute(lines, values)
    new = done[-1].result if done else x
    found = Watched(
        step=1233,
        rule="Momentum",
        parameter="fc1.weight",
        index=4321,
        shape=(128, 64),
        lines=done,
        words=(),
        gradient=g,
        old=x,
        new=new,
        expected=new,
        agrees=True,
        norm=4.0,
        gradient_norm=0.5,
        update_norm=0.002,
    )
    return replace(found, **other)


@pytest.fixture
def view(qtbot):
    widget = FormulaView()
    qtbot.addWidget(widget)
    widget.resize(250, 400)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_before_the_first_step(view):
    assert view.text().startswith("The optimizer's update rule appears here")
    assert not view.copy_action.isEnabled()
    assert view.accessibleName() == "Formula, this step" and view.accessibleDescription() == view.text()
    assert "float32" in view.toolTip()


def test_the_rule_and_the_same_lines_with_numbers(view):
    view.show_watched(watched())
    lines = view.text().split("\n")
    assert lines[:2] == ["Formula, step 1\u202f234", "Momentum, x = fc1.weight[4321]"]
    assert lines[2] == "✓ Agrees with torch"
    assert lines[3:7] == ["v = rho·v + g", "−0.2 = 0.9·−0.5 + 0.25", "x = x − lr·v", "1.52 = 1.5 − 0.1·−0.2"]
    assert lines[7:9] == ["|x| 4 |g| 0.5", "|Δx| 0.002 0.05 % of |x|"]
    assert lines[9] == "Norms of fc1.weight (128 × 64)"


def test_the_badge_says_it_in_words(view):
    view.show_watched(watched(agrees=False, new=1.6, expected=1.52))
    assert "✗ Differs from torch by 0.08" in view.text()
    view.show_watched(watched(agrees=None, expected=None, words=("O mixes the whole matrix",)))
    assert "– Not compared: the rule combines many weights" in view.text()
    assert "O mixes the whole matrix" in view.text()
    view.show_watched(watched(lines=(), agrees=None, expected=None))
    assert "– Not compared: this optimizer declares no rule" in view.text()


@pytest.mark.parametrize("lines", [MOMENTUM, ADAM])
@pytest.mark.parametrize("large", [False, True])
def test_nothing_moves_when_the_numbers_change(view, lines, large):
    theme().set_large(large)
    try:
        heights = set()
        for g, x in ((0.25, 1.5), (-1.23456e-7, -0.1234567), (3.0, 1e-9), (-123.456, -1234.56), (0.0, 0.0)):
            view.show_watched(watched(g, x, lines))
            heights.add((view.sheet.minimumHeight(), tuple(map(len, view.sheet._broken))))
        assert len(heights) == 1
    finally:
        theme().set_large(False)


def test_no_line_is_wider_than_the_view_where_it_can_be_broken(view):
    view.show_watched(watched(lines=ADAM))
    narrow = view.sheet.minimumHeight()
    assert not view.grab().isNull()
    view.resize(700, 400)
    assert view.sheet.minimumHeight() < narrow
    assert all(len(lines) == 1 for lines in view.sheet._broken)


def test_a_broken_line_goes_on_below_the_equals_sign(view):
    view.resize(240, 500)
    view.show_watched(watched())
    broken = [lines for lines in view.sheet._broken if len(lines) > 1 and "=" in lines[0]]
    assert len(broken) == 2
    for first, second in broken:
        sign = second.lstrip(" ")[0]
        assert sign in "+−" and second.index(sign) == first.index("=")


def test_a_long_term_is_cut_at_its_outer_signs_and_keeps_no_gaps_inside(view):
    view.resize(240, 500)
    view.show_watched(watched(lines=ADAM))
    *_, update = [lines for lines in view.sheet._broken if len(lines) > 1]
    result, factors, divisor = (line.strip(" \u00a0") for line in update)
    assert result.endswith("= 1.5") and factors.startswith("− 0.1·") and "\u00a0" not in factors
    assert divisor.startswith("/(√(") and divisor.endswith(") + 1e-8)"), "the bracket stays together"


def test_a_negative_number_is_subtracted(view):
    view.show_watched(watched(g=-0.25))
    assert "−0.7 = 0.9·−0.5 − 0.25" in view.text()


def test_nothing_is_cut_off_in_a_very_narrow_view(view):
    view.resize(190, 500)
    view.show_watched(watched(lines=ADAM))
    sheet = view.sheet
    room = sheet.width() - 2 * sheet._margin()
    rows = [(row, lines) for row, lines in zip(sheet._rows, sheet._broken, strict=True) if "=" in row.text]
    assert max(sheet._font(row).width(line.rstrip(" \u00a0")) for row, lines in rows for line in lines) <= room


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 1e300])
def test_any_number_can_be_shown(view, value):
    view.show_watched(watched(g=value, norm=value, update_norm=value))
    assert not view.grab().isNull()


def test_a_hidden_view_waits_until_it_is_seen(view, monkeypatch):
    view.hide()
    monkeypatch.setattr(view.sheet, "show_rows", lambda rows: pytest.fail("nobody sees it"))
    view.take([watched()])
    monkeypatch.undo()
    view.show()
    assert view.sheet._broken[0] == ["Formula, step 1\u202f234"]


def test_the_last_step_of_a_batch_of_events_is_shown(view):
    view.take([watched(), replace(watched(), step=9), object()])
    assert view.text().startswith("Formula, step 10\n")
    view.take([])
    assert view.text().startswith("Formula, step 10\n")
    view.clear()
    assert view.text().startswith("The optimizer's update rule appears here")


def test_a_fast_run_is_written_now_and_then_and_its_last_step_at_once(view, qtbot, monkeypatch):
    written = []
    monkeypatch.setattr(view.sheet, "show_rows", lambda rows: written.append(rows[0].text))
    for step in range(5):
        view.take([watched(step=step)])
    assert written == ["Formula, step 1"]
    qtbot.waitUntil(lambda: written == ["Formula, step 1", "Formula, step 5"], timeout=10_000)
    view.take([watched(step=6)])
    view.take([Stepped(7)])  # it holds: the step of a tick before
    assert written[-1] == "Formula, step 7" and len(written) == 3
    view.take([watched(step=8), RunEnded("completed", 9, 1, 1.0, "")])
    assert written[-1] == "Formula, step 9"


def test_copy_as_text(view):
    view.show_watched(watched())
    view.copy_action.trigger()
    assert QGuiApplication.clipboard().text() == view.text()


def test_in_the_window_single_steps_show_their_formula(window, qtbot):
    workspace = window.workspace
    session, view = workspace.services.session, workspace.formula_view
    workspace.services.store.edit("loop.epochs", 500)
    session.train()
    session.step_one()
    for step in range(1, 4):
        qtbot.waitUntil(lambda step=step: view.text().startswith(f"Formula, step {step}\n"), timeout=60_000)
        qtbot.wait(60)
        assert view.text().startswith(f"Formula, step {step}\n")
        assert "✓ Agrees with torch" in view.text() and "v = rho·v + g" in view.text()
        session.step_one()
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)
    assert Qt.FocusPolicy.StrongFocus == view.focusPolicy()


@pytest.mark.parametrize("kind", [kind for kind in members_of(Optimizer) if kind not in ("lbfgs", "muon")])
def test_what_is_computed_of_settings_alone_is_one_number(view, kind):
    """``(1 − 0.99)`` is no number that anyone wants to compute in the head."""
    weight = torch.nn.Linear(3, 2)
    optimizer = members_of(Optimizer)[kind]()
    made = optimizer.build(weight)
    weight(torch.ones(4, 3)).square().sum().backward()
    made.step()
    rule = optimizer.rule(made.param_groups[0])
    values = {"x": 1.5, "g": 0.25, "lr": 0.1, "t": 3.0, **rule.constants, **dict.fromkeys(rule.memory, 0.5)}
    view.show_watched(replace(watched(), lines=compute(rule.lines, values)))
    left = {float(number) for number in re.findall(r"\(1 − ([0-9.]+)\)", view.text())}
    assert "=" in view.text() and not left & set(rule.constants.values()), view.text()
