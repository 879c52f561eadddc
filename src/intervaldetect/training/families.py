"""Sessions of one family: which of an athlete's workouts carry on which.

A runner's series moves: 6 x 500 m becomes 4 x 600 m, then 6 x 800 m at another pace. So a session
is compared with the last few of every family so far and joins the nearest one, if that is near
enough; else it founds a family. Count does not matter; rep length, recovery, intensity and speed
may move by what one step of a progression moves. Later sessions never regroup earlier ones.

The distance is Euclidean, each difference divided by the step that is just too far:
rep length 0.32 in logarithm (a third longer; continuous runs 0.65), recovery 0.55 in logarithm of
seconds plus 10, speed 0.14 in logarithm, intensity 0.9 in total variation of the probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from intervaldetect.records import Bools, Floats, Ints
from intervaldetect.training.history import History
from intervaldetect.training.main_set import main_sets

# Ours, all below: no paper says from when a workout is another one.
LENGTH_STEP, CONTINUOUS_STEP, RECOVERY_STEP = 0.32, 0.65, 0.55
SPEED_STEP, LABEL_STEP, LADDER_STEP = 0.14, 0.90, 0.35
OTHER_BASIS, OTHER_GROUND = 0.25, 1.5
RECOVERY_FLOOR_S = 10.0
# A family is joined within this distance; after a long rest it has to be nearly as it was left.
NEAR, SAME = 1.0, 0.4
SERIES_DAYS, REMEMBERED_DAYS = 112.0, 400.0
LOOK_BACK = 3
ODDS = ("p_easy", "p_threshold", "p_vo2")


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What n sessions are compared by, as arrays over the sessions in order of time.

    ``day`` (n); ``scaled`` (n, k), differences of which are in steps, NaN where not known;
    ``length`` and ``distance`` (n), logarithms of seconds and metres of a rep (``distance`` NaN
    unless the set is one by distance); ``odds`` (n, 3), probabilities of the labels;
    ``continuous`` (n), whether the main set is one piece.
    """

    day: Floats
    scaled: Floats
    length: Floats
    distance: Floats
    odds: Floats
    continuous: Bools


def family_of(history: History) -> pl.DataFrame:
    """Return the family of every session with planned efforts.

    Returns
    -------
    polars.DataFrame
        ``activity`` and ``family``, a number from 1 in order of each family's first session and
        counted for each athlete anew.
    """
    sessions = _sessions(history)
    parts = []
    for mine in sessions.partition_by("athlete", maintain_order=True):
        numbers = link(_features(mine))
        parts.append(
            mine.select("activity").with_columns(family=pl.Series(numbers, dtype=pl.Int64))
        )
    if not parts:
        return pl.DataFrame(schema={"activity": pl.Int64, "family": pl.Int64})
    return pl.concat(parts)


def link(features: Features) -> Ints:
    """Tell families of sessions apart, going through them in order of time.

    Parameters
    ----------
    features : Features
        Of n sessions of one athlete, sorted by ``day``.

    Returns
    -------
    array of int, (n,)
        From 1, in order of each family's first session.
    """
    day, n = features.day, features.day.size
    family = np.zeros(n, dtype=np.int64)
    recent = np.full((n, LOOK_BACK), -1, dtype=np.int64)  # the last sessions of each family
    last = np.full(n, -np.inf)  # and the day of the very last
    families = 0
    for session in range(n):
        gap = day[session] - last[:families]
        open_ = np.flatnonzero(gap <= REMEMBERED_DAYS)
        best = _nearest(features, session, recent[open_], gap[open_])
        if best is None:
            chosen = families
            families += 1
        else:
            chosen = int(open_[best])
        family[session] = chosen + 1
        recent[chosen, 1:] = recent[chosen, :-1]
        recent[chosen, 0] = session
        last[chosen] = day[session]
    return family


def _nearest(features: Features, session: int, recent: Ints, gap: Floats) -> int | None:
    """Return which family, given by its last sessions, a session carries on; None for none."""
    if not gap.size:
        return None
    far = _distance(features, session, recent.ravel()).reshape(recent.shape)
    far[recent < 0] = np.inf
    nearest = far.min(axis=1)
    # A series under way comes before one that rests, even if that was left nearer to this.
    for may_join in (
        (gap <= SERIES_DAYS) & (nearest <= NEAR),
        (gap > SERIES_DAYS) & (nearest <= SAME),
    ):
        near = np.flatnonzero(may_join)
        if near.size:
            return int(near[np.lexsort((gap[near], nearest[near]))[0]])
    return None


def _distance(features: Features, session: int, others: Ints) -> Floats:
    """Distance of one session from others; infinite between one piece and several."""
    f = features
    by_distance = f.distance[others] - f.distance[session]
    by_length = f.length[others] - f.length[session]
    size = np.where(np.isnan(by_distance), by_length, by_distance)
    size /= CONTINUOUS_STEP if f.continuous[session] else LENGTH_STEP
    apart = np.abs(f.odds[others] - f.odds[session]).sum(axis=1) / (2.0 * LABEL_STEP)
    rest = f.scaled[others] - f.scaled[session]
    rest[np.isnan(rest)] = 0.0
    total = np.sqrt(size * size + apart * apart + np.einsum("ij,ij->i", rest, rest))
    total[f.continuous[others] != f.continuous[session]] = np.inf
    return np.asarray(total, dtype=np.float64)


def _sessions(history: History) -> pl.DataFrame:
    """Summarise the main set of every session, in order of athlete and time."""
    typical = pl.col("recovery_s").filter(~pl.col("between_blocks"))
    sets = (
        main_sets(history)
        .group_by("activity")
        .agg(
            length=pl.col("seconds").median().log(),
            ladder=pl.col("seconds").log().std().fill_null(0.0),
            distance=pl.when(pl.col("rep_basis").first() == "distance").then(
                pl.coalesce(pl.col("rep_distance_m").first(), pl.col("distance_m").median()).log()
            ),
            recovery=(pl.coalesce(typical.median(), pl.col("recovery_s").median())
                      + RECOVERY_FLOOR_S).log(),
            speed=pl.col("adjusted_speed_mps").median().log(),
            continuous=pl.len() == 1,
            **{name: pl.col(name).first() for name in ODDS},
        )
    )  # fmt: skip
    about = history.runs.select("activity", "athlete", "start_time", "kind")
    return sets.join(about, on="activity").sort("athlete", "start_time", "activity")


def _features(sessions: pl.DataFrame) -> Features:
    def floats(name: str) -> Floats:
        values = sessions[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return np.asarray(values, dtype=np.float64)

    distance = floats("distance")
    hills = (sessions["kind"] == "hills").fill_null(value=False).to_numpy()
    odds = np.stack([floats(name) for name in ODDS], axis=1)
    return Features(
        day=sessions["start_time"].dt.epoch("s").to_numpy() / 86400.0,
        scaled=np.stack(
            [
                floats("recovery") / RECOVERY_STEP,
                floats("speed") / SPEED_STEP,
                floats("ladder") / LADDER_STEP,
                OTHER_GROUND * hills,
                OTHER_BASIS * np.isnan(distance),
            ],
            axis=1,
        ),
        length=floats("length"),
        distance=distance,
        odds=np.nan_to_num(odds, nan=1.0 / len(ODDS)),
        continuous=sessions["continuous"].to_numpy(),
    )
