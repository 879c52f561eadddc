"""From the bytes of a file to what it was, deaf to its laps.

The sessions and the text that has to be printed for each stand in ``tests/structure/sessions.py``.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from intervaldetect.errors import MissingChannel, TooShort
from intervaldetect.notation import format_workout, parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import Activity, Format
from intervaldetect.records.channels import NAMES
from intervaldetect.simulate import Plan, SimulatedActivity, simulate
from intervaldetect.write import encode_fit, encode_tcx
from tests.clean.build import activity, stretches
from tests.structure.sessions import NEGATIVES, SHAPES, TABLE, Session, faults, read_back

SEEDS = (100, 101)
# Not read right on these seeds; benchmarks/accuracy/simulated.py says how often.
KNOWN: dict[str, tuple[tuple[Format, ...], str]] = {
    "30/30": (
        ("fit", "tcx"),
        "this seed's device and half a metre at each edge make 1.2 % of pace",
    ),
    "hills": (("gpx",), "two of ten are lost on this seed"),
}


@functools.lru_cache(maxsize=8)
def ran(session: Session, seed: int) -> SimulatedActivity:
    return session.run(seed)


def cases(sessions: tuple[Session, ...], seeds: tuple[int, ...]) -> list[pytest.ParameterSet]:
    params = []
    for session in sessions:
        formats, reason = KNOWN.get(session.name, ((), ""))
        for seed in seeds:
            for form in session.formats:
                marks = [pytest.mark.xfail(reason=reason, strict=True)] if form in formats else []
                name = f"{session.name}-{seed}-{form}"
                params.append(pytest.param(session, seed, form, id=name, marks=marks))
    return params


@pytest.mark.parametrize(("session", "seed", "form"), cases(TABLE, SEEDS))
def test_sessions_of_the_table(session: Session, seed: int, form: Format) -> None:
    run = ran(session, seed)
    workout = read_back(run, form).workout
    assert faults(session, run, workout) == (), f"{workout.text} for {session.text}"


@pytest.mark.parametrize(("session", "seed", "form"), cases(SHAPES, SEEDS[:1]))
def test_other_shapes(session: Session, seed: int, form: Format) -> None:
    run = ran(session, seed)
    workout = read_back(run, form).workout
    assert faults(session, run, workout) == (), f"{workout.text} for {session.text}"


@pytest.mark.parametrize(("session", "seed", "form"), cases(NEGATIVES, SEEDS[:1]))
def test_nothing_is_found_where_nothing_was_planned(
    session: Session, seed: int, form: Format
) -> None:
    run = ran(session, seed)
    analysis = read_back(run, form)
    assert faults(session, run, analysis.workout) == ()
    if session.plan.run_type == "race":
        assert analysis.label.kind == "race"
    else:
        assert (analysis.workout.text, analysis.workout.sets) == (None, ())


@pytest.mark.parametrize("session", [*TABLE, *SHAPES], ids=lambda each: each.name)
def test_the_expected_texts_are_canonical(session: Session) -> None:
    if session.text is not None:
        assert format_workout(parse_workout(session.text)) == session.text


def test_what_is_wrong_is_named() -> None:
    """The judge of the tests above is no rubber stamp."""
    session = TABLE[7]
    run = ran(session, 100)
    right = read_back(run, "fit").workout
    assert faults(session, run, right) == ()
    (found,) = right.sets

    def judged(**changes: object) -> tuple[str, ...]:
        sets = (replace(found, **changes),)  # type: ignore[arg-type]
        return faults(session, run, replace(right, sets=sets, text=format_workout(sets)))

    assert judged(rep_speed_mps=(found.rep_speed_mps or 0.0) * 1.03) == ("pace",)
    assert judged(count=5) == ("count",)
    assert judged(rep_basis="time", rep_duration_s=130.0) == ("size",)
    assert judged(rep_distance_m=810.0) == ("size",)
    assert judged(recovery_s=175.0) == ("recovery",)
    assert judged(recovery_style="walk") == ("recovery",)
    assert faults(session, run, replace(right, sets=(), text=None)) == ("missed",)
    assert faults(NEGATIVES[0], run, right) == ("claimed",)


# --- files that hold little -------------------------------------------------------------------


def only(source: Activity, *names: str) -> Activity:
    """Leave nothing but the time and these channels."""
    unknown = np.full(len(source), np.nan)
    columns = {
        name: values if name in ("time", *names) else unknown
        for name, values in source.columns.items()
    }
    return replace(source, columns=MappingProxyType(columns))


@pytest.mark.parametrize("encode", [encode_fit, encode_tcx])
def test_heart_rate_alone(encode: object) -> None:
    run = simulate(Plan("4 x 6:00 @ 3:15/km (1:00 jog)"), seed=100)
    made = encode(only(run.to_activity(), "heart_rate"))  # type: ignore[operator]
    analysis = analyse(read_activity(made))
    (whole,) = analysis.workout.segments
    assert (whole.role, whole.start_s, whole.end_s) == ("steady", 0.0, run.elapsed_s)
    assert whole.distance_m is whole.mean_speed_mps is whole.grade_adjusted_speed_mps is None
    beats = run.columns["heart_rate"]
    assert whole.mean_hr_bpm == pytest.approx(beats.mean(), abs=0.5)
    assert whole.max_hr_bpm == beats.max()
    assert analysis.workout.text is None
    assert any("speed" in sentence for sentence in analysis.workout.evidence)
    assert analysis.signal.speed_source is None


@pytest.mark.parametrize("name", ["distance", "speed"])
def test_one_source_of_speed_is_enough(name: str) -> None:
    run = simulate(Plan("6 x 800 m @ 2:10 (3:00 jog)"), seed=100)
    made = encode_fit(only(run.to_activity(), name))
    workout = analyse(read_activity(made), laps="ignore").workout
    found = [(each.start_s, each.end_s) for each in workout.segments if each.role == "rep"]
    assert len(found) == 6
    for span, expected in zip(found, run.truth.reps, strict=True):
        assert span == pytest.approx(expected, abs=4.0)


def test_a_ride_is_read_by_power() -> None:
    """Speed on a bicycle follows the wind and the hills; the legs follow the plan."""
    random = np.random.default_rng(1)
    plan = [(900.0, 150.0), *[(300.0, 285.0), (180.0, 120.0)] * 4, (300.0, 285.0), (600.0, 140.0)]
    edges = np.concatenate(([0.0], np.cumsum([seconds for seconds, _ in plan])))
    time, distance = stretches((float(edges[-1]), 9.0))
    distance = distance + 40.0 * np.sin(time / 90.0)
    watts = np.array([watts for _, watts in plan] + [140.0])
    power = watts[np.searchsorted(edges, time, "right") - 1] + 18.0 * random.normal(size=time.size)
    beats = np.full(time.size, 110.0)
    for k in range(1, time.size):
        goal = 90.0 + 0.27 * power[k]
        beats[k] = beats[k - 1] + (goal - beats[k - 1]) / (35.0 if goal > beats[k - 1] else 60.0)
    ride = activity(
        time, distance=distance, power=np.round(power), heart_rate=np.round(beats), sport="cycling"
    )
    analysis = analyse(ride, laps="ignore")
    found = [(s.start_s, s.end_s) for s in analysis.workout.segments if s.role == "rep"]
    expected = [(float(a), float(b)) for a, b in zip(edges[1:-1:2], edges[2::2], strict=True)]
    assert len(found) == len(expected) == 5
    for span, wanted in zip(found, expected, strict=True):
        assert span == pytest.approx(wanted, abs=6.0)
    (sets,) = analysis.workout.sets
    assert (sets.rep_basis, sets.rep_duration_s) == ("time", 300.0)
    by_role = {each.role: each for each in analysis.workout.segments}
    assert by_role["rep"].mean_power_w == pytest.approx(285.0, abs=8.0)
    assert analysis.workout.text is not None
    assert "km/h" in analysis.workout.text
    assert "/km" not in analysis.workout.text


def test_a_ride_home_is_no_rep() -> None:
    run = simulate(Plan("5 x 1000 m @ 3:06 (2:00 jog)"), seed=100)
    before = run.to_activity()
    later = np.arange(run.elapsed_s + 60.0, run.elapsed_s + 1260.0)
    gone = before.columns["distance"][-1] + 13.0 * (later - later[0])
    columns = {
        name: np.concatenate((before.columns[name], np.full(later.size, np.nan))) for name in NAMES
    }
    columns["time"][-later.size :] = later
    columns["distance"][-later.size :] = gone
    columns["heart_rate"][-later.size :] = 100.0
    ridden = replace(before, columns=MappingProxyType(columns))
    analysis = analyse(ridden, laps="ignore")
    assert [each.code for each in analysis.problems] == ["not_running"]
    found, expected = (
        [(s.start_s, s.end_s) for s in each.workout.segments if s.role == "rep"]
        for each in (analysis, analyse(before, laps="ignore"))
    )
    assert len(found) == 5
    for span, wanted in zip(found, expected, strict=True):
        assert span == pytest.approx(wanted, abs=1.0)


def test_too_little_is_said() -> None:
    with pytest.raises(TooShort):
        analyse(activity(np.arange(5.0), distance=np.arange(5.0)))
    with pytest.raises(MissingChannel):
        analyse(activity(np.arange(500.0), temperature=20.0))
