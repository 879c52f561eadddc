"""One posterior of an athlete's threshold speed, the heart rate of it, and the highest rate.

A Rao-Blackwellised grid filter (Doucet et al. 2000): the threshold heart rate is a grid of values,
each with a Kalman filter over what is Gaussian given that rate:

- the log of T, the speed that could be held for one hour, which wanders;
- how much faster than usual this athlete runs reps, and easy runs: habits, which no number of
  sessions of one kind tells from T;
- how much speed a beat of heart rate is worth, and by how much that is not one straight line:
  for easy runs, and for reps above threshold;
- by how much speed falls with the length of a race, beside what is usual, and how far short of
  all-out this athlete races;
- the log of T when a move was last told.

Every observation is a session's, with a stated error. Peaks and best efforts are running extremes:
they are not filtered but bound the posterior when it is read. T moves where heart rate and speed,
or races, say so, without T itself being known any better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from intervaldetect.athlete.heart import LOG_RATES, RATES_BPM, Peaks
from intervaldetect.athlete.session import RaceLike, Seen
from intervaldetect.records import Estimate, Floats, Thresholds

# The grid of threshold heart rates, and how they lie to the highest rate between people.
THRESHOLD_BPM: Floats = np.exp(np.linspace(math.log(120.0), math.log(204.0), 40))
LOG_THRESHOLD: Floats = np.log(THRESHOLD_BPM)
SHARE, SHARE_SPREAD = 0.88, 0.032
_OF_RATE: Floats = np.exp(
    -0.5 * ((LOG_THRESHOLD[:, None] - LOG_RATES - math.log(SHARE)) / SHARE_SPREAD) ** 2
)
_OF_RATE /= _OF_RATE.sum(axis=0)
# The state, in this order: log T, habit of reps, worth of heart rate, habit of easy runs, log T at
# the last move; what easy runs and hard reps are off the line of heart rate; endurance; how
# far short of all-out races are run.
T, HABIT, WORTH, EASY, THEN, EASY_PAIR, OPEN_PAIR, ENDURANCE, RACING = range(9)
PRIOR_MEAN = np.array([math.log(3.5), -0.003, 1.2, 0.0, math.log(3.5), 0.0, -0.015, 0.0, -0.005])
PRIOR_ERROR = np.array([0.25, 0.038, 0.25, 0.09, 0.25, 0.04, 0.03, 0.012, 0.012])
EASY_SPEED, EASY_ERROR = math.log(0.77), 0.06
WANDER_30_DAYS = 0.018
# Error of the speed that a session's heart rate implies.
PAIR_ERROR = 0.03
RACE_ERROR, DOUBTFUL = 0.018, 4.0
# A race is run at a share of the highest rate that falls with its length; what is none is run at a
# lower one: a long rep, or any other run.
RACE_SHARE, RACE_SHARE_SLOPE, RACE_SHARE_SPREAD = math.log(0.915), 0.022, 0.028
REP_SHARE, REP_SHARE_SPREAD = math.log(0.88), 0.04
RUN_SHARE, RUN_SHARE_SPREAD = math.log(0.79), 0.07
# Without heart rate, and how the speed of what is no race lies to that of one.
BLIND_ODDS = -1.0
NOT_RACED, NOT_RACED_SPREAD, RACED_SPREAD = -0.13, 0.1, 0.025
LIKELY = 0.6
# What speed can add to the odds of a race at most: of two normal densities the narrower over the
# wider, whatever is known of T.
MOST_BY_SPEED = 0.5 * NOT_RACED**2 / (NOT_RACED_SPREAD**2 - RACED_SPREAD**2) + math.log(
    NOT_RACED_SPREAD / RACED_SPREAD
)
FLOOR_ERROR, FLOOR_DAYS = 0.015, 120.0
HELD_20_MIN, HELD_40_MIN, HELD_ERROR = 1.055, 1.025, 0.015
# What no number of sessions takes away: errors of the model itself.
LEAST_ERROR, LEAST_RATE_ERROR_BPM, LEAST_HIGHEST_ERROR_BPM = 0.015, 5.0, 4.0
OUTLIER = 2.5
_ROOT_2 = math.sqrt(2.0)
# A move is told from so much on, with so many standard errors beyond it.
MOVED, MOVED_SIGMAS = 0.015, 2.0


@dataclass(frozen=True, slots=True)
class State:
    """The posterior as read after one session: values with their standard errors."""

    log_speed: float
    log_speed_error: float
    threshold_bpm: float
    threshold_error_bpm: float
    max_bpm: float
    max_error_bpm: float
    change: float
    change_error: float


class Posterior:
    """The filter; `see` takes in a session, `read` says what is known after it."""

    def __init__(self, given: Thresholds | None = None) -> None:
        n = THRESHOLD_BPM.size
        self.given = given or Thresholds()
        self.mean: Floats = np.tile(PRIOR_MEAN, (n, 1))
        covariance = np.diag(PRIOR_ERROR**2)
        covariance[T, THEN] = covariance[THEN, T] = PRIOR_ERROR[T] ** 2
        self.covariance: Floats = np.tile(covariance, (n, 1, 1))
        self.log_chance: Floats = np.zeros(n)
        self.peaks = Peaks()
        self.day = 0.0
        self.floors: list[tuple[float, float]] = []  # (day, log T at least), falling
        self.held_bpm = 0.0
        self.races = 0
        self.reps = 0
        self._of_highest: tuple[Floats, Floats] | None = None
        self._of_held: tuple[float, Floats] | None = None

    def see(self, day: float, seen: Seen) -> None:
        """Take in a session, later than all before it."""
        self._wander(day - self.day)
        self.day = day
        chance = self._chance_of_race(seen.race) if seen.race is not None else 0.0
        self.peaks.see(seen)
        self._hold(seen)
        if seen.pair is not None:
            self._pair(*seen.pair, seen)
        if seen.reps is not None:
            self.reps += seen.hard
            value, error = seen.reps
            self._update(OF_REPS, value, error**2 * seen.loose)
        elif seen.easy is not None and chance < LIKELY:
            self._update(OF_EASY, seen.easy - EASY_SPEED, EASY_ERROR**2 * seen.loose)
        if seen.race is not None and chance >= LIKELY:
            self._race(seen.race, chance, seen.loose)
        if seen.at_least is not None:
            self._floor(day, seen.at_least)

    def told(self) -> None:
        """Count later moves from here: one was told."""
        self.mean[:, THEN] = self.mean[:, T]
        self.covariance[:, THEN, :] = self.covariance[:, T, :]
        self.covariance[:, :, THEN] = self.covariance[:, :, T]

    @property
    def known(self) -> bool:
        """Whether anything was seen that tells where the threshold lies."""
        return self.races > 0 or self.reps > 0

    def rests_on(self) -> str | None:
        """Say on which hard runs it rests; None without any."""
        said = []
        if self.reps:
            said.append(f"{self.reps} session{'s' * (self.reps > 1)} with reps")
        if self.races:
            said.append(f"{self.races} race{'s' * (self.races > 1)}")
        return " and ".join(said) or None

    def read(self) -> State:
        """Return what is known now."""
        highest = self._highest()
        scores = self.log_chance - np.maximum.reduce(self.log_chance)
        mean, variance, floor = self._bounded()
        likelihood = np.exp(scores) * floor * self._held()
        rate_chance = highest * (likelihood @ _OF_RATE)
        rate_chance /= np.add.reduce(rate_chance)
        weight = likelihood * self._rates(highest)
        weight /= np.add.reduce(weight)
        speed = float(weight @ mean)
        speed_error = math.sqrt(float(weight @ (variance + (mean - speed) ** 2)))
        rate, rate_error = _moments(weight, THRESHOLD_BPM)
        top, top_error = _moments(rate_chance, RATES_BPM)
        change, change_error = self._change(weight)
        return State(
            speed,
            math.hypot(speed_error, LEAST_ERROR),
            rate,
            math.hypot(rate_error, LEAST_RATE_ERROR_BPM),
            max(top, self.peaks.top),
            math.hypot(top_error, LEAST_HIGHEST_ERROR_BPM),
            change,
            change_error,
        )

    # --- observations ---------------------------------------------------------------------------

    def _wander(self, days: float) -> None:
        if days > 0.0:
            self.covariance[:, T, T] += WANDER_30_DAYS**2 * days / 30.0

    def _pair(self, log_speed: float, log_rate: float, seen: Seen) -> None:
        """Speed is T times a power of the heart rate over that of threshold."""
        row = OF_T if seen.reps is not None else OF_EASY_PAIR
        if seen.reps is not None and seen.maximal:
            row = OF_OPEN_PAIR
        row = row.copy()
        row[:, WORTH] = log_rate - LOG_THRESHOLD
        self._update(row, log_speed, PAIR_ERROR**2 * seen.loose)

    def _race(self, race: RaceLike, chance: float, loose: float) -> None:
        """Take a race for a point, the wider the less sure it was one."""
        self.races += 1
        self.peaks.maximal += 1
        row = OF_T.copy()
        row[:, RACING] = 1.0 + DOUBTFUL * (1.0 - chance)
        row[:, ENDURANCE] = math.log(3600.0 / race.seconds)
        self._update(row, race.log_speed, RACE_ERROR**2 * loose)

    def _chance_of_race(self, race: RaceLike) -> float:
        odds = race.odds + (BLIND_ODDS if race.mean_hr_bpm is None else self._odds_of_rate(race))
        if odds + MOST_BY_SPEED < math.log(LIKELY / (1.0 - LIKELY)):
            return 0.0  # no race, whatever the speed: most runs
        odds += self._odds_of_speed(race.log_speed)
        return 1.0 / (1.0 + math.exp(-min(max(odds, -30.0), 30.0)))

    def _odds_of_rate(self, race: RaceLike) -> float:
        """Log-odds that a heart rate is that of a race, over what the highest may be."""
        assert race.mean_hr_bpm is not None
        share = math.log(race.mean_hr_bpm) - LOG_RATES
        usual = RACE_SHARE - RACE_SHARE_SLOPE * math.log2(max(race.seconds, 600.0) / 1500.0)
        mean, spread = (
            (REP_SHARE, REP_SHARE_SPREAD) if race.of_rep else (RUN_SHARE, RUN_SHARE_SPREAD)
        )
        highest = self._highest()
        raced = np.exp(-0.5 * np.minimum(((share - usual) / RACE_SHARE_SPREAD) ** 2, 60.0))
        run = np.exp(-0.5 * np.minimum(((share - mean) / spread) ** 2, 60.0))
        chance_raced = float(highest @ raced) / RACE_SHARE_SPREAD
        return math.log(chance_raced / (float(highest @ run) / spread))

    def _odds_of_speed(self, log_speed: float) -> float:
        """Log-odds that a speed is that of a race, by what is known of T so far."""
        mean, own, floor = self._bounded()
        weight = np.exp(self.log_chance - self.log_chance.max()) * self._rates(self._highest())
        weight *= floor
        weight /= weight.sum()
        expected = float(weight @ mean)
        variance = float(weight @ (own + (mean - expected) ** 2))
        scores = []
        for below, spread in ((0.0, RACED_SPREAD), (NOT_RACED, NOT_RACED_SPREAD)):
            total = variance + spread**2
            away = log_speed - expected - below
            scores.append(-0.5 * min(away**2 / total, 40.0) - 0.5 * math.log(total))
        return scores[0] - scores[1]

    def _highest(self) -> Floats:
        """Return the chance of each highest rate: of the peaks, or as given."""
        given = self.given.max_hr_bpm
        return self.peaks.chances() if given is None else _near(RATES_BPM, given)

    def _rates(self, highest: Floats) -> Floats:
        """Return the chance of each threshold rate by that of the highest, which seldom changes."""
        if self._of_highest is None or self._of_highest[0] is not highest:
            self._of_highest = highest, _OF_RATE @ highest
        return self._of_highest[1]

    def _update(self, row: Floats, value: float, variance: Floats | float) -> None:
        """Kalman update of every filter of the grid; what lies far off counts less (Huber)."""
        # The methods of arrays cost more than these nine numbers a row.
        gain = np.matmul(self.covariance, row[:, :, None])[:, :, 0]
        spread = np.add.reduce(gain * row, axis=1) + variance
        miss = value - np.add.reduce(self.mean * row, axis=1)
        far = np.abs(miss) / np.sqrt(spread)
        if np.maximum.reduce(far) > OUTLIER:
            spread = spread * np.maximum(far / OUTLIER, 1.0) ** 2
            far = np.minimum(far, OUTLIER)
        self.log_chance += -0.5 * far**2 - 0.5 * np.log(spread)
        step = gain / spread[:, None]
        self.mean += step * miss[:, None]
        self.covariance -= step[:, :, None] * gain[:, None, :]

    # --- running extremes -----------------------------------------------------------------------

    def _floor(self, day: float, log_speed: float) -> None:
        kept = [(d, v) for d, v in self.floors if v > log_speed and d > day - FLOOR_DAYS]
        self.floors = [*kept, (day, log_speed)]

    def _hold(self, seen: Seen) -> None:
        twenty = (seen.held_20_bpm or 0.0) / HELD_20_MIN
        forty = (seen.held_40_bpm or 0.0) / HELD_40_MIN
        self.held_bpm = max(self.held_bpm, twenty, forty)

    def _held(self) -> Floats:
        """Return the chance of each threshold rate, given what was held for 20 and 40 min."""
        given = self.given.threshold_hr_bpm
        if given is not None:
            return _near(THRESHOLD_BPM, given)
        if self._of_held is None or self._of_held[0] != self.held_bpm:
            chance: Floats = np.ones(THRESHOLD_BPM.size)
            if self.held_bpm:
                chance = _normal_cdf((LOG_THRESHOLD - math.log(self.held_bpm)) / HELD_ERROR)
            self._of_held = self.held_bpm, chance
        return self._of_held[1]

    def _bounded(self) -> tuple[Floats, Floats, Floats]:
        """Log T by threshold rate, given that the best efforts were run: moments and likelihood."""
        mean, variance = self.mean[:, T], self.covariance[:, T, T]
        likelihood: Floats = np.ones(mean.size)
        if not self.floors:
            return mean, variance, likelihood
        aged = [
            (v, FLOOR_ERROR**2 + WANDER_30_DAYS**2 * max(self.day - d, 0.0) / 30.0)
            for d, v in self.floors
            if d > self.day - FLOOR_DAYS
        ]
        value, own = max(aged, key=lambda item: item[0] - math.sqrt(item[1]), default=(-9.0, 1.0))
        spread = np.sqrt(variance + own)
        z = np.maximum((mean - value) / spread, -6.0)
        likelihood = np.maximum(_normal_cdf(z), 1e-9)
        hazard = np.exp(-0.5 * z**2) / math.sqrt(2.0 * math.pi) / likelihood
        moved = mean + variance / spread * hazard
        shrunk = variance - variance**2 / spread**2 * hazard * (hazard + z)
        return moved, np.maximum(shrunk, 1e-6), likelihood

    def _change(self, weight: Floats) -> tuple[float, float]:
        """Log of T over what it was at the last move, and its error."""
        change = self.mean[:, T] - self.mean[:, THEN]
        variance = (
            self.covariance[:, T, T]
            + self.covariance[:, THEN, THEN]
            - 2.0 * self.covariance[:, T, THEN]
        )
        mean = float(weight @ change)
        return mean, math.sqrt(max(float(weight @ (variance + (change - mean) ** 2)), 1e-8))


def has_moved(state: State) -> bool:
    """Whether the posterior says that T is not what it was when a move was last told."""
    return abs(state.change) - MOVED > MOVED_SIGMAS * state.change_error


def _near(values: Floats, given: Estimate) -> Floats:
    """Return the chance of values near one that is given; the error is at least half a step."""
    error = max(given.standard_error, 1.0)
    chance = np.exp(-0.5 * np.minimum(((values - given.value) / error) ** 2, 200.0))
    return np.asarray(chance / chance.sum())


def _row(*places: int) -> Floats:
    row = np.zeros((THRESHOLD_BPM.size, PRIOR_MEAN.size))
    row[:, places] = 1.0
    return row


OF_T, OF_REPS, OF_EASY = _row(T), _row(T, HABIT), _row(T, EASY)
OF_EASY_PAIR, OF_OPEN_PAIR = _row(T, EASY_PAIR), _row(T, OPEN_PAIR)


def _moments(chance: Floats, values: Floats) -> tuple[float, float]:
    mean = float(chance @ values)
    return mean, math.sqrt(float(chance @ (values - mean) ** 2))


def _normal_cdf(z: Floats) -> Floats:
    """Return the normal distribution function; of so few values `math` is quicker than arrays."""
    return np.array([0.5 * math.erfc(-value) for value in (z / _ROOT_2).tolist()])
