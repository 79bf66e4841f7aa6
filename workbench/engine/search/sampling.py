"""The next trial of a study, asked of Optuna: its sampler, its pruner, and the trial's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.engine.search.storage_errors import speaking
from workbench.engine.search.study import Study

if TYPE_CHECKING:
    import optuna


def prepare(study: Study) -> None:
    """Set the pruner of the next trial in Optuna's study, and a sampler that waits for its number."""
    from workbench.engine.search.optuna_parts import Prescribed, pruner_of

    study.optuna.sampler = Prescribed()
    study.optuna.pruner = pruner_of(study.plan)


def settings_of(study: Study, trial: optuna.Trial, position: int) -> dict[str, object]:
    """The settings of ``trial``, which are kept with it: those that it has already, those typed by hand, or those that
    the plan (at ``position``) or the sampler gives it."""
    from workbench.engine.search.optuna_parts import Prescribed, parameter_of, sampler_of, suggested

    plan, sampler = study.plan, sampler_of(study.plan, trial.number)
    study.optuna.sampler = sampler
    if isinstance(sampler, Prescribed):
        point = plan.point(position) or plan.space.random(plan.seed, trial.number)
        fields = {field.path: field for field in plan.fields}
        sampler.settings = {path: parameter_of(fields[path], value) for path, value in point.items()}
    with speaking(study.url):
        return plan.space.chosen(lambda field: suggested(trial, field))
