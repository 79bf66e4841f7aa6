"""Where a choice is described by a rule, it is the rule that runs with this choice."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.update_rule import shown

GROUP = {"muon": False, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}


def choices_with_rules() -> Iterator[tuple[type[Optimizer], Setting]]:
    for member in members_of(Optimizer).values():
        for setting in settings_of(member):
            if any(" = " in words or "−=" in words for words in setting.knob.options.values()):
                yield member, setting


def test_a_choice_between_rules_shows_each_rule_as_it_runs() -> None:
    found = list(choices_with_rules())
    assert {member.kind for member, _ in found} >= {"momentum", "nesterov"}
    for member, setting in found:
        for value in setting.values:
            rule = member(**{setting.name: value}).rule(GROUP)
            assert rule is not None
            assert setting.knob.options[value] == ", ".join(map(shown, rule.lines)), (member.kind, value)


def test_nesterov_is_described_by_its_look_ahead() -> None:
    options = {member.kind: setting.knob.options for member, setting in choices_with_rules()}
    assert options["momentum"]["outside"] == "v = rho·v + g, x = x − lr·v"
    assert options["nesterov"]["outside"] == "v = rho·v + g, x = x − lr·(g + rho·v)"
    assert options["nesterov"]["inside"].endswith("x = x − rho·u + (1 + rho)·v")
