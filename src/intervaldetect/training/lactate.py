"""Lactate over sessions: a curve against speed, and LT1 and LT2 by six methods, each named.

Values are those the runner wrote to a rep, and those of a table. Blood lactate is fitted over
speed by a polynomial of third degree, as Dmax was defined on. The methods:

- ``fixed_2``, LT1: where the curve reaches 2 mmol/l (Kindermann 1979, doi 10.1007/BF00421101).
- ``fixed_4``, LT2: where it reaches 4 mmol/l (Heck 1985, doi 10.1055/s-2008-1025824).
- ``baseline_1_5``, LT2: where it is 1.5 mmol/l above its lowest (Dickhuth 1999).
- ``dmax``, LT2: the point farthest from the line between first and last value (Cheng 1992, doi
  10.1055/s-2007-1021309).
- ``modified_dmax``, LT2: the same from the last value before the first rise of 0.4 mmol/l and more
  (Bishop 1998, doi 10.1097/00005768-199808000-00014).
- ``log_log``, LT1: where two lines through the logarithms meet (Beaver 1985, doi
  10.1152/jappl.1985.59.6.1936).

Intervals are 90 %: a bootstrap of residuals, and the day. What is common to all values of a session
(meal, sleep, glycogen) does not scatter about the curve; threshold speeds of two tests differ by up
to 3.1 % as a coefficient of variation (Cerezuela-Espejo 2018, PMC6167480), by 0.4 to 1 % where all
is kept alike (doi 10.1055/s-2007-971929). They do not hold that lactate after a rep differs from
that of a step test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints

MIN_VALUES, MIN_SPEEDS = 6, 5
"""Ours: a cubic through fewer leaves nothing to tell its error by."""
DRAWS, SEED = 400, 20261  # ours
LEVEL = 0.90
MOST_LOST = 0.2
"""Ours: where more of the draws have no such point, it is none that the values support."""
DAY_ERROR = 0.015
"""Ours, between these: standard error of a threshold speed by the day, of one session."""
NINETY = 1.645
GRID = 501
FIRST_RISE_MMOL = 0.4  # Bishop 1998
SAME_MPS = 0.05
"""Ours: values of several sessions that lie so near count as one step, by their mean."""
FEW = f"fewer than {MIN_VALUES} values at {MIN_SPEEDS} speeds"
NOT_REACHED = "the curve does not reach it within the speeds measured"
SEVERAL = "its first rise is one between the steps of one test, and there are several sessions"
NO_POINT = "no such point within the speeds measured"
UNSTABLE = "values too few or too scattered: a fifth of the draws have no such point"


@dataclass(frozen=True, slots=True)
class LactateThreshold:
    """A threshold by one method; speed and its 90 % interval in m/s, None where withheld."""

    method: str
    which: str
    speed_mps: float | None = None
    low_mps: float | None = None
    high_mps: float | None = None
    withheld: str | None = None


def lactate_thresholds(
    speed_mps: Floats, mmol: Floats, *, sessions: int = 1
) -> tuple[LactateThreshold, ...]:
    """Return LT1 and LT2 by each of the methods.

    Parameters
    ----------
    speed_mps, mmol : array of float, (n,)
        Values of one athlete, in any order.
    sessions : int
        Days on which they were taken; what a day does is another on each.

    Returns
    -------
    tuple of LactateThreshold
        One for each method, in the order of `METHODS`.
    """
    order = np.lexsort((mmol, speed_mps))
    speed, value = speed_mps[order], mmol[order]
    if speed.size < MIN_VALUES or _step_numbers(speed)[-1] + 1 < MIN_SPEEDS:
        return tuple(
            LactateThreshold(m, which, withheld=FEW) for m, (which, _, _) in METHODS.items()
        )
    draws = _draws(speed, value)
    by_day = NINETY * DAY_ERROR / np.sqrt(max(sessions, 1))
    return tuple(
        LactateThreshold(method, which, withheld=SEVERAL)
        if method == "modified_dmax" and sessions > 1
        else _one(method, which, find, missing, speed, value, draws, by_day)
        for method, (which, find, missing) in METHODS.items()
    )


def _one(
    method: str,
    which: str,
    find: Finder,
    missing: str,
    speed: Floats,
    value: Floats,
    draws: Floats,
    by_day: float,
) -> LactateThreshold:
    point = find(*_steps(speed, value))
    if not np.isfinite(point):
        return LactateThreshold(method, which, withheld=missing)
    drawn = np.array([find(*_steps(speed, draw)) for draw in draws])
    known = drawn[np.isfinite(drawn)]
    if known.size < (1.0 - MOST_LOST) * drawn.size:
        return LactateThreshold(method, which, withheld=UNSTABLE)
    low, high = np.quantile(known, ((1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0))
    below, above = (
        np.hypot(max(part, 0.0), by_day * point) for part in (point - low, high - point)
    )
    return LactateThreshold(method, which, float(point), float(point - below), float(point + above))


def _draws(speed: Floats, value: Floats) -> Floats:
    """Return values as they might have been: the curve and its residuals, drawn anew."""
    fitted = _curve(speed, value, speed)
    residuals = (value - fitted) * np.sqrt(speed.size / max(speed.size - 4, 1))
    random = np.random.default_rng(SEED)
    chosen = random.integers(speed.size, size=(DRAWS, speed.size))
    return np.asarray(np.maximum(fitted + residuals[chosen], 0.1), dtype=np.float64)


def _steps(speed: Floats, value: Floats) -> tuple[Floats, Floats]:
    """Return the values by speed, those at nearly the same as their mean."""
    step = _step_numbers(speed)
    count = np.bincount(step)
    return np.bincount(step, speed) / count, np.bincount(step, value) / count


def _step_numbers(speed: Floats) -> Ints:
    """Return which step each value belongs to: none is wider than ``SAME_MPS``."""
    numbers = np.zeros(speed.size, dtype=np.int64)
    first = speed[0]
    for index in range(1, speed.size):
        further = speed[index] - first > SAME_MPS
        numbers[index] = numbers[index - 1] + further
        first = speed[index] if further else first
    return numbers


def _curve(speed: Floats, value: Floats, at: Floats) -> Floats:
    """Return the cubic through values at some speeds; centred, so that the fit is well posed."""
    middle = speed.mean()
    return np.asarray(np.polyval(np.polyfit(speed - middle, value, 3), at - middle))


Finder = Callable[[Floats, Floats], float]


def _reaching(level: Callable[[Floats], float]) -> Finder:
    """Return what finds the last rise of the curve through a level."""

    def find(speed: Floats, value: Floats) -> float:
        grid = np.linspace(speed[0], speed[-1], GRID)
        curve = _curve(speed, value, grid)
        above = curve >= level(curve)
        if not above[-1] or above.all():
            return np.nan
        last = int(np.flatnonzero(~above)[-1])
        part = (level(curve) - curve[last]) / (curve[last + 1] - curve[last])
        return float(grid[last] + part * (grid[last + 1] - grid[last]))

    return find


def _farthest(speed: Floats, value: Floats, first: int) -> float:
    """Return where the curve lies farthest below the line from one value to the last."""
    grid = np.linspace(speed[first], speed[-1], GRID)
    slope = (value[-1] - value[first]) / (speed[-1] - speed[first])
    below = value[first] + slope * (grid - speed[first]) - _curve(speed, value, grid)
    most = int(below.argmax())
    return float(grid[most]) if below[most] > 0.0 and 0 < most < GRID - 1 else np.nan


def _dmax(speed: Floats, value: Floats) -> float:
    return _farthest(speed, value, 0)


def _modified_dmax(speed: Floats, value: Floats) -> float:
    rises = np.flatnonzero(np.diff(value) >= FIRST_RISE_MMOL)
    return _farthest(speed, value, int(rises[0])) if rises.size else np.nan


def _log_log(speed: Floats, value: Floats) -> float:
    """Return where two lines through the logarithms meet; parted where they fit best."""
    x, y = np.log(speed), np.log(value)
    best, found = np.inf, np.nan
    for parting in range(2, x.size - 1):
        error, lines = 0.0, []
        for part in (slice(None, parting), slice(parting, None)):
            lines.append(np.polyfit(x[part], y[part], 1))
            error += float(np.square(y[part] - np.polyval(lines[-1], x[part])).sum())
        (slow, at_slow), (fast, at_fast) = lines
        if error >= best or fast <= slow:
            continue
        meeting = (at_slow - at_fast) / (fast - slow)
        if x[0] < meeting < x[-1]:
            best, found = error, float(np.exp(meeting))
    return found


METHODS: dict[str, tuple[str, Finder, str]] = {
    "fixed_2": ("LT1", _reaching(lambda _: 2.0), NOT_REACHED),
    "log_log": ("LT1", _log_log, NO_POINT),
    "fixed_4": ("LT2", _reaching(lambda _: 4.0), NOT_REACHED),
    "baseline_1_5": ("LT2", _reaching(lambda curve: float(curve.min()) + 1.5), NOT_REACHED),
    "dmax": ("LT2", _dmax, NO_POINT),
    "modified_dmax": ("LT2", _modified_dmax, NO_POINT),
}
"""Which threshold each method tells, how, and why not."""
