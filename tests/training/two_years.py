"""Two years of a threshold runner, planned week by week, with everything that is true of them.

Threshold speed rises evenly by 6 %. There are doubles and days that only look like one, series that
progress and come back, three weeks of illness, summers, a training camp abroad, a trip across the
date line, files without local time, and runs into and around midnight and the clock changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from intervaldetect.records import Label
from intervaldetect.simulate import Plan
from tests.training.truth import TrueRun, athlete_at

OSLO, DENVER = ZoneInfo("Europe/Oslo"), ZoneInfo("America/Denver")
AUCKLAND, HONOLULU = ZoneInfo("Pacific/Auckland"), ZoneInfo("Pacific/Honolulu")
FIRST_MONDAY = date(2024, 1, 1)
WEEKS = 104
SLOWEST, RISE = 5.0, 0.06
CAMP = range(30, 33)
WITHOUT_LOCAL_TIME = range(10, 16)
ILL = range(50, 53)
SERIES = (
    (6, 500, 75), (4, 600, 90), (6, 600, 90), (4, 700, 110), (6, 700, 110),
    (4, 800, 126), (4, 800, 122), (6, 800, 130), (6, 800, 125), (6, 800, 120),
)  # fmt: skip


def threshold_speed(day: date) -> float:
    return SLOWEST * (1.0 + RISE * (day - FIRST_MONDAY).days / (7 * WEEKS))


def pace(speed: float) -> str:
    seconds = round(1000.0 / speed)
    return f"{seconds // 60}:{seconds % 60:02d}/km"


class Calendar:
    """Collects runs and what is true of their days."""

    def __init__(self) -> None:
        self.runs: list[TrueRun] = []
        self.doubles: set[date] = set()
        self.random = np.random.Generator(np.random.PCG64(7))

    def add(self, day: date, clock: str, plan: Plan, **more: object) -> None:
        hour, minute = (int(part) for part in clock.split(":"))
        zone = more.pop("zone", OSLO)
        assert isinstance(zone, ZoneInfo)
        start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        week = (day - FIRST_MONDAY).days // 7
        warm = 12.0 + 14.0 * float(np.sin((week - 14) / 52.0 * 2.0 * np.pi))
        plan = replace(plan, athlete=athlete_at(threshold_speed(day)), temperature_c=round(warm, 1))
        known = week not in WITHOUT_LOCAL_TIME
        heart = float(self.random.normal(0.0, 0.010))
        self.runs.append(TrueRun(start, plan, local_known=known, day_hr=heart, **more))  # type: ignore[arg-type]


def _threshold(text: str, **more: object) -> Plan:
    return Plan(text, kind="threshold_intervals", label="threshold", **more)  # type: ignore[arg-type]


def two_years() -> Calendar:
    """Lay out all runs, in no particular order."""
    calendar = Calendar()
    for week in range(WEEKS):
        if week not in ILL:
            _week(calendar, week)
    _odd_days(calendar)
    return calendar


def _week(calendar: Calendar, week: int) -> None:
    monday = FIRST_MONDAY + timedelta(weeks=week)
    zone = DENVER if week in CAMP else OSLO
    days = [monday + timedelta(days=number) for number in range(7)]
    speed = threshold_speed(monday)
    add = calendar.add
    add(days[0], "07:10", Plan(run_type="easy", duration_s=2700.0), zone=zone)
    count, minutes = ((5, 6), (4, 7), (4, 8), (3, 9))[week % 4]
    long_reps = _threshold(f"{count} x {minutes}:00 @ {pace(0.96 * speed)} (1:00 jog)")
    quarters = (20, 22, 25)[week % 3]
    short_reps = _threshold(f"{quarters} x 400 m @ {pace(1.05 * speed)} (0:30 stand)", strides=4)
    thousands = _threshold(f"{10 + week % 6} x 1000 m @ {pace(1.01 * speed)} (1:00 jog)")
    add(days[1], "07:05", long_reps, zone=zone, family="long reps")
    if week % 2 == 0:
        add(days[1], "17:40", short_reps, zone=zone, family="400s")
        calendar.doubles.add(days[1])
    else:
        add(days[1], "17:40", Plan(run_type="recovery"), zone=zone)
    add(days[2], "06:50", Plan(run_type="strides", strides=6), zone=zone)
    if week % 9 == 4:
        text = f"30 x 0:45 @ {pace(1.07 * speed)} (0:15 stand)"
        add(days[3], "17:30", _threshold(text), zone=zone, family="45-15")
    elif week % 3 == 1:
        miles = (6, 8, 10)[week // 3 % 3]
        tempo = Plan(f"{miles} mi @ {pace(0.95 * speed)}", kind="tempo", label="threshold")
        add(days[3], "17:30", tempo, zone=zone, family="tempo")
    else:
        add(days[3], "17:30", thousands, zone=zone, family="1000s")
    if week % 13 == 6:
        text = f"3 x 10:00 @ {pace(0.97 * speed)} (2:00 jog) + 8 x 200 m @ 0:34 (1:00 walk)"
        mixed = Plan(text, kind="mixed", label="threshold")
        add(days[5], "10:00", mixed, zone=zone, family="mixed", set_labels=("threshold", "vo2"))
    elif (number := week - 8) in range(10) or (number := week - 60) in range(10):
        reps, metres, seconds = SERIES[number]
        text = f"{reps} x {metres} m @ {seconds // 60}:{seconds % 60:02d} (3:00 jog)"
        plan = Plan(text, kind="vo2_intervals", label="vo2", strides=4)
        add(days[5], "10:00", plan, zone=zone, family=f"vo2 {'first' if week < 50 else 'second'}")
    elif week in range(40, 45) or week in range(92, 97):
        hills = Plan("12 x 1:00 (1:30 jog)", hill_grade=0.07, kind="hills", label="vo2")
        add(days[5], "10:00", hills, zone=zone, family="hills")
    minutes = 90 + 5 * (week % 4)
    add(days[6], "09:30", Plan(run_type="long", duration_s=60.0 * minutes), zone=zone)


def _odd_days(calendar: Calendar) -> None:
    """Add the days that only look like doubles, and doubles that do not look like one."""
    add = calendar.add
    speed = threshold_speed(FIRST_MONDAY + timedelta(weeks=20))
    reps = _threshold(f"5 x 6:00 @ {pace(0.96 * speed)} (1:00 jog)")
    more = {"family": "long reps"}
    # A session into midnight is one of the day before, and no third of Tuesday's double.
    add(date(2024, 5, 20), "23:30", reps, **more)
    # A morning session and one that began before midnight are two of that day.
    add(date(2024, 6, 7), "08:00", reps, **more)
    add(date(2024, 6, 7), "23:20", reps, **more)
    calendar.doubles.add(date(2024, 6, 7))
    # Begun after midnight, it belongs to the next day, where it stays alone.
    add(date(2024, 6, 14), "08:00", reps, **more)
    add(date(2024, 6, 15), "00:20", reps, **more)
    # Threshold in the morning and VO2 in the evening.
    vo2 = Plan("10 x 300 m @ 0:51 (1:30 walk)", kind="vo2_intervals", label="vo2")
    add(date(2024, 6, 21), "08:00", reps, **more)
    add(date(2024, 6, 21), "18:00", vo2, family="300s")
    # One session in two files: the watch was stopped after the third rep.
    part = _threshold(f"3 x 6:00 @ {pace(0.96 * speed)} (1:00 jog)")
    add(date(2024, 9, 27), "08:00", part, **more)
    add(date(2024, 9, 27), "09:25", part, **more)
    # The same clock on both sides of a clock change, files without local time among them.
    for day in (date(2024, 3, 30), date(2024, 3, 31), date(2025, 10, 26)):
        add(day, "00:30", Plan(run_type="easy", duration_s=1800.0))
    for day in (date(2024, 10, 27), date(2025, 3, 30)):
        add(day, "01:15", reps, **more)
        add(day, "16:00", reps, **more)
        calendar.doubles.add(day)
    # A flight: morning at home, evening eight hours to the west on the same date.
    flight = FIRST_MONDAY + timedelta(weeks=CAMP.start, days=-3)
    add(flight, "06:30", reps, **more)
    add(flight, "18:00", reps, zone=DENVER, **more)
    calendar.doubles.add(flight)
    # And home again: evening there, the next noon here.
    home = FIRST_MONDAY + timedelta(weeks=CAMP.stop, days=-3)
    add(home, "17:00", reps, zone=DENVER, **more)
    add(home + timedelta(days=1), "20:00", reps, **more)
    # The same local date met twice across the date line, 34 hours apart.
    add(date(2025, 7, 11), "06:00", reps, zone=AUCKLAND, **more)
    add(date(2025, 7, 11), "18:00", reps, zone=HONOLULU, **more)


def true_threshold_seconds(runs: list[TrueRun]) -> dict[str, float]:
    """Sum threshold work by ISO week from the plans alone."""
    total: dict[str, float] = defaultdict(float)
    for run in runs:
        for label, seconds, _ in _sets(run):
            if label == "threshold":
                total[f"{run.start:%G-W%V}"] += seconds
    return dict(total)


def _sets(run: TrueRun) -> Iterator[tuple[Label | None, float, float]]:
    sets = run.plan.sets()
    labels = run.set_labels or tuple(run.label for _ in sets)
    for each, label in zip(sets, labels, strict=True):
        if each.rep_duration_s is not None and each.rep_basis == "time":
            seconds = each.count * each.rep_duration_s
            yield label, seconds, seconds * (each.rep_speed_mps or 0.0)
        else:
            assert each.rep_distance_m is not None
            assert each.rep_speed_mps is not None
            metres = each.count * each.rep_distance_m
            yield label, metres / each.rep_speed_mps, metres
