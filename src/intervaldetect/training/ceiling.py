"""Reps against a ceiling: under, at or over, each with a probability.

The ceiling is the athlete's threshold as known at the session, or a pace or a heart rate that is
given. Pace decides reps of up to 3 min, heart rate at the end those from 6 min on, a blend between:
heart rate comes too late for short reps, and for long ones it knows heat, hills and the day. Short
reps may be faster than threshold and stay below it: the ceiling of pace is 1.07 of threshold speed
for a minute and falls to 1.00 at ten (Bakken). A given ceiling is taken as it stands.

All is said in logs of speed over that of the ceiling; a heart rate becomes one at 0.85 % of heart
rate per 1 % of speed. The error is logistic, whose tails are heavier than the normal's.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.history import History
from intervaldetect.training.pace import (
    DAY_ERROR,
    HEAT_FACTOR,
    HR_PER_SPEED,
    HR_PER_SPEED_ERROR,
    SETTLING_ERROR,
)
from intervaldetect.training.query import frame_of

# Speed over threshold at which a rep of this length is at the ceiling (Bakken).
CEILING_S = (60.0, 180.0, 360.0, 600.0)
CEILING_SPEED = (1.07, 1.04, 1.02, 1.00)
# Ours: pace decides up to the first length, heart rate from the second on.
PACE_S, HEART_RATE_S = 180.0, 360.0
SHORTEST_S = 40.0
AT = 0.015
"""So near to the ceiling, as a share of speed, a rep is at it."""
# Ours: error of the speed of a rep, of the way measured and of its two ends, in s of its length.
WAY_ERROR, TREADMILL_ERROR, EDGE_S = 0.006, 0.03, 0.6
NO_THRESHOLD, NO_MEASURE, TOO_SHORT = (
    "threshold not known: no race and no reps before it",
    "neither pace nor a heart rate to compare with the ceiling",
    f"shorter than {SHORTEST_S:.0f} s",
)
_TREADMILL = ("treadmill", "indoor_running", "virtual_activity")
_PACE = re.compile(r"(\d{1,2}):(\d{2}(?:\.\d+)?)\s*/\s*(km|mi)")
_RATE = re.compile(r"(\d{2,3}(?:\.\d+)?)\s*(?:bpm)?")
_METRES = {"km": 1000.0, "mi": 1609.344}
_RATES = (80.0, 230.0)
# Of its standard error; on simulated runners of known threshold the errors above are a sixth too
# large (benchmarks/accuracy/verdicts.py).
OVERSTATED = 0.85
_LOGISTIC = math.pi / math.sqrt(3.0) / OVERSTATED

_SQL = """
    SELECT activity, coalesce(sub_sport IN ({indoors}), 0), {estimates}
    FROM activities WHERE {{whose}}
""".format(  # noqa: S608 - texts made here
    indoors=", ".join(f"'{name}'" for name in _TREADMILL),
    estimates=", ".join(
        f"{value}, {name}_error, {name}_source, {name}_rests_on"
        for name, value in (
            ("threshold_speed", "threshold_speed_mps"),
            ("threshold_hr", "threshold_hr_bpm"),
        )
    ),
)
_OF_ONE = {"value": pl.Float64, "error": pl.Float64, "source": pl.String, "rests_on": pl.String}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A ceiling that is given: a speed in m/s, or a heart rate in bpm."""

    by: Literal["pace", "heart_rate"]
    value: float


def read_ceiling(text: str) -> Ceiling:
    """Read a ceiling such as ``3:20/km``, ``5:22/mi`` or ``172``.

    Raises
    ------
    ParameterError
        Neither a pace nor a heart rate.
    """
    told = text.strip()
    if match := _PACE.fullmatch(told):
        seconds = 60.0 * int(match[1]) + float(match[2])
        if seconds > 0.0:
            return Ceiling("pace", _METRES[match[3]] / seconds)
    if (match := _RATE.fullmatch(told)) and _RATES[0] <= float(match[1]) <= _RATES[1]:
        return Ceiling("heart_rate", float(match[1]))
    raise ParameterError("ceiling", text, "a pace such as 3:20/km or a heart rate such as 172")


def ceilings_of(history: History, given: Ceiling | None = None) -> pl.DataFrame:
    """Return the ceiling of every session.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``indoors``, ``ceiling_speed`` in m/s, ``ceiling_hr`` in bpm, and the relative
        errors of both, null where not known.
    """
    schema = {"activity": pl.Int64, "indoors": pl.Boolean}
    for name in ("speed", "hr"):
        schema |= {f"{name}_{part}": kind for part, kind in _OF_ONE.items()}
    with Store.open(history.folder) as store:
        told = frame_of(
            store, _SQL, {**schema, "indoors": pl.Int64}, athlete=history.athlete
        ).with_columns(pl.col("indoors").cast(pl.Boolean))
    if given is not None:
        by, other = ("speed", "hr") if given.by == "pace" else ("hr", "speed")
        nothing = pl.lit(None, pl.Float64)
        return told.select(
            "activity",
            "indoors",
            pl.lit(given.value).alias(f"ceiling_{by}"),
            pl.lit(0.0).alias(f"ceiling_{by}_error"),
            nothing.alias(f"ceiling_{other}"),
            nothing.alias(f"ceiling_{other}_error"),
        )
    columns = []
    for name in ("speed", "hr"):
        known = pl.col(f"{name}_rests_on").is_not_null() | (pl.col(f"{name}_source") == "given")
        value = pl.when(known).then(pl.col(f"{name}_value"))
        columns += [
            value.alias(f"ceiling_{name}"),
            (pl.when(known).then(pl.col(f"{name}_error")) / value).alias(f"ceiling_{name}_error"),
        ]
    return told.select("activity", "indoors", *columns)


def with_verdicts(reps: pl.DataFrame, *, given: Ceiling | None = None) -> pl.DataFrame:
    """Judge reps.

    Parameters
    ----------
    reps : polars.DataFrame
        ``seconds``, ``adjusted_speed_mps``, ``end_hr_bpm``, ``settled_hr_bpm``, ``indoors``,
        ``heat_flag`` and the columns of `ceilings_of`.
    given : Ceiling, optional
        Whether the ceiling was given: then it is taken as it stands, for any length.

    Returns
    -------
    polars.DataFrame
        The frame with ``decided_by`` (the weight of heart rate, 0 to 1), ``relative`` (log of speed
        over that of the ceiling), ``shared_error`` and ``own_error`` of it, ``p_under``, ``p_at``,
        ``p_over``, ``verdict`` and ``withheld``, why there is none.
    """
    weight = _weight_of_heart_rate(given)
    pace, rate = pl.col("by_pace"), pl.col("by_hr")
    blended = (
        pl.when(rate.is_null() | (weight == 0.0))
        .then(pl.when(pl.col("decided_by") == 0.0).then(pace))
        .when(pace.is_null() | (weight == 1.0))
        .then(rate)
        .otherwise((1.0 - weight) * pace + weight * rate)
    )
    judged = (
        reps.with_columns(by_pace=_by_pace(given), by_hr=_by_heart_rate(given))
        .with_columns(decided_by=_decided_by(weight, given))
        .with_columns(relative=blended)
    )
    heart = pl.col("decided_by")
    day = pl.lit(0.0) if given is not None else _heat() * DAY_ERROR / HR_PER_SPEED
    of_rate = _root(pl.col("ceiling_hr_error") / HR_PER_SPEED, day)
    belt = pl.when(pl.col("indoors")).then(TREADMILL_ERROR).otherwise(0.0)
    errors = {
        "shared_error": _both(heart, _root(pl.col("ceiling_speed_error"), belt), of_rate),
        "own_error": _both(
            heart, _root(pl.lit(WAY_ERROR), EDGE_S / pl.col("seconds")), _error_of_rate(given)
        ),
    }
    return with_odds(judged.with_columns(**errors)).with_columns(withheld=_withheld())


def with_odds(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the odds of ``relative``, with its errors, and the likeliest verdict."""
    spread = (pl.col("shared_error").pow(2) + pl.col("own_error").pow(2)).sqrt()
    under = _below((-AT - pl.col("relative")) / spread)
    not_over = _below((AT - pl.col("relative")) / spread)
    frame = frame.with_columns(p_under=under, p_at=not_over - under, p_over=1.0 - not_over)
    top = pl.max_horizontal("p_under", "p_at", "p_over")
    verdict: Any = pl.when(pl.col("p_over") == top).then(pl.lit("over"))
    verdict = verdict.when(pl.col("p_under") == top).then(pl.lit("under"))
    return frame.with_columns(verdict=verdict.when(top.is_not_null()).then(pl.lit("at")))


def ceiling_factor() -> pl.Expr:
    """Return the speed of a rep at the ceiling over that at threshold, by its length."""
    seconds = pl.col("seconds")
    factor: Any = pl.when(seconds <= CEILING_S[0]).then(CEILING_SPEED[0])
    steps = zip(pairwise(CEILING_S), pairwise(CEILING_SPEED), strict=True)
    for (low, high), (fast, slow) in steps:
        share = (seconds - low) / (high - low)
        factor = factor.when(seconds <= high).then(fast + share * (slow - fast))
    ceiling: pl.Expr = factor.otherwise(CEILING_SPEED[-1])
    return ceiling


# --- parts ---------------------------------------------------------------------------------------


def _below(z: pl.Expr) -> pl.Expr:
    return 1.0 / (1.0 + (-_LOGISTIC * z).exp())


def _weight_of_heart_rate(given: Ceiling | None) -> pl.Expr:
    if given is not None:
        return pl.lit(0.0 if given.by == "pace" else 1.0)
    return ((pl.col("seconds") - PACE_S) / (HEART_RATE_S - PACE_S)).clip(0.0, 1.0)


def _decided_by(weight: pl.Expr, given: Ceiling | None) -> pl.Expr:
    """Return the weight of heart rate with what is known: short reps have pace alone."""
    alone = pl.lit(value=True) if given is not None else pl.col("seconds") >= PACE_S
    return (
        pl.when(pl.col("by_hr").is_null())
        .then(pl.when(pl.col("by_pace").is_not_null()).then(0.0))
        .when(pl.col("by_pace").is_null())
        .then(pl.when(alone).then(1.0))
        .otherwise(weight)
    )


def _by_pace(given: Ceiling | None) -> pl.Expr:
    ceiling = pl.col("ceiling_speed") * (1.0 if given is not None else ceiling_factor())
    told = (pl.col("adjusted_speed_mps") > 0.0) & (pl.col("seconds") >= SHORTEST_S)
    return pl.when(told).then((pl.col("adjusted_speed_mps") / ceiling).log())


def _by_heart_rate(given: Ceiling | None) -> pl.Expr:
    rate = pl.col("end_hr_bpm" if given is not None else "settled_hr_bpm")
    told = (rate > 0.0) & (pl.col("seconds") >= SHORTEST_S)
    return pl.when(told).then((rate / pl.col("ceiling_hr")).log() / HR_PER_SPEED)


def _heat() -> pl.Expr:
    return pl.when(pl.col("heat_flag").fill_null(value=False)).then(HEAT_FACTOR).otherwise(1.0)


def _error_of_rate(given: Ceiling | None) -> pl.Expr:
    """Return the error of what one rep's heart rate says, beside that of the day."""
    beat = 1.0 / pl.col("end_hr_bpm") / HR_PER_SPEED
    if given is not None:
        return beat
    away = HR_PER_SPEED_ERROR / HR_PER_SPEED * pl.col("by_hr")
    carried = (pl.col("settled_hr_bpm") / pl.col("end_hr_bpm")).log()
    return _root(beat, away, SETTLING_ERROR * carried / HR_PER_SPEED)


def _root(*errors: pl.Expr) -> pl.Expr:
    """Return the error of a sum whose parts err independently."""
    return pl.sum_horizontal(error.pow(2) for error in errors).sqrt()


def _both(heart: pl.Expr, pace: pl.Expr, rate: pl.Expr) -> pl.Expr:
    """Return the error of a blend of two."""
    return (
        pl.when(heart == 0.0)
        .then(pace)
        .when(heart == 1.0)
        .then(rate)
        .otherwise((((1.0 - heart) * pace).pow(2) + (heart * rate).pow(2)).sqrt())
    )


def _withheld() -> pl.Expr:
    known = pl.col("ceiling_speed").is_not_null() | pl.col("ceiling_hr").is_not_null()
    reason = (
        pl.when(pl.col("seconds") < SHORTEST_S)
        .then(pl.lit(TOO_SHORT))
        .when(known)
        .then(pl.lit(NO_MEASURE))
        .otherwise(pl.lit(NO_THRESHOLD))
    )
    return pl.when(pl.col("verdict").is_null()).then(reason)
