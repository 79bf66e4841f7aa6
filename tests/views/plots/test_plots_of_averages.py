"""Curves of averaged weights beside those of the weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.report.curves import fresh, with_steps
from tests.views.plots.helpers import labels, shown
from workbench.engine.report.svg.colours import LIGHT
from workbench.engine.run_store.history import History


def averaged(history: History, *kinds: str) -> History:
    """The run's validation a little better with averaged weights, from the second evaluation on."""
    averaged = History(history.steps)
    averaged.fold(history.started)
    for index, epoch in enumerate(history.evaluations):
        assert epoch.val is not None
        better = replace(epoch.val, loss=epoch.val.loss - 0.05, accuracy=epoch.val.accuracy + 0.02)
        averaged.fold(replace(epoch, averages=dict.fromkeys(kinds, better) if index else {}))
    return averaged


def test_averages_stand_beside_validation_only_in_runs_that_have_them(plots):
    shown(plots, with_steps(fresh(), 115))
    subplot = plots.subplot("accuracy")
    assert subplot.header.entries["ema"].isHidden() and "EMA" not in labels(plots, "accuracy")
    assert len(subplot.view.item.content.lines) == 2
    shown(plots, averaged(with_steps(fresh(), 115), "ema"))
    assert not subplot.header.entries["ema"].isHidden() and subplot.header.entries["mean"].isHidden()
    assert labels(plots, "accuracy")["EMA"] == "82.5\xa0%" and "mean" not in labels(plots, "accuracy")
    line = subplot.view.item.content.lines[-1]
    assert (line.style, line.colour) == ("dotted", LIGHT.ema) and np.isnan(line.y[0]) and len(line.y) == 5
    shown(plots, averaged(with_steps(fresh(), 115), "ema", "mean", "ensemble"))
    assert {"EMA", "mean", "ens.", "val", "train"} <= labels(plots, "loss").keys()
    styles = [line.style for line in subplot.view.item.content.lines]
    assert len({*styles}) == len(styles) == 5, "each is told apart without colour"
    shown(plots, with_steps(fresh(), 115))
    assert subplot.header.entries["ema"].isHidden() and subplot.header.entries["mean"].isHidden()


def test_an_average_appears_while_it_trains(plots):
    history = with_steps(fresh(), 46)
    shown(plots, history)
    with_steps(history, 22)
    history.fold(averaged(with_steps(fresh(), 69), "mean").evaluations[-1])
    plots.refresh()
    assert not plots.subplot("loss").header.entries["mean"].isHidden()
    assert "mean" in labels(plots, "loss")


def test_an_average_can_be_hidden_and_goes_into_the_table(plots, tmp_path):
    history = averaged(with_steps(fresh(), 115), "ema")
    shown(plots, history)
    plots.subplot("loss").header.entries["ema"].click()
    plots.stack.redraw()
    assert "EMA" not in labels(plots, "loss") and "loss.ema" not in plots.read_out()
    assert plots.read_out()["accuracy.ema"] == pytest.approx(0.825)
    plots.export(tmp_path / "run.csv")
    head, *rows = (tmp_path / "run.csv").read_text().splitlines()
    assert head.split(",")[-2:] == ["ema_loss", "ema_accuracy"]
    assert rows[-1].split(",")[-1] == "0.825" and {row.count(",") for row in rows} == {head.count(",")}
