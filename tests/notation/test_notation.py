"""Workouts as text: the forms runners write, the printed form, and errors that point."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.errors import IntervalDetectError, NotationError, ParameterError
from intervaldetect.notation import format_workout, parse_icu, parse_workout
from intervaldetect.notation.printer import Units
from intervaldetect.notation.quantity import MILE_M, fastest_mps, reads_as_rep_time
from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet
from tests.effort import examples

# As written -> as printed. The printed form is checked against records further below.
WILD = [
    ("6x800m @ 2:10 (3:00)", "6 x 800 m @ 2:10 (3:00)"),
    ("6 x 800 m @ 2:10 (3:00 jog)", "6 x 800 m @ 2:10 (3:00 jog)"),
    ("4 x 6 min @ sub LT (1 min)", "4 x 6:00 (1:00)"),
    ("3x(2000,150),2000", "3 x (2000 + 150 m) + 2000 m"),
    ("2x(10x1') R1' SR4'", "2 x (10 x 1:00 (1:00)) (4:00)"),
    ("15x1k @ 3:00/km with 60 s", "15 x 1000 m @ 3:00 (1:00)"),
    ("10x1k at 15k pace with 1 min", "10 x 1000 m (1:00)"),
    ("6x500 @ 1:15, 3 min between runs", "6 x 500 m @ 1:15 (3:00)"),
    ("4x6min @ 3:15/km", "4 x 6:00 @ 3:15/km"),
    ("25x400 @ 2:50/km", "25 x 400 m @ 1:08"),
    ("10 miles @ 3:10/km", "10 mi @ 3:10/km"),
    ("10k at 15k pace or slower", "10000 m"),
    ("16 km @ 3:20/km", "16000 m @ 3:20/km"),
    ("45/15 x 20", "20 x 0:45 (0:15)"),
    ("20 x 45/15", "20 x 0:45 (0:15)"),
    ("20x(45/15)", "20 x 0:45 (0:15)"),
    ("30-30 x 10", "10 x 0:30 (0:30)"),
    ("8 x 400/200", "8 x 400 m (200 m)"),
    ("5x6'/1'", "5 x 6:00 (1:00)"),
    ("10x3min/1min", "10 x 3:00 (1:00)"),
    ("10 x 2/1 min", "10 x 2:00 (1:00)"),
    ("3 x 10:00 @ 3:35/km (2:00) + 8 x 200 m @ 0:34 (1:00)",
     "3 x 10:00 @ 3:35/km (2:00) + 8 x 200 m @ 0:34 (1:00)"),
    ("3x10 min (2 min) + 4 min + 8x200 m", "3 x 10:00 (2:00) + 4:00 + 8 x 200 m"),
    ("5 x 1000 m in 3:20 w/ 90s jog", "5 x 1000 m @ 3:20 (1:30 jog)"),
    ("8x400m r200m", "8 x 400 m (200 m)"),
    ("8 x 400 m, 200 m jog", "8 x 400 m (200 m jog)"),
    ("8x400 (200)", "8 x 400 m (200 m)"),
    ("8 x 1 min on / 1 min off", "8 x 1:00 (1:00)"),
    ("10x1min hard, 1min easy", "10 x 1:00 (1:00 jog)"),
    ("10 x 60 sec hill (jog down)", "10 x 1:00 (jog)"),
    ("8 x 45s uphill, walk back", "8 x 0:45 (walk)"),
    ("400-800-1200-800-400 m w/ 90 s", "(400 + 800 + 1200 + 800 + 400 m) (1:30)"),
    ("400/800/1200/800/400", "(400 + 800 + 1200 + 800 + 400 m)"),
    ("400, 800, 1200 w/ 2 min", "(400 + 800 + 1200 m) (2:00)"),
    ("400 + 800 + 1200 + 800 + 400 m", "(400 + 800 + 1200 + 800 + 400 m)"),
    ("1-2-3-2-1 min", "(1:00 + 2:00 + 3:00 + 2:00 + 1:00)"),
    ("1'-2'-3'-2'-1' R1'", "(1:00 + 2:00 + 3:00 + 2:00 + 1:00) (1:00)"),
    ("2 x 400-300-200 m (1:00) (5:00)", "2 x (400 + 300 + 200 m (1:00)) (5:00)"),
    ("2 x 20 min tempo w/ 5 min", "2 x 20:00 (5:00)"),
    ("20 min tempo", "20:00"),
    ("40' @ 3:50", "40:00 @ 3:50/km"),
    ("1h20 @ 4:30/km", "1:20:00 @ 4:30/km"),
    ("6 x 1 mile @ 5:20 (400 m jog)", "6 x 1 mi @ 5:20 (400 m jog)"),
    ("4 x 1.5 miles at 5:40/mile (3:00)", "4 x 1.5 mi @ 3:31/km (3:00)"),
    ("5 x 1.2 km (90s)", "5 x 1200 m (1:30)"),
    ("12 x 400m @ 68s (60s)", "12 x 400 m @ 1:08 (1:00)"),
    ("12x400m @ 68-70, 60-90 s rest", "12 x 400 m @ 1:09 (1:15)"),
    ('10x400m@72" R=1\'', "10 x 400 m @ 1:12 (1:00)"),
    ("10x400m@1'12\" R=1'30", "10 x 400 m @ 1:12 (1:30)"),
    ("5x2000 @ 3:15 (60)", "5 x 2000 m @ 3:15/km (1:00)"),
    ("5x2000 @ 6:30 (60)", "5 x 2000 m @ 3:15/km (1:00)"),
    ("8 × 3’ @ 16 km/h (1’)", "8 x 3:00 @ 3:45/km (1:00)"),
    ("6*3 min @ 5 m/s (1 min)", "6 x 3:00 @ 3:20/km (1:00)"),
    ("16 x 400 m @ 10k pace, 1 min rest", "16 x 400 m (1:00)"),
    ("5 x 5 min @ 4:00/km, 1 min", "5 x 5:00 @ 4:00/km (1:00)"),
    ("10 x (3 min + 1 min jog)", "10 x 3:00 (1:00 jog)"),
    ("10 x (400 m @ 80 + 200 m jog)", "10 x 400 m @ 1:20 (200 m jog)"),
    ("2 sets of 6x400 @ 70 (1:00), 3:00 between sets", "2 x (6 x 400 m @ 1:10 (1:00)) (3:00)"),
    ("2x(6x400m, 60s) 3min", "2 x (6 x 400 m (1:00)) (3:00)"),
    ("3x4x400m (1:00) (3:00)", "3 x (4 x 400 m (1:00)) (3:00)"),
    ("2 x (4x400 r1' + 800) SR5'", "4 x 400 m (1:00) + 800 m + (5:00) + 4 x 400 m (1:00) + 800 m"),
    ("WU 15 min, 6x800 @ 2:10, CD 10 min", "6 x 800 m @ 2:10"),
    ("15 min warm-up + 5x1000 (1:30) + 10 min cool-down", "5 x 1000 m (1:30)"),
    ("5 x 1000 m, recovery: 90s", "5 x 1000 m (1:30)"),
    ("6 x 5 min @ threshold w/ 60 sec float", "6 x 5:00 (1:00 float)"),
    ("5 x 2 min @ 3:05/km (2 min float @ 3:25/km)", "5 x 2:00 @ 3:05/km (2:00 float @ 3:25/km)"),
    ("8x3 min @ 85% effort, 1 min standing", "8 x 3:00 (1:00 stand)"),
    ("3 x 3k @ 3:30 per km; 3 min jog", "3 x 3000 m @ 3:30/km (3:00 jog)"),
    ("6 x 600m @ 68/400 off 2:00", "6 x 600 m @ 1:42 (2:00)"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "printed"), WILD)
def test_forms_from_the_wild(written: str, printed: str) -> None:
    sets = parse_workout(written)
    assert format_workout(sets, between_sets=True) == printed
    assert all(each.canonical for each in sets)


@pytest.mark.parametrize(("written", "printed"), WILD)
def test_the_printed_form_prints_itself(written: str, printed: str) -> None:
    assert format_workout(parse_workout(printed), between_sets=True) == printed


def test_at_least_sixty_forms() -> None:
    assert len({written for written, _ in WILD}) >= 60


def test_a_parsed_set_holds_what_the_text_says_and_nothing_else() -> None:
    assert parse_workout("6x800m @ 2:10 (3:00 jog)") == (
        WorkoutSet(
            count=6,
            rep_basis="distance",
            rep_distance_m=800.0,
            rep_speed_mps=800.0 / 130.0,
            recovery_basis="time",
            recovery_s=180.0,
            recovery_style="jog",
            canonical=True,
        ),
    )
    assert parse_workout("2x(10x1') R1' SR4'") == (
        WorkoutSet(
            count=20,
            rep_basis="time",
            blocks=2,
            rep_duration_s=60.0,
            recovery_basis="time",
            recovery_s=60.0,
            block_recovery_s=240.0,
            canonical=True,
        ),
    )
    assert parse_workout("3x(2000,150),2000") == (
        WorkoutSet(
            count=6,
            rep_basis="distance",
            blocks=3,
            rep_distances_m=(2000.0, 150.0) * 3,
            canonical=True,
        ),
        WorkoutSet(count=1, rep_basis="distance", rep_distance_m=2000.0, canonical=True),
    )


def test_recovery_between_sets_is_kept_and_printed_on_request() -> None:
    text = "3 x 10:00 (2:00) + (4:00) + 8 x 200 m (1:00)"
    sets = parse_workout(text)
    assert sets[0].set_recovery_s == 240.0
    assert format_workout(sets) == "3 x 10:00 (2:00) + 8 x 200 m (1:00)"
    assert format_workout(sets, between_sets=True) == text


def test_a_bare_time_behind_a_distance_is_a_rep_time_unless_no_human_runs_it() -> None:
    assert parse_workout("400 m @ 1:08")[0].rep_speed_mps == 400 / 68
    assert parse_workout("400 m @ 3:20")[0].rep_speed_mps == 1000 / 200
    assert parse_workout("1600 m @ 3:20")[0].rep_speed_mps == 1000 / 200
    assert parse_workout("1600 m @ 5:20")[0].rep_speed_mps == 1600 / 320


def test_the_bound_on_speed_falls_with_distance() -> None:
    speeds = [fastest_mps(metres) for metres in (100, 200, 400, 800, 1500, 5000, 42195, 100000)]
    assert speeds == sorted(speeds, reverse=True)
    assert reads_as_rep_time(800.0, 101.0)
    assert not reads_as_rep_time(800.0, 99.0)
    assert not reads_as_rep_time(800.0, 400.0)


def test_miles() -> None:
    sets = parse_workout("3 x 10:00 @ 5:46/mi (2:00) + 10 mi @ 6:00/mi + 4 x 400 m @ 1:10")
    assert sets[0].rep_speed_mps == MILE_M / 346
    printed = "3 x 10:00 @ 5:46/mi (2:00) + 10 mi @ 6:00/mi + 4 x 400 m @ 1:10"
    assert format_workout(sets, units="mi") == printed


@pytest.mark.parametrize(("units", "text"), [
    ("km", "10 x 3:00 @ 26.1 km/h (1:00 float @ 20.0 km/h) + 5 x 1000 m @ 30.5 km/h (2:00)"),
    ("mi", "3 x 10:00 @ 17.5 mi/h (2:00)"),
])  # fmt: skip
def test_speeds_of_a_ride_are_read_back_as_written(units: Units, text: str) -> None:
    assert format_workout(parse_workout(text), units=units, as_speed=True) == text
    fast = WorkoutSet(4, "time", rep_duration_s=60.0, rep_speed_mps=13.0)
    assert format_workout([fast], units=units, as_speed=True) == "4 x 1:00"


def test_a_set_with_a_rep_left_out_is_not_printed_as_blocks() -> None:
    whole = parse_workout("2 x (10 x 1:00 (1:00)) (4:00)")[0]
    assert format_workout([replace(whole, count=19)]) == "19 x 1:00 (1:00)"


def test_found_values_are_rounded_to_what_a_runner_writes() -> None:
    found = WorkoutSet(
        6, "distance", rep_distance_m=812.6, rep_duration_s=131.2, rep_speed_mps=812.6 / 131.2,
        recovery_basis="time", recovery_s=178.8, recovery_distance_m=402.0, recovery_style="walk",
    )  # fmt: skip
    assert format_workout([found]) == "6 x 813 m @ 2:11 (2:59 walk)"
    assert format_workout([]) == ""


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(ParameterError, match="a distance for their reps"):
        format_workout([WorkoutSet(3, "distance", rep_duration_s=60.0)])
    with pytest.raises(ParameterError, match="km or mi"):
        format_workout([], units="furlong")  # type: ignore[arg-type]


NONSENSE = [
    ("", 0, "no workout"),
    ("warm-up 10 min", 14, "no workout"),
    ("6 x banana", 4, "expected a distance or a time, found 'banana'"),
    ("6 x", 3, "the text ends"),
    ("6 x 800 m @ banana", 12, "expected a pace, found 'banana'"),
    ("6 x 800 m @", 11, "expected a pace, the text ends"),
    ("6 x 800 m @ 2:1x", 13, "two digits after the colon"),
    ("6 x 800 m @ 2:75", 14, "less than 60"),
    ("6 x 800 m @ 2:10/week", 17, "per km or per mi"),
    ("6 x 800 m @ 2:10 @ 2:20", 17, "a second pace"),
    ("6 x 10:00 @ 0:20/km", 12, "no running speed"),
    ("6 x 10:00 @ 0:00/km", 12, "more than 0:00"),
    ("6 x 800 m (3:00", 15, "expected ')'"),
    ("6 x 800 m 3:00)", 10, "cannot read '3:00'"),
    ("6 x 800 m) + 3", 9, "no bracket is open"),
    ("6 x (800 m", 10, "not closed"),
    ("6 x ()", 4, "nothing in the brackets"),
    ("((((((1 min))))))", 4, "too deep"),
    ("6 x 800 m (blue)", 11, "expected a recovery"),
    ("6 x 800 m (1:00) (2:00)", 18, "a second recovery"),
    ("6 x 800 m (0:00)", 11, "longer than nothing"),
    ("2 x (3 x 400 m) (800 m)", 17, "must be a time"),
    ("4x6", 2, "6 of what?"),
    ("5 x 3m", 4, "3 m is no length of a rep; m means metres"),
    ("0 x 400 m", 0, "from 1 to 500"),
    ("2.5 x 400 m", 0, "from 1 to 500"),
    ("501 x 400 m", 0, "from 1 to 500"),
    ("10-12 x 400", 0, "a range of counts"),
    ("(400 m - 1:00)", 9, "all distances or all times"),
    ("6 x 800 m $ 3", 10, "cannot read '$'"),
    ("6 x 800 m @ 60-70 km", 12, "a distance is no pace"),
    ("x" * 2001, 2000, "longer than 2000"),
]


@pytest.mark.parametrize(("text", "position", "reason"), NONSENSE)
def test_nonsense_is_pointed_at(text: str, position: int, reason: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_workout(text)
    assert reason in str(caught.value)
    assert caught.value.position == position
    assert f"character {position + 1}" in str(caught.value)
    assert caught.value.pointer().split("\n")[1] == " " * position + "^"


def test_the_error_is_one_of_ours_and_travels() -> None:
    with pytest.raises(NotationError) as caught:
        parse_workout("6 x banana")
    error = caught.value
    assert isinstance(error, IntervalDetectError)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.position) == (str(error), error.position)


# --- properties ------------------------------------------------------------------------------

Choose = Callable[[int, int], int]
STYLES: tuple[RecoveryStyle | None, ...] = (None, "jog", "walk", "stand", "float", "paused")


def canonical_sets(choose: Choose, units: str) -> tuple[WorkoutSet, ...]:
    """Make a workout of round numbers; ``choose(a, b)`` gives an integer from a to b."""
    sets = [canonical_set(choose, units) for _ in range(choose(1, 3))]
    gaps = [replace(each, set_recovery_s=recovery_s(choose)) for each in sets[:-1]]
    return (*gaps, sets[-1])


def canonical_set(choose: Choose, units: str) -> WorkoutSet:
    basis: Basis = "distance" if choose(0, 1) else "time"
    blocks = choose(2, 4) if choose(0, 2) == 0 else 1
    ladder = choose(0, 3) == 0
    sizes = tuple(size(choose, basis) for _ in range(choose(2, 5)))
    ladder = ladder and len(set(sizes)) > 1
    per_block = len(sizes) if ladder else choose(2 if blocks > 1 else 1, 30)
    made = WorkoutSet(per_block * blocks, basis, blocks=blocks, canonical=True)
    if blocks > 1 and choose(0, 1):
        made = replace(made, block_recovery_s=float(choose(1, 2000)))
    one = sizes[0]
    if ladder and basis == "distance":
        made = replace(made, rep_distances_m=sizes * blocks)
    elif ladder:
        made = replace(made, rep_durations_s=sizes * blocks)
    elif basis == "distance":
        made = replace(made, rep_distance_m=one)
    else:
        made = replace(made, rep_duration_s=one)
    if choose(0, 4):
        metres = one if basis == "distance" and not ladder else None
        made = replace(made, rep_speed_mps=speed(choose, metres, units))
    return with_recovery(choose, made, units) if made.count > 1 else made


def size(choose: Choose, basis: Basis) -> float:
    if basis == "time":
        return float(choose(5, 7300) if choose(0, 1) else 30 * choose(1, 40))
    if choose(0, 2) == 0:
        return choose(1, 105) * MILE_M / 4
    return float(choose(20, 30000) if choose(0, 1) else 100 * choose(1, 30))


def speed(choose: Choose, metres: float | None, units: str) -> float | None:
    per = 1000.0 if units == "km" else MILE_M
    pace = per / choose(round(per / 8.0), round(per / 0.6))
    if metres is None or metres > MILE_M:
        return pace
    low, high = int(metres / fastest_mps(metres)) + 1, int(metres / 2.2)
    if low <= high and choose(0, 3):
        return metres / choose(low, high)
    return None if reads_as_rep_time(metres, max(1, round(metres / pace))) else pace


def recovery_s(choose: Choose) -> float | None:
    return float(choose(1, 600)) if choose(0, 1) else None


def with_recovery(choose: Choose, made: WorkoutSet, units: str) -> WorkoutSet:
    style = STYLES[choose(0, len(STYLES) - 1)]
    made = replace(made, recovery_style=style)
    kind = choose(0, 2)
    if kind == 1:
        made = replace(made, recovery_basis="time", recovery_s=float(choose(1, 1200)))
    elif kind == 2:
        metres = float(choose(1, 2000))
        made = replace(made, recovery_basis="distance", recovery_distance_m=metres)
    if style == "float":
        made = replace(made, recovery_speed_mps=speed(choose, None, units))
    return made


def assert_round_trip(choose: Choose, units: str) -> None:
    sets = canonical_sets(choose, units)
    text = format_workout(sets, units=units, between_sets=True)  # type: ignore[arg-type]
    assert parse_workout(text) == sets, text
    spaced = text.replace(" x ", "x").replace(" m", "m").replace(" @ ", "@")
    assert parse_workout(spaced) == sets, spaced
    assert parse_workout(text.upper()) == sets


@settings(max_examples=examples(300), deadline=None)
@given(st.data(), st.sampled_from(["km", "mi"]))
def test_every_printed_workout_reads_back_equal(data: st.DataObject, units: str) -> None:
    assert_round_trip(lambda low, high: data.draw(st.integers(low, high)), units)


def test_thousands_of_generated_workouts_read_back_equal() -> None:
    source = random.Random(20251)
    for number in range(examples(10_000)):
        assert_round_trip(source.randint, "km" if number % 2 else "mi")


def test_different_workouts_print_differently() -> None:
    source = random.Random(7)
    seen: dict[str, tuple[WorkoutSet, ...]] = {}
    for _ in range(examples(5_000)):
        sets = canonical_sets(source.randint, "km")
        text = format_workout(sets, between_sets=True)
        assert seen.setdefault(text, sets) == sets


SCRAPS = [
    "6", "x", "800", "m", "400m", "2:10", "(", ")", "+", ",", "/", "-", "@", "3 min", "1'", '30"',
    "jog", "rest", "with", "R", "SR", "km", "mi", "per", "sub", "LT", "sets", "of", "between", "k",
    "15k pace", "45/15", "3:15/km", "then", "easy", "WU", "~", "%", "h", ".", " ", "\n", "ß", "İ",
]  # fmt: skip


def read_or_none(read: Callable[[str], tuple[WorkoutSet, ...]], text: str) -> str | None:
    """The printed form, or None for a text refused; any other exception fails the test."""
    try:
        return format_workout(read(text), between_sets=True)
    except NotationError as error:
        if not 0 <= error.position <= len(text):
            raise AssertionError(f"{text!r}: position {error.position}") from error
        return None


@settings(max_examples=examples(1500), deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=12).map(" ".join))
def test_any_jumble_reads_or_is_refused_with_a_position(text: str) -> None:
    for read in (parse_workout, parse_icu):
        printed = read_or_none(read, text)
        if printed is not None:
            assert read_or_none(parse_workout, printed) == printed


@settings(max_examples=examples(500), deadline=None)
@given(st.text(max_size=40))
def test_any_text_reads_or_is_refused(text: str) -> None:
    for read in (parse_workout, parse_icu):
        assert read_or_none(read, text) != ""


# --- intervals.icu ---------------------------------------------------------------------------

ICU = [
    ("6x\n- 0.8km 4:00/km Pace\n- 3m Z1 HR", "6 x 800 m @ 3:12 (3:00)"),
    ("Warmup\n- 15m Z1 HR\n\n6x\n- 800mtr 2:45/km Pace\n- 3m Z1 HR\n\nCooldown\n- 10m Z1 HR",
     "6 x 800 m @ 2:12 (3:00)"),
    ("- 15m Z2\n- 35m 3:50/km Pace\n- 10m Z1", "35:00 @ 3:50/km"),
    ("Main set 20x\n- 45s 3:10-3:20/km Pace\n- 15s rest", "20 x 0:45 @ 3:15/km (0:15)"),
    ("3x\n- 2km 3:20/km\n- 1m rest\n- 0.15km\n- 3m easy",
     "3 x (2000 + 150 m @ 3:20/km (1:00)) (3:00)"),
    ("4x\n- 6m 95% Pace\n- 1m30 Z1", "4 x 6:00 (1:30)"),
    ("4x\n- 6m30s 95-100% Pace\n- 90s 60% Pace", "4 x 6:30 (1:30)"),
    ("5x\n- 2m 3:05/km Pace\n- 2m float 3:25/km Pace", "5 x 2:00 @ 3:05/km (2:00 float @ 3:25/km)"),
    ("10x\n- 1m 3:30/km\n- 1m 3:05/km", "10 x 1:00 @ 3:05/km (1:00)"),
    ("4x\n- 1mi 5:20/mi Pace\n- 0.4km jog", "4 x 1 mi @ 5:20 (400 m jog)"),
    ("- 1h10 Z3 HR", "1:10:00"),
    ("3x\n- 10m Z4 HR\n- 2m Z1 HR\n\n- 4m Z1\n\n8x\n- 0.2km 2:50/km\n- 1m rest walk",
     "3 x 10:00 (2:00) + (4:00) + 8 x 200 m @ 0:34 (1:00)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "printed"), ICU)
def test_intervals_icu(text: str, printed: str) -> None:
    assert format_workout(parse_icu(text), between_sets=True) == printed


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("", 0, "no effort"),
        ("- 40m Z1 HR", 0, "no effort"),
        ("6x\n- banana", 5, "expected a length"),
        ("6x\nRest", 0, "a repeat without steps"),
        ("6x", 0, "a repeat without steps"),
        ("0x\n- 3m Z4", 0, "from 1 to 500"),
        ("6x\n- 3m 0:00/km", 8, "more than 0:00"),
        ("- 5m Z4\n6 by 800", 8, "neither a step"),
    ],
)
def test_icu_nonsense_is_pointed_at(text: str, position: int, reason: str) -> None:
    with pytest.raises(NotationError, match=reason) as caught:
        parse_icu(text)
    assert caught.value.position == position


# --- texts that stop ----------------------------------------------------------------------------

TWO_SETS = "3 x 10:00 @ 3:15/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00 jog)"


def test_a_text_stops_before_the_set_that_finds_no_room() -> None:
    sets = parse_workout(f"{TWO_SETS} + 400 m @ 1:05")
    assert format_workout(sets, at_most=len(TWO_SETS)) == f"{TWO_SETS} + 1 more set"
    first, second = TWO_SETS.split(" + ")
    assert format_workout(sets, at_most=len(TWO_SETS) - 1) == f"{first} + 2 more sets"
    assert format_workout(sets[:2], at_most=len(TWO_SETS)) == TWO_SETS
    assert format_workout(sets[1:2], at_most=1) == second
    assert format_workout((), at_most=1) == ""


def test_the_longest_set_is_among_those_printed() -> None:
    sets = parse_workout("800 m @ 2:40 + 4 x 3:00 @ 3:10/km (1:00 jog) + 12 x 400 m @ 1:10 (1:00)")
    assert format_workout(sets, at_most=30) == "12 x 400 m @ 1:10 (1:00) + 2 more sets"


def test_more_sets_are_skipped_and_more_rungs_counted() -> None:
    assert parse_workout(f"{TWO_SETS} + 2 more sets") == parse_workout(TWO_SETS)
    (ladder,) = parse_workout("(0:45 + 0:50 + 1:00 + 11 more) @ 5:49/km (1:00 walk)")
    assert (ladder.count, ladder.rep_durations_s) == (14, (45.0, 50.0, 60.0))
    (alike,) = parse_workout("(400 + 400 m + 2 more) @ 3:20/km")
    assert (alike.count, alike.rep_distances_m) == (4, (400.0, 400.0))


def test_a_long_ladder_stops_too() -> None:
    text = "(100 + 200 + 300 + 400 + 500 + 600 + 700 + 800 + 900 m) @ 3:10/km (1:30)"
    (ladder,) = parse_workout(text)
    assert format_workout([ladder], at_most=len(text)) == text
    short = "(100 + 200 + 300 + 400 + 500 + 600 + 700 m + 2 more) @ 3:10/km (1:30)"
    assert format_workout([ladder], at_most=len(text) - 1) == short
    assert format_workout(parse_workout(short)) == short
    whole = text.replace(" + 900", "")
    assert format_workout(parse_workout(whole), at_most=10) == whole


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2 more sets", "no workout"),
        ("400 m + 2 more", "cannot read .more."),
        ("(2 more)", "cannot read .more."),
        ("2 x (400 + 200 m + 2 more)", "in full"),
        ("(400 + 200 m + 501 more)", "whole number"),
    ],
)
def test_more_of_nothing_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NotationError, match=reason):
        parse_workout(text)


@pytest.mark.parametrize(
    ("metres", "speed_mps", "text"),
    [
        (150.0, 12.5, "4 x 150 m"),
        (100.0, 11.9, "4 x 100 m @ 1:24/km"),
        (1000.0, 0.3, "4 x 1000 m"),
        (200.0, 9.5, "4 x 200 m @ 0:21"),
    ],
)
def test_a_speed_that_is_not_read_is_not_written(metres, speed_mps, text):
    made = WorkoutSet(4, "distance", rep_distance_m=metres, rep_speed_mps=speed_mps)
    assert format_workout([made]) == text
    assert format_workout(parse_workout(text)) == text
    floated = replace(made, recovery_basis="time", recovery_s=60.0, recovery_style="float")
    floated = replace(floated, recovery_speed_mps=13.0)
    assert format_workout([floated]) == f"{text} (1:00 float)"


@pytest.mark.parametrize("metres", [400.0, 500.0, 1000.0, 1500.0])
@pytest.mark.parametrize("units", ["km", "mi"])
def test_a_speed_at_the_edge_of_rep_times_is_read_back_as_written(
    metres: float, units: Units
) -> None:
    fastest = fastest_mps(metres)
    paced = 0
    for step in range(-60, 61):
        speed = fastest * (1.0 + step / 1000.0)
        each = WorkoutSet(1, "distance", rep_distance_m=metres, rep_speed_mps=speed)
        text = format_workout((each,), units=units)
        paced += text.endswith(f"/{units}")
        assert format_workout(parse_workout(text), units=units) == text
    assert 0 < paced < 121
