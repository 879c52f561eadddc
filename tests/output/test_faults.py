"""The checker of the printed object finds what it looks for."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest

from intervaldetect.output.summary import to_dict
from intervaldetect.records import Analysis
from tests.output.faults import faults


def change(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Return what sets a value: keys and indices, and at last the value."""

    def apply(printed: dict[str, Any]) -> None:
        *way, key, value = path
        part: Any = printed
        for each in way:
            part = part[each]
        part[key] = value

    return apply


CHANGES = {
    "no JSON": change("distance_m", math.nan),
    "schema": change("sha256", "short"),
    "timer above elapsed": change("timer_s", 9999.0),
    "probabilities sum": change("probabilities", "vo2", 0.1),
    "threshold_speed_mps out of bounds": change("thresholds", "threshold_speed_mps", "value", 9.5),
    "first segment starts": change("segments", 0, "start_s", 3.0),
    "last segment ends": change("segments", -1, "end_s", 1700.0),
    "overlap": change("segments", 1, "end_s", 735.0),
    "hole": change("segments", 1, "end_s", 720.0),
    "segment not half-open": change("segments", 1, "end_s", 600.0),
    "moving longer": change("segments", 1, "moving_s", 140.0),
    "mean heart rate": change("segments", 1, "mean_hr_bpm", 190.0),
    "segments from": change("segments", 1, "source", "lap"),
    "reps do not match": change("segments", 1, "rep", 2),
    "recovery": change("segments", 2, "rep", 2),
    "pause inside a set": change("segments", 2, "role", "pause"),
    "warmup between reps": change("segments", 2, "role", "warmup"),
    "cooldown with number": change("segments", 4, "set", 1),
    "set 2 in place": change("sets", 0, "set", 2),
    "3 blocks of": change("sets", 0, "blocks", 3),
    "set of 800.0 by distance": change("sets", 0, "rep_distances_m", [800.0, 800.0]),
    "rep of size": change("sets", 0, "rep_distance_m", 0.0),
    "workout None": change("workout", None),
    "workout text does not parse": change("workout", "2 x 0:01"),
    "workout text is not canonical": change("workout", "2x800m"),
    "partial without a problem": change("integrity", "partial"),
    "sentence": change("evidence", ["two\nlines"]),
}


def test_a_sound_object_has_no_fault(analysis: Analysis) -> None:
    assert faults(to_dict(analysis)) == ()


@pytest.mark.parametrize("name", CHANGES)
def test_every_fault_is_found(analysis: Analysis, name: str) -> None:
    printed: dict[str, Any] = copy.deepcopy({**to_dict(analysis)})
    CHANGES[name](printed)
    assert any(found.startswith(name) for found in faults(printed)), faults(printed)
