"""Walking and running: how many steps a minute belong to a speed, and what is no way on foot."""

from __future__ import annotations

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.reconcile.cells import Cells, moving
from intervaldetect.records import Bools, Floats

FOOT_SPORTS = frozenset(
    {"running", "walking", "hiking", "mountaineering", "snowshoeing", "floor_climbing"}
)
"""Sports whose files count one leg: cadence in the file times two is steps per minute."""

FOOT_SUB_SPORTS = frozenset({"treadmill", "indoor_running", "indoor_walking"})
"""The same, under whatever sport they are filed."""

UNSAID_SPORTS = frozenset({None, "generic", "all", "multisport", "training", "fitness_equipment"})
"""Sports that do not say how one moves: speed and cadence do."""

WALK_SPM, WALK_EXPONENT, WALK_SPREAD = 96.0, 0.42, 0.13
RUN_SPM, RUN_SPM_PER_MPS, RUN_SPREAD = 140.0, 9.0, 0.10
"""Usual steps a minute: 96 v^0.42 walking and 140 + 9 v running, with their spread (log)."""

WALK_RUN_MPS, WALK_RUN_WIDTH_MPS = 2.1, 0.25
"""Where people change from walking to running, and over what range."""

UNLIKELY = 0.02
"""Density that is left for steps of neither gait, so that no cell decides alone."""

STEPS_ABOVE = 125.0
"""No runner takes more strides of one leg in a minute; no rider turns so often for long."""

ON_FOOT_MPS = (0.8, 5.5)
FAST_MPS, FAST_SHARE = 7.0, 0.5
"""Who covers half of the way faster than this (m/s) does not run."""

NAMELESS_SPORTS = frozenset({None, "generic", "all", "unknown"})
"""Of the above, those that name nothing: there the way one moved names the sport."""

SPORT_OF_SUB = {
    "treadmill": "running", "indoor_running": "running", "indoor_walking": "walking",
}  # fmt: skip

RUN_STEPS_SPM, WALK_STEPS_SPM, PEDAL_RPM = (140.0, 230.0), (70.0, 140.0), (40.0, 115.0)
GAIT_SHARE, MIN_GAIT_CELLS = 0.6, 10
"""So much of the way, in so many cells at least, must be in one gait for it to name the sport."""

RIDING_MPS = 3.0
"""Turns of pedals count as such where one is faster than this."""

RIDE_MPS = 17.0
"""The median speed of a ride is lower; that of a drive is not."""

COASTING_SHARE = 0.1
"""Runners do not move without a step for so much of the time; riders do."""


def likelihood(steps_spm: Floats, speed_mps: Floats, walks: float = 0.5) -> Floats:
    """Log likelihood of steps a minute at a speed, on a mixture of walking and running.

    Parameters
    ----------
    steps_spm : (k,) or (m, k) float64
    speed_mps : (k,) float64
        A speed of NaN is one that is not known.
    walks : float
        Chance of walking where the speed is not known.
    """
    known = np.isfinite(speed_mps)
    speed = np.minimum(np.maximum(speed_mps, 0.3), 9.0)
    side = (speed - WALK_RUN_MPS) / WALK_RUN_WIDTH_MPS
    walk = np.where(known, 1.0 / (1.0 + np.exp(side)), walks)
    log_steps = np.log(np.maximum(steps_spm, 1.0))
    usual_walk = np.log(WALK_SPM * np.where(known, speed, 1.4) ** WALK_EXPONENT)
    usual_run = np.log(RUN_SPM + RUN_SPM_PER_MPS * np.where(known, speed, 3.0))
    fit = walk * np.exp(-0.5 * ((log_steps - usual_walk) / WALK_SPREAD) ** 2)
    fit += (1.0 - walk) * np.exp(-0.5 * ((log_steps - usual_run) / RUN_SPREAD) ** 2)
    return np.asarray(np.log(fit + UNLIKELY))


def counts_steps(cadence: Floats) -> bool:
    """Whether the median of what is above zero is steps of both feet for sure."""
    turning = np.count_nonzero(cadence > 0.0)
    return bool(np.count_nonzero(cadence > STEPS_ABOVE) >= turning - turning // 2 > 0)


def on_foot(
    sport: str | None, sub_sport: str | None, cells: Cells, speed: Floats | None, cadence: Floats
) -> bool | None:
    """Whether one moved on foot; None where nothing tells.

    Parameters
    ----------
    cells : Cells
    speed : (k,) float64 or None
        In m/s.
    cadence : (n,) float64
        As the file has it.
    """
    if sport in FOOT_SPORTS or sub_sport in FOOT_SUB_SPORTS:
        return True
    if sport not in UNSAID_SPORTS:
        return False
    if counts_steps(cadence):
        return True
    if speed is None:
        return None
    if _is_ride(cells.seconds, speed):
        return False
    moves = moving(speed)
    typical = middle(speed[moves]) if moves.any() else 0.0
    if not ON_FOOT_MPS[0] < typical < ON_FOOT_MPS[1]:
        return False
    return not _coasts(cells, moves, cadence)


def sport_by_gait(
    sport: str | None,
    sub_sport: str | None,
    cells: Cells,
    speed: Floats | None,
    turns: Floats,
    *,
    foot: bool | None,
) -> tuple[str | None, str]:
    """Name the sport by speed and cadence together where the file names none.

    Parameters
    ----------
    sport : str or None
        One of ``NAMELESS_SPORTS``.
    speed, turns : (k,) float64
        Of the cells, in m/s and in steps of both feet (or turns) a minute.
    foot : bool or None
        What `on_foot` says.

    Returns
    -------
    sport : str or None
        As given where nothing names it.
    why : str
        Empty where the sport is as given.
    """
    if sub_sport in SPORT_OF_SUB:
        return SPORT_OF_SUB[sub_sport], f"its sub-sport is {sub_sport}"
    if speed is None:
        return sport, ""
    if foot is False:
        if _is_ride(cells.seconds, speed):
            return "cycling", "it is as fast as a ride"
        pedalled = _share(speed, speed > RIDING_MPS, turns, PEDAL_RPM) >= GAIT_SHARE
        return ("cycling", "speed and cadence are those of a ride") if pedalled else (sport, "")
    if foot:
        for name, fast, steps in (
            ("running", speed > WALK_RUN_MPS - WALK_RUN_WIDTH_MPS, RUN_STEPS_SPM),
            ("walking", speed < WALK_RUN_MPS + WALK_RUN_WIDTH_MPS, WALK_STEPS_SPM),
        ):
            if _share(speed, fast, turns, steps) >= GAIT_SHARE:
                return name, f"speed and cadence are those of {name}"
    return sport, ""


def _share(speed: Floats, fits: Bools, turns: Floats, usual: tuple[float, float]) -> float:
    """Give the share of the way on which both speed and turns are those of a gait."""
    moves = moving(speed) & np.isfinite(turns)
    if np.count_nonzero(moves) < MIN_GAIT_CELLS:
        return 0.0
    way = float(speed[moving(speed)].sum())
    both = moves & fits & (turns >= usual[0]) & (turns <= usual[1])
    return float(speed[both].sum()) / way


def _is_ride(seconds: Floats, speed: Floats) -> bool:
    """Whether most of the way was covered faster than anybody runs, and not in a car."""
    way = np.nan_to_num(speed) * np.nan_to_num(seconds)
    fast = float(way[speed > FAST_MPS].sum())
    moves = moving(speed)
    return bool(
        fast > FAST_SHARE * float(way.sum()) and moves.any() and middle(speed[moves]) < RIDE_MPS
    )


def _coasts(cells: Cells, moves: np.ndarray, cadence: Floats) -> bool:
    known = np.isfinite(cadence)
    if not known.any():
        return False
    still = np.add.reduceat((cadence == 0.0).astype(np.float64), cells.edges[:-1])
    told = np.add.reduceat(known.astype(np.float64), cells.edges[:-1])
    return bool(still[moves].sum() > COASTING_SHARE * max(told[moves].sum(), 1.0))
