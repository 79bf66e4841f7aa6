"""P8: an ensemble of 5 small MLPs trained as one, against the five one after the other; events and evaluation on."""

from __future__ import annotations

import time
from statistics import median

from workbench.engine.core.drive import drive
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

ROUNDS = 15
MEMBERS = 5
#: Short and in turn, so that whatever else the machine does falls on both alike.
EPOCHS = 5


def main() -> None:
    """Print the median of the rounds' ratios; making the runs is not timed. And how far the numbers are apart."""
    spec = (
        ExperimentSpec()
        .edited("model", {"kind": "mlp", "hidden": [128]})
        .edited("optimizer", {"kind": "adam", "lr": 1e-3})
        .edited("loop.epochs", EPOCHS)
        .edited("loop.threads", 1)
        .edited("ensemble", {"kind": "independent", "members": MEMBERS})
    )
    together, one_by_one, apart = [], [], 0.0
    for _ in range(ROUNDS):
        ensemble = EnsembleTraining(train_loop, spec)
        assert not ensemble.one_by_one, ensemble.one_by_one
        started = time.perf_counter()
        drive(ensemble.run(), lambda event: None, lambda event: None)
        together.append(time.perf_counter() - started)
        trainings = [set_up(each) for each in spec.ensemble.members_of(spec)]
        for training in trainings[1:]:
            training.state.callbacks.clear()  # as in the ensemble: only the first is looked into
        started = time.perf_counter()
        for training in trainings:
            drive(train_loop(training), lambda event: None, lambda event: None)
        one_by_one.append(time.perf_counter() - started)
        for member, training in zip(ensemble.members, trainings, strict=True):
            own, other = (t.steps.read(0)[1][:, 0] for t in (member.context, training))
            apart = max(apart, float(abs(own - other).max()))
    ratios = [alone / all_ for alone, all_ in zip(one_by_one, together, strict=True)]
    steps = MEMBERS * EPOCHS * trainings[0].batches.per_epoch
    print(f"P8 one after the other {1e6 * median(one_by_one) / steps:8.0f} us a step of one member")
    print(f"P8 as one              {1e6 * median(together) / steps:8.0f} us a step of one member")
    print(f"P8 ratio               {median(ratios):8.2f}   target >= 1.9")
    print(f"P8 largest difference of a step's loss {apart:.1e}")


if __name__ == "__main__":
    main()
