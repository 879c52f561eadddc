"""The printed object against its schema, on analyses made by hand."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.output.line import (
    Unread,
    dumps,
    format_time,
    loads_outline,
    local_time,
    printable,
    segments_of,
)
from intervaldetect.output.summary import read_alike, schema, sets_of, to_dict, to_json
from intervaldetect.records import (
    Analysis,
    Estimate,
    Pause,
    Problem,
    Session,
    SessionLabel,
    Thresholds,
    WorkoutSet,
)

VALIDATOR = jsonschema.Draft202012Validator(
    schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


def keys_of(described: dict[str, Any], value: Any, defs: dict[str, Any], where: str = "") -> set:
    """Every key path of a value that its schema does not describe, and the other way round."""
    if "$ref" in described:
        described = defs[described["$ref"].rpartition("/")[2]]
    if "oneOf" in described:
        described = described["oneOf"][0]
        if "$ref" in described:
            described = defs[described["$ref"].rpartition("/")[2]]
    odd: set[str] = set()
    if isinstance(value, dict):
        odd |= {f"{where}.{key}" for key in set(value) ^ set(described["properties"])}
        for key in set(value) & set(described["properties"]):
            odd |= keys_of(described["properties"][key], value[key], defs, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            odd |= keys_of(described.get("items", {}), item, defs, where)
    return odd


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_full_analysis_is_valid_and_every_key_is_described(analysis: Analysis) -> None:
    printed = to_dict(analysis)
    VALIDATOR.validate(printed)
    assert keys_of(schema(), printed, schema()["$defs"]) == set()
    assert all("description" in part for part in schema()["properties"].values())
    assert printed["sets"][0]["set"] == 1
    assert printed["sets"][0]["label"] == "vo2"
    assert printed["thresholds"]["threshold_speed_mps"] == {
        "value": 4.6,
        "standard_error": 0.1,
        "source": "given",
        "sessions": None,
        "rests_on": None,
    }


def test_the_schema_refuses_what_breaks_the_contract(analysis: Analysis) -> None:
    printed = to_dict(analysis)
    for key, wrong in (
        ("label", "hard"),
        ("start_time", "2026-05-31 06:00"),
        ("sha256", "abc"),
        ("segments", [{"role": "rep"}]),
        ("part", 0),
    ):
        assert not VALIDATOR.is_valid({**printed, key: wrong}), key
    for key in printed:
        assert not VALIDATOR.is_valid({k: v for k, v in printed.items() if k != key}), key


def test_nothing_known_is_null(analysis: Analysis) -> None:
    activity = replace(
        analysis.activity,
        name=None,
        sport=None,
        session=Session(),
        columns={
            name: np.full(3, np.nan) if name != "time" else np.array([0.0, 1.0, 2.0])
            for name in analysis.activity.columns
        },
    )
    unknown = replace(
        analysis,
        activity=activity,
        signal=replace(analysis.signal, distance_m=np.full(analysis.signal.time_s.size, np.nan)),
        thresholds=Thresholds(Estimate(math.nan, 1.0, "prior"), None, None),
        temperature_c=math.nan,
        heat_flag=None,
        label=SessionLabel(None, None, {"easy": 0.4, "threshold": 0.3, "vo2": 0.3}),
    )
    printed = to_dict(unknown)
    VALIDATOR.validate(printed)
    for key in ("name", "sport", "distance_m", "temperature_c", "heat_flag", "label", "kind"):
        assert printed[key] is None, key
    assert printed["thresholds"] == dict.fromkeys(printed["thresholds"])


def test_json_is_one_line_without_nan_or_minus_zero(analysis: Analysis) -> None:
    segment = replace(analysis.workout.segments[0], mean_hr_bpm=math.nan, start_error_s=-0.0)
    segments = (segment, *analysis.workout.segments[1:])
    text = to_json(replace(analysis, workout=replace(analysis.workout, segments=segments)))
    assert "\n" not in text
    assert "NaN" not in text
    assert "-0.0" not in text
    assert json.loads(text)["segments"][0]["mean_hr_bpm"] is None
    with pytest.raises(ValueError, match="Out of range"):
        dumps({"value": math.nan})


def test_segments_still_tile_after_rounding(analysis: Analysis) -> None:
    printed = to_dict(analysis)
    edges = [(segment["start_s"], segment["end_s"]) for segment in printed["segments"]]
    assert edges[0][0] == 0.0
    assert edges[-1][1] == printed["elapsed_s"]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(edges))


@given(st.lists(st.floats(1e-6, 1.0), min_size=3, max_size=3))
def test_probabilities_sum_to_one(raw: list[float]) -> None:
    from intervaldetect.output.summary import _probabilities

    total = sum(raw)
    easy, threshold, vo2 = (part / total for part in raw)
    printed = _probabilities({"easy": easy, "threshold": threshold, "vo2": vo2})
    assert printed is not None
    shares = {name: share for name, share in printed.items() if share is not None}
    assert shares.keys() == {"easy", "threshold", "vo2"}
    assert math.isclose(sum(shares.values()), 1.0, abs_tol=1e-12)
    assert all(abs(shares[name] - value) < 3e-4 for name, value in (("easy", easy), ("vo2", vo2)))
    assert all(0.0 <= value <= 1.0 for value in shares.values())


def test_timer_is_the_devices_own_or_elapsed_without_pauses(analysis: Analysis) -> None:
    elapsed = float(analysis.activity.columns["time"][-1])
    told = replace(analysis.activity, session=Session(timer_s=elapsed - 7.0))
    assert to_dict(replace(analysis, activity=told))["timer_s"] == elapsed - 7.0
    pauses = (Pause(10.0, 30.0), Pause(20.0, 40.0), Pause(elapsed - 5.0, elapsed + 60.0))
    counted = replace(analysis.activity, session=Session(), pauses=pauses)
    assert to_dict(replace(analysis, activity=counted))["timer_s"] == elapsed - 35.0
    absurd = replace(counted, session=Session(timer_s=elapsed * 3))
    assert to_dict(replace(analysis, activity=absurd))["timer_s"] == elapsed - 35.0


def test_problems_of_all_stages_stand_once(analysis: Analysis) -> None:
    problem = Problem("clock_step", "the clock stepped back", 2)
    other = Problem("no_cadence", "no cadence")
    activity = replace(analysis.activity, problems=(problem,))
    printed = to_dict(replace(analysis, activity=activity, problems=(problem, other)))
    assert printed["problems"] == [
        {"code": "clock_step", "message": "the clock stepped back", "count": 2},
        {"code": "no_cadence", "message": "no cadence", "count": 1},
    ]


def test_sets_come_back_as_records(analysis: Analysis) -> None:
    ladder = WorkoutSet(
        3, "distance", rep_distances_m=(400.0, 800.0, 1200.0), rep_speed_mps=5.0, canonical=True
    )
    sets = (*analysis.workout.sets, ladder)
    printed = to_dict(replace(analysis, workout=replace(analysis.workout, sets=sets)))
    VALIDATOR.validate(printed)
    plain = tuple(replace(each, label=None, probabilities=None) for each in sets)
    assert sets_of(json.loads(dumps(printed))) == plain


def test_times_are_utc_and_local() -> None:
    west = datetime(2026, 5, 31, 20, 30, tzinfo=timezone(timedelta(hours=-7)))
    assert format_time(west) == "2026-06-01T03:30:00Z"
    assert format_time(datetime(2026, 5, 31, 6, 0, 0, 250_000, UTC)) == "2026-05-31T06:00:00.250Z"
    printed = {"start_time": "2026-06-01T03:30:00Z", "utc_offset_s": -25200.0}
    assert local_time(printed).isoformat() == "2026-05-31T20:30:00+00:00"
    assert local_time({**printed, "utc_offset_s": None}).day == 1


def test_names_that_are_not_utf8_can_be_printed(analysis: Analysis) -> None:
    path = b"run\xff.fit".decode("utf-8", "surrogateescape")
    assert printable(path) == "run\\udcff.fit"
    text = to_json(replace(analysis, activity=replace(analysis.activity, path=path, name="\ud800")))
    assert json.loads(text.encode("utf-8"))["name"] == "\\ud800"


@pytest.mark.parametrize("name", ["a run", '"segments": [1], "segments": null', "]", "Lauf \u202e"])
def test_an_outline_is_the_object_with_its_segments_as_text(analysis: Analysis, name: str) -> None:
    named = replace(analysis, activity=replace(analysis.activity, name=name))
    printed: dict[str, Any] = dict(to_dict(named))
    text = dumps(printed)
    outline = loads_outline(text)
    assert isinstance(outline["segments"], Unread)
    assert {**outline, "segments": segments_of(outline)} == printed
    assert segments_of(printed) == printed["segments"]
    assert dumps(outline) == text
    without = dumps({**printed, "segments": []})
    assert dumps(loads_outline(without)) == without


def test_outlines_under_keys_of_their_own_keep_their_own_segments(analysis: Analysis) -> None:
    printed: dict[str, Any] = dict(to_dict(analysis))
    few = printed["segments"][:1]
    ways = {"first": {"label": None}, "other": {"segments": few}, "more": printed, "evidence": "[]"}
    outline = loads_outline(dumps(ways))
    assert outline["first"] == {"label": None}
    assert segments_of(outline["other"]) == few
    assert segments_of(outline["more"]) == printed["segments"]


def test_objects_read_alike_differ_in_what_is_judged_alone(analysis: Analysis) -> None:
    printed: dict[str, Any] = dict(to_dict(analysis))
    (first, *rest) = printed["sets"]
    judged = {"label": "easy", "kind": "long", "evidence": [], "structured_probability": 0.1}
    assert read_alike({**printed, **judged}, printed)
    assert read_alike({**printed, "sets": [{**first, "label": None}, *rest]}, printed)
    others: tuple[dict[str, Any], ...] = (
        {"sets": [{**first, "count": first["count"] + 1}, *rest]}, {"sets": rest},
        {"segments": []}, {"workout": None}, {"problems": [1]},
    )  # fmt: skip
    for other in others:
        assert not read_alike({**printed, **other}, printed)
