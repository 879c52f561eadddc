"""What one session says of the athlete: the observations that the posterior is fed with.

Nothing here knows any other session. Speeds and heart rates are logarithms; a speed is said over
the speed that could be held for one hour, T.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from intervaldetect.endurance import ENDURANCE_ERROR, RACE_TOLERANCE, RACES_M, all_out_share
from intervaldetect.records import RepEvidence, SessionEvidence
from intervaldetect.session_features import BEST_DISTANCES_M, HEAT_C, SPEED_DURATIONS_S, work_reps

HR_DELAY_S, HR_TAU_S = 8.0, 33.0
MIN_REP_S, UNSETTLED_S = 40.0, 80.0
MINUTE_SUPPORT_BPM = 4.0
HARD_S, SURE_OF_REPS = 360.0, 0.65
# Speed of reps over T by their length. Sub-threshold after Bakken; with long recoveries after
# Daniels' interval and repetition paces and Haugen 2021 (PMC8363530).
REP_S = (60.0, 180.0, 360.0, 600.0, 1200.0, 2400.0, 4800.0)
SHORT_RECOVERY_SPEED = (1.07, 1.04, 1.02, 1.00, 0.99, 0.975, 0.95)
LONG_RECOVERY_SPEED = (1.18, 1.09, 1.05, 1.02, 1.00, 0.975, 0.95)
SHORT_RECOVERY, LONG_RECOVERY = 0.5, 0.9
# No work of a minute and more ends at so low a heart rate, whoever runs.
WORK_S, LOWEST_WORK_BPM = 60.0, 125.0
# Reps hardly faster than the running around them tell no more than an easy run does.
MIN_CONTRAST = 1.10
MAXIMAL_REP_S, MAXIMAL_RECOVERY = 80.0, 0.6
# Error of what the reps of one session imply, beside the athlete's own habit.
REPS_ERROR, FEW_REPS_ERROR = 0.03, 0.06
# Efforts of 8 min and more are held against what can be held for their time. Whole minutes of GPS
# are measured within so much, and a watch's 5 km may be a race of 4985 m or of 5060 m.
LEAST_EFFORT_S, MOST_EFFORT_S = 480.0, 4.0 * 3600.0
GPS_TOLERANCE = 0.006
EVEN, WHOLE = 0.075, 0.85
# World records over `BEST_DISTANCES_M`, rounded down: nothing faster is a run.
RECORDS_S = (42.0, 100.0, 131.0, 205.0, 437.0, 755.0)
# 10 km in 26:11 is the most of all by the curve of `all_out_share`.
RECORD_HOUR_MPS = 6.15
# What the recording makes uncertain: factor on the variance of speed, and heat.
CLIMB, TREADMILL, HEAT = 0.03, 5.0, 1.0


@dataclass(frozen=True, slots=True)
class RaceLike:
    """A hard effort that may have been all-out: log T if it was, and the odds of a race."""

    log_speed: float
    seconds: float
    mean_hr_bpm: float | None
    odds: float
    of_rep: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What one session shows.

    ``pair`` is a log speed and the log heart rate at which it would settle; ``reps`` the log of T
    that the reps imply by length and recovery, with its error; ``at_least`` the log of T that the
    best effort of 8 min and more would mean were it all-out: T is hardly lower. ``loose`` is a
    factor on the variance of speed. ``hard`` says whether there is work, ``maximal`` whether it
    is of a kind that brings heart rate near its highest.
    """

    pair: tuple[float, float] | None = None
    reps: tuple[float, float] | None = None
    race: RaceLike | None = None
    at_least: float | None = None
    easy: float | None = None
    peak_bpm: float | None = None
    held_20_bpm: float | None = None
    held_40_bpm: float | None = None
    loose: float = 1.0
    hot: bool = False
    hard: bool = False
    maximal: bool = False


NOTHING_SEEN = Seen()


def what_is_seen(evidence: SessionEvidence) -> Seen:
    """Return what a run shows of its athlete."""
    work = work_reps(evidence)
    if len(work) < len(evidence.reps):
        evidence = replace(evidence, reps=work)
    hard = is_hard(evidence)
    race = _race_like(evidence)
    _, _, twenty, forty = evidence.hr_curve_bpm
    reps = _implied_by_reps(evidence)
    return Seen(
        pair=_pair(evidence),
        reps=reps,
        race=race,
        at_least=_at_least(evidence),
        easy=math.log(evidence.typical_speed_mps) if evidence.typical_speed_mps else None,
        peak_bpm=_peak(evidence),
        held_20_bpm=twenty,
        held_40_bpm=forty,
        loose=_looseness(evidence),
        hot=_is_hot(evidence),
        hard=hard,
        maximal=hard and _is_maximal(evidence.reps),
    )


def is_hard(evidence: SessionEvidence) -> bool:
    """Whether a session surely holds at least 6 min of reps that stand out."""
    sure = evidence.structured_probability >= SURE_OF_REPS
    work = sum(rep.duration_s for rep in evidence.reps)
    return sure and work >= HARD_S and _stand_out(evidence)


def usual_speed(duration_s: float, recovery_s: float | None) -> float:
    """Return what reps are usually run at, over T, by length and recovery."""
    short = interpolate(duration_s, REP_S, SHORT_RECOVERY_SPEED)
    if recovery_s is None:
        return short
    long = interpolate(duration_s, REP_S, LONG_RECOVERY_SPEED)
    share = (recovery_s / duration_s - SHORT_RECOVERY) / (LONG_RECOVERY - SHORT_RECOVERY)
    return short + min(max(share, 0.0), 1.0) * (long - short)


def interpolate(x: float, points: Sequence[float], values: Sequence[float]) -> float:
    """Piecewise linear, flat outside; for a single value far quicker than NumPy's."""
    if x <= points[0]:
        return values[0]
    for k in range(1, len(points)):
        if x <= points[k]:
            share = (x - points[k - 1]) / (points[k] - points[k - 1])
            return values[k - 1] + share * (values[k] - values[k - 1])
    return values[-1]


def plausible_bests(evidence: SessionEvidence) -> tuple[float | None, ...]:
    """Return the best times over `BEST_DISTANCES_M` without those faster than the world record."""
    return tuple(
        None if took is None or took < record else took
        for took, record in zip(evidence.best_times_s, RECORDS_S, strict=True)
    )


# --- heart rate and speed -------------------------------------------------------------------------


def _pair(evidence: SessionEvidence) -> tuple[float, float] | None:
    """Return the mean log speed of a session's efforts and log heart rate where they settle.

    A rep too short for the heart rate to settle is extrapolated by its rise. Without reps the
    steady 20 min, or 5 min, with the highest heart rate count.
    """
    pairs = [pair for rep in evidence.reps if (pair := _settled(rep)) is not None]
    if not evidence.reps and evidence.steady:
        speed, rate, _ = evidence.steady[-1]
        pairs = [(speed, rate, 1.0)]
    total = sum(weight for speed, rate, weight in pairs if speed > 0.5 and rate > 60.0)
    if not total:
        return None
    return (
        sum(weight * math.log(speed) for speed, _, weight in pairs) / total,
        sum(weight * math.log(rate) for _, rate, weight in pairs) / total,
    )


def _settled(rep: RepEvidence) -> tuple[float, float, float] | None:
    if rep.duration_s < MIN_REP_S or not rep.speed_mps or not rep.end_hr_bpm:
        return None
    if rep.duration_s < UNSETTLED_S and (rep.recovery_s or 0.0) > rep.duration_s:
        return None  # each of them starts from rest and ends before the heart has caught up
    start = rep.start_hr_bpm or rep.end_hr_bpm
    reached = 1.0 - math.exp(-(rep.duration_s - HR_DELAY_S) / HR_TAU_S)
    rate = rep.end_hr_bpm + max(rep.end_hr_bpm - start, 0.0) * (1.0 / reached - 1.0)
    return rep.speed_mps, rate, min(rep.duration_s, 600.0)


def _peak(evidence: SessionEvidence) -> float | None:
    """Return the highest 10 s, held back where the best minute does not come near: a strap errs."""
    peak, minute = evidence.peak_hr_bpm, evidence.hr_curve_bpm[0]
    if peak is None or minute is None:
        return peak
    return min(peak, minute + MINUTE_SUPPORT_BPM)


# --- reps -----------------------------------------------------------------------------------------


def _implied_by_reps(evidence: SessionEvidence) -> tuple[float, float] | None:
    """Return the log of T that reps of this length and recovery imply, and its error."""
    if not _stand_out(evidence) or evidence.structured_probability < 0.5:
        return None
    implied, weight = 0.0, 0.0
    for rep in evidence.reps:
        if rep.speed_mps and rep.duration_s >= MIN_REP_S:
            relative = usual_speed(rep.duration_s, rep.recovery_s)
            implied += rep.duration_s * math.log(rep.speed_mps / relative)
            weight += rep.duration_s
    if not weight:
        return None
    error = REPS_ERROR if weight >= HARD_S else FEW_REPS_ERROR
    return implied / weight, error / min(evidence.structured_probability / 0.9, 1.0)


def _stand_out(evidence: SessionEvidence) -> bool:
    """Whether the reps are clearly faster than the running around them, as far as that is known."""
    speeds = [rep.speed_mps for rep in evidence.reps if rep.speed_mps]
    easy = evidence.easy_speed_mps
    rates = [rep.end_hr_bpm for rep in evidence.reps if rep.end_hr_bpm and rep.duration_s >= WORK_S]
    if rates and statistics.median(rates) < LOWEST_WORK_BPM:
        return False
    return bool(speeds) and (easy is None or statistics.median(speeds) >= MIN_CONTRAST * easy)


def _is_maximal(reps: Sequence[RepEvidence]) -> bool:
    """Whether half of the work is reps of 80 s and more with recoveries that allow for more."""
    work = sum(rep.duration_s for rep in reps)
    open_s = sum(
        rep.duration_s
        for rep in reps
        if rep.duration_s >= MAXIMAL_REP_S
        and (rep.recovery_s or 0.0) >= MAXIMAL_RECOVERY * rep.duration_s
    )
    return open_s >= 0.4 * work and len(reps) > 2


# --- races and best efforts -----------------------------------------------------------------------


def _at_least(evidence: SessionEvidence) -> float | None:
    """Return the log of T that the best effort of 10 min and more would mean were it all-out."""
    if evidence.treadmill:
        return None
    implied = [
        math.log(speed * (1.0 - GPS_TOLERANCE) / all_out_share(seconds))
        - ENDURANCE_ERROR * max(math.log(3600.0 / seconds), 0.0)
        for seconds, speed in zip(SPEED_DURATIONS_S, evidence.speed_curve_mps, strict=True)
        if speed and seconds >= LEAST_EFFORT_S and _is_human(speed, seconds)
    ]
    return max(implied, default=None)


def _is_human(speed_mps: float, seconds: float) -> bool:
    """Whether a speed lies below that of the world record for its time (5.93 m/s for one hour)."""
    return speed_mps < RECORD_HOUR_MPS * all_out_share(seconds)


def _race_like(evidence: SessionEvidence) -> RaceLike | None:
    """Return the effort that may have been a race: the whole recording, or one long rep of it."""
    if evidence.treadmill:
        return None
    whole = _whole_file(evidence)
    if whole is not None:
        speed, seconds, rate, odds = whole
    elif len(evidence.reps) == 1 and evidence.reps[0].duration_s >= LEAST_EFFORT_S:
        rep = evidence.reps[0]
        speed, seconds, rate, odds = (
            rep.speed_mps or 0.0,
            rep.duration_s,
            _held_rate(evidence),
            -1.0,
        )
    else:
        speed, seconds, rate, odds = _best_window(evidence)
    if not speed or not LEAST_EFFORT_S <= seconds <= MOST_EFFORT_S or not _is_human(speed, seconds):
        return None
    metres = speed * seconds
    if whole is not None and any(abs(metres / race - 1.0) <= RACE_TOLERANCE for race in RACES_M):
        odds += 2.0
    implied = math.log(speed * (1.0 - GPS_TOLERANCE / 2.0) / all_out_share(seconds))
    return RaceLike(implied, seconds, rate, odds, of_rep=bool(evidence.reps))


def _whole_file(evidence: SessionEvidence) -> tuple[float, float, float | None, float] | None:
    """Return speed, time, heart rate and odds of a recording that is one even effort."""
    spread = evidence.speed_spread
    if len(evidence.reps) > 1 or spread is None or spread > EVEN or evidence.shape == "progression":
        return None
    if evidence.reps and evidence.reps[0].duration_s < WHOLE * evidence.moving_s:
        return None
    speed = evidence.reps[0].speed_mps if evidence.reps else evidence.typical_speed_mps
    return speed or 0.0, evidence.moving_s, evidence.median_hr_bpm, -1.5


def _held_rate(evidence: SessionEvidence) -> float | None:
    _, five, twenty, _ = evidence.hr_curve_bpm
    return twenty or five


def _best_window(evidence: SessionEvidence) -> tuple[float, float, float | None, float]:
    """Return the best 20 min of a recording without reps: a race with the way there and back."""
    speed, typical = evidence.speed_curve_mps[4], evidence.typical_speed_mps
    if evidence.reps or not speed or not typical:
        return 0.0, 0.0, None, 0.0
    return speed, SPEED_DURATIONS_S[4], evidence.hr_curve_bpm[2], -3.0


# --- the recording --------------------------------------------------------------------------------


def _looseness(evidence: SessionEvidence) -> float:
    factor = 1.0 + (evidence.climb_share / CLIMB) ** 2
    if evidence.treadmill:
        factor += TREADMILL
    if _is_hot(evidence):
        factor += HEAT
    return factor


def _is_hot(evidence: SessionEvidence) -> bool:
    return evidence.temperature_c is not None and evidence.temperature_c >= HEAT_C


assert len(RECORDS_S) == len(BEST_DISTANCES_M)
