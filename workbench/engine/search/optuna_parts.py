"""What the search takes from Optuna, which is imported with this module: distributions, samplers, pruners.

Seen with Optuna 5.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial

from workbench.engine.core.randomness import mixed
from workbench.engine.search.field import Field
from workbench.engine.search.plan import Plan

#: Number of trials that complete before pruning begins.
_BEFORE_PRUNING = 5


class Prescribed(BaseSampler):
    """Gives each trial the settings that are put into ``settings`` before it asks."""

    def __init__(self) -> None:
        self.settings: Mapping[str, Any] = {}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        return self.settings[param_name]


def sampler_of(plan: Plan, number: int) -> BaseSampler:
    """The sampler for the trial ``number``. That of TPE is a new one for each trial, so that what it draws follows from
    the trials before and not from a state that a restart would lose, and two workers never draw the same."""
    if plan.sampler != "tpe":
        return Prescribed()
    return TPESampler(seed=mixed("search tpe", plan.seed, number) % 2**32)


def pruner_of(plan: Plan) -> BasePruner:
    """What ends hopeless trials."""
    if plan.pruning == "median":
        return MedianPruner(n_startup_trials=_BEFORE_PRUNING)
    if plan.pruning == "hyperband":
        return HyperbandPruner(min_resource=1, max_resource=plan.base.loop.epochs)
    return NopPruner()


def distribution_of(field: Field) -> BaseDistribution:
    """Optuna's declaration of a field. Choices that are no simple values are named by their JSON."""
    if field.choices:
        return CategoricalDistribution([parameter_of(field, choice) for choice in field.choices])
    if field.is_whole:
        return IntDistribution(int(field.low), int(field.high), log=field.is_log)
    return FloatDistribution(field.low, field.high, log=field.is_log)


def parameter_of(field: Field, value: Any) -> Any:
    """A value of ``field`` as Optuna keeps it."""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value


def value_of(field: Field, parameter: Any) -> Any:
    """What ``parameter_of`` was given; a parameter that is none of the choices is given back as it is."""
    return next((choice for choice in field.choices if parameter_of(field, choice) == parameter), parameter)


def suggested(trial: Trial, field: Field) -> Any:
    """The value that the study's sampler gives ``field`` in ``trial``, in which it is then kept."""
    name = field.path
    if field.choices:
        parameter: Any = trial.suggest_categorical(name, [parameter_of(field, choice) for choice in field.choices])
    elif field.is_whole:
        parameter = trial.suggest_int(name, int(field.low), int(field.high), log=field.is_log)
    else:
        parameter = trial.suggest_float(name, field.low, field.high, log=field.is_log)
    return value_of(field, parameter)
