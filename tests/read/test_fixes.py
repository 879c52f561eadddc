"""Positions that are none: zeros, and those held while the receiver had lost its fix."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.read import read_activity
from intervaldetect.read.fixes import without_false_fixes
from tests.read.test_reconcile import FILES, a_run, codes, gpx_file

N = 600
SPEED = 3.2


def by_positions(t) -> bytes:
    """The file with nothing but positions to tell the way."""
    return re.sub(rb"<(speed|distance)>[^<]*</\1>", b"", gpx_file(t))


def way(t) -> float:
    activity = read_activity(by_positions(t))
    assert np.isnan(activity.columns["distance"]).all()
    return float(clean_activity(activity).distance_m[-1])


@FILES
def test_zeros_are_no_positions_and_cost_no_way(file):
    t = a_run(SPEED, N)
    blind = np.arange(N) % 50 < 10
    blind[[0, -1]] = False
    lost = replace(
        t, latitude=np.where(blind, 0.0, t.latitude), longitude=np.where(blind, 0.0, t.longitude)
    )
    activity = read_activity(file(lost))
    assert "position_zero" in codes(activity)
    assert np.isnan(activity.columns["latitude"]).sum() == blind.sum()
    assert way(lost) == pytest.approx(way(t), rel=0.01)


@pytest.mark.parametrize("every", [3, 5, 20])
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_held_positions_cost_no_way(every, share):
    t = a_run(SPEED, N)
    place = np.arange(N)
    held = np.where(place % every < max(3, share * every), place - place % every, place)
    stuck = replace(t, latitude=t.latitude[held], longitude=t.longitude[held])
    activity = read_activity(by_positions(stuck))
    (problem,) = (each for each in activity.problems if each.code == "position_held")
    assert problem.count == np.isnan(activity.columns["latitude"]).sum() > N / 20
    lost = t.distance[-1] - t.distance[held[-1]]  # what is held to the end, nobody can know
    assert way(stuck) == pytest.approx(way(t) - lost, rel=0.01)
    speed = clean_activity(activity).speed_mps
    assert np.nanmax(speed) < 1.5 * SPEED


@pytest.mark.parametrize(
    ("held_s", "leap_m"),
    [(60, 3.0), (60, 900.0), (150, 480.0), (60, 20.0), (0, 40.0)],
    ids=["stood", "far off", "too long", "set off", "leapt"],
)
def test_who_stood_or_leapt_elsewhere_keeps_the_positions(held_s, leap_m):
    time = np.arange(400.0)
    rate = np.full(399, SPEED)
    rate[200 : 200 + held_s] = 0.0
    rate[200 + held_s] = leap_m
    metres = np.concatenate(([0.0], np.cumsum(rate)))
    table = {"time": time, "latitude": 48.0 + metres / 111_195.0, "longitude": np.full(400, 9.0)}
    table["distance"] = np.full(400, np.nan)
    before = table["latitude"].copy()
    assert without_false_fixes(table) == []
    assert (table["latitude"] == before).all()


@FILES
@pytest.mark.parametrize("off", [(60.0, 0.0), (30.0, -0.001), "far"])
@pytest.mark.parametrize("lasts", [1, 6])
def test_positions_off_the_way_for_seconds_cost_no_way(file, off, lasts):
    t = a_run(SPEED, N)
    place = np.arange(N)
    blind = (place % 40 >= 20) & (place % 40 < 20 + lasts)
    if off == "far":
        latitude, longitude = np.where(blind, -1.0, t.latitude), np.where(blind, -1.0, t.longitude)
    else:
        north, east = off[0] / 111_195.0, off[1]
        latitude, longitude = t.latitude + north * blind, t.longitude + east * blind
    stray = replace(t, latitude=latitude, longitude=longitude)
    activity = read_activity(file(stray))
    assert "position_astray" in codes(activity)
    assert np.isnan(activity.columns["latitude"]).sum() == blind.sum()
    assert way(stray) == pytest.approx(way(t), rel=0.01)


def test_who_goes_elsewhere_by_train_is_not_astray():
    rate = np.full(599, SPEED)
    rate[200:260], rate[300:360] = 30.0, -30.0
    metres = np.concatenate(([0.0], np.cumsum(rate)))
    table = {
        "time": np.arange(600.0), "latitude": 48.0 + metres / 111_195.0,
        "longitude": 0 * metres, "distance": metres,
    }  # fmt: skip
    assert without_false_fixes(table) == []


def test_held_positions_to_the_east_cost_no_way():
    t = a_run(SPEED, N)
    east = (t.latitude - 48.0) / np.cos(np.radians(48.0))
    t = replace(t, latitude=np.full(N, 48.0), longitude=10.0 + east)
    held = np.arange(N) - np.arange(N) % 4
    stuck = replace(t, longitude=t.longitude[held])
    assert "position_held" in codes(read_activity(by_positions(stuck)))
    assert way(stuck) == pytest.approx(way(t), rel=0.01)
