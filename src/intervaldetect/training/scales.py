"""Histograms -> time in zones, time near threshold, and muscular load.

**Session effect** is the time near threshold: by heart rate at 0.94 to 1.02 of threshold heart rate
(about 82 to 89 % of the maximum: Haugen 2021, PMC8363530; Bakken's 80 to 87 %), and by
grade-adjusted speed at 0.94 to 1.07 of threshold speed (from long tempo to Bakken's ceiling for
reps of a minute). Beyond these borders time counts less and less, to nothing at 0.92 and 1.06, or
0.88 and 1.13. Heart rate comes late and stays up in recoveries, speed knows nothing of them: the
mean of the two stands for both.

**Muscular load** is counted while the file is open, from ground speed and grade: see
`intervaldetect.output.curves.step_load`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.bins import bins_of
from intervaldetect.training.critical import critical_speeds
from intervaldetect.training.history import History
from intervaldetect.training.query import frame_of

Channel = Literal["heart_rate", "speed", "critical_speed"]

# Shares of threshold at which a band fades in, counts in full, and fades out again: thresholds are
# known to a few percent only.
NEAR_HEART_RATE = (0.92, 0.94, 1.02, 1.06)
NEAR_SPEED = (0.88, 0.94, 1.07, 1.13)
# Threshold over highest heart rate where only the highest is known (Haugen 2021: I3 ends at 87 %).
THRESHOLD_OVER_MAX = 0.875
# Ours. Speeds above this share of threshold speed count as this in a load.
MOST_RELATIVE = 1.3

_CHANNELS = {
    "heart_rate": "heart_rate_bpm",
    "speed": "graded_speed_dmps",
    "critical_speed": "graded_speed_dmps",
    "load": "load_steps",
}
Sums = dict[str, pl.Expr]


@dataclass(frozen=True, slots=True)
class Scale:
    """Zones of intensity by heart rate or by speed.

    Parameters
    ----------
    name : str
        Whose scale it is, as it shall be printed.
    channel : {"heart_rate", "speed", "critical_speed"}
        The last is speed as well, its borders shares of critical speed.
    borders : tuple of float
        k - 1 ascending borders of k zones; a value on a border belongs to the zone above.
    zones : tuple of str
        Names of the k zones, from low to high.
    relative : bool
        Whether borders are shares of the athlete's threshold; else they are bpm or m/s.

    Raises
    ------
    ParameterError
        Borders that do not ascend, or that do not part the zones.
    """

    name: str
    channel: Channel
    borders: tuple[float, ...]
    zones: tuple[str, ...]
    relative: bool = True

    def __post_init__(self) -> None:
        rising = all(low < high for low, high in pairwise(self.borders))
        if not rising or len(self.zones) != len(self.borders) + 1:
            raise ParameterError("borders", self.borders, "ascending, one fewer than zones")

    def described(self) -> str:
        """Return the name with the borders."""
        if self.relative:
            of = {
                "heart_rate": "threshold heart rate",
                "speed": "threshold speed",
                "critical_speed": "critical speed",
            }[self.channel]
            told = " and ".join(f"{100.0 * border:g}" for border in self.borders)
            return f"{self.name}: borders at {told} % of {of}"
        if self.channel == "heart_rate":
            told, unit = " and ".join(f"{border:g}" for border in self.borders), "bpm"
        else:
            told = " and ".join(f"{border:.3g}" for border in self.borders)
            unit = f"m/s ({' and '.join(_pace(border) for border in self.borders)} per km)"
        return f"{self.name} ({' / '.join(self.zones)}): borders at {told} {unit}"


def _pace(speed_mps: float) -> str:
    minutes, seconds = divmod(round(1000.0 / speed_mps), 60)
    return f"{minutes}:{seconds:02d}"


THREE_ZONES = ("low", "middle", "high")
BY_HEART_RATE = Scale("Seiler's three zones by heart rate", "heart_rate", (0.94, 1.0), THREE_ZONES)
"""Borders at the first threshold, 82 % of the highest heart rate (Seiler & Toennessen 2009), over
0.875 of it, and at the second."""
BY_SPEED = Scale("three zones by speed", "speed", (0.92, 1.0), THREE_ZONES)
"""The first threshold's heart rate, as speed: heart rate changes by 0.85 % with 1 % of speed."""
BY_CRITICAL_SPEED = Scale(
    "three zones by critical speed", "critical_speed", (0.823, 1.0), THREE_ZONES
)
"""Of Muniz-Pumares 2025 (doi 10.1007/s40279-024-02137-7); see `critical`."""


def effort_of(history: History) -> pl.DataFrame:
    """Return effect and load of every run.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``effect_s``, ``effect_hr_s``, ``effect_speed_s``, ``load_steps``; null where
        the channel or the threshold is not known.
    """
    runs = _with_thresholds(history)
    found = _summed(
        history,
        runs,
        heart_rate={"effect_hr_s": _near("heart_rate")},
        speed={"effect_speed_s": _near("speed")},
        load={"load_steps": _ALL},
    )
    heart, running = pl.col("has_heart_rate"), pl.col("load_steps").is_not_null()
    return (
        history.runs.select("activity", "has_heart_rate")
        .join(found, on="activity", how="left", maintain_order="left")
        .with_columns(
            pl.when(heart & pl.col("heart_rate").is_not_null()).then(
                pl.col("effect_hr_s").fill_null(0.0)
            ),
            pl.when(running & pl.col("speed").is_not_null()).then(
                pl.col("effect_speed_s").fill_null(0.0)
            ),
        )
        .select(
            "activity",
            "effect_hr_s",
            "effect_speed_s",
            "load_steps",
            effect_s=pl.mean_horizontal("effect_hr_s", "effect_speed_s"),
        )
    )


def load_terms(history: History) -> pl.DataFrame:
    """Return load by speed and by heart rate, 100 for an hour at threshold, and muscular load.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``by_speed``, ``by_hr`` (only where the former is null), ``load_steps``; null
        where the channel, or the threshold, is not known.
    """
    found = _summed(
        history,
        _with_thresholds(history),
        speed={"by_speed": _power("speed", 4)},
        load={"load_steps": _ALL},
    )
    slow = found.filter(pl.col("by_speed").is_null())
    by_hr = _by_run(
        bins_of(history, _CHANNELS["heart_rate"], among=slow).join(slow, on="activity"),
        {"by_hr": _power("heart_rate", 5)},
    )
    return found.join(by_hr, on="activity", how="left", maintain_order="left").select(
        "activity", "by_speed", "by_hr", "load_steps"
    )


def _power(channel: Channel, exponent: int) -> pl.Expr:
    """Return the sum of seconds by a power of the value over threshold, 36 s of it being 1."""
    low = pl.col("low")
    value = pl.int_ranges(low, low + pl.col("seconds").list.len()).cast(pl.List(pl.Float64))
    if channel != "heart_rate":
        value = (value + 0.5) / 10.0
    raised = pl.col("seconds")
    for _ in range(exponent):
        raised = raised * value
    most = _first(_bin(channel, MOST_RELATIVE * pl.col(channel)))
    below = raised.list.slice(0, most).list.sum() / pl.col(channel).pow(exponent)
    above = pl.col("seconds").list.slice(most).list.sum() * MOST_RELATIVE**exponent
    return pl.when(pl.col(channel).is_not_null()).then(below + above) / 36.0


def zone_seconds(history: History, *scales: Scale) -> pl.DataFrame:
    """Return seconds in each zone of one scale or several.

    Returns
    -------
    polars.DataFrame
        ``scale`` (its position, from 0), ``activity``, ``zone`` (from 1), ``seconds``; runs
        without the channel, or without the threshold that a scale refers to, are not in it.
    """
    channels = {_CHANNELS[scale.channel]: scale.channel for scale in scales}
    sums: dict[str, Sums] = {channel: {f"known_{name}": _ALL} for name, channel in channels.items()}
    for number, scale in enumerate(scales):
        mine = sums[channels[_CHANNELS[scale.channel]]]
        for border, value in enumerate(scale.borders):
            limit = value * pl.col(scale.channel) if scale.relative else pl.lit(value)
            mine[f"above_{number}_{border}"] = _above(_bin(scale.channel, limit))
    found = _summed(history, _with_thresholds(history, critical=True), **sums)
    return pl.concat([_zones(found, number, scale) for number, scale in enumerate(scales)])


def _zones(found: pl.DataFrame, number: int, scale: Scale) -> pl.DataFrame:
    whole = f"known_{_CHANNELS[scale.channel]}"
    known = pl.col(whole).is_not_null()
    if scale.relative:
        known &= pl.col(scale.channel).is_not_null()
    above = [pl.col(f"above_{number}_{n}").fill_null(0.0) for n in range(len(scale.borders))]
    edges = [pl.col(whole), *above, pl.lit(0.0)]
    zones = [(low - high).alias(str(zone)) for zone, (low, high) in enumerate(pairwise(edges), 1)]
    return (
        found.filter(known)
        .select("activity", *zones)
        .unpivot(index="activity", variable_name="zone", value_name="seconds")
        .select(pl.lit(number).alias("scale"), "activity", pl.col("zone").cast(pl.Int64), "seconds")
    )


def _near(channel: Channel) -> pl.Expr:
    """Return the seconds in the band near threshold, which fades in and out.

    A share that rises from 0 to 1 between two bins is what lies above the first, less what lies
    above the second, over the bins between.
    """
    shares = {"heart_rate": NEAR_HEART_RATE, "speed": NEAR_SPEED}[channel]
    begin, full, fading, end = (_bin(channel, share * pl.col(channel)) for share in shares)
    rising = (_over(begin) - _over(full)) / (full - begin)
    falling = (_over(fading) - _over(end)) / (end - fading)
    return rising - falling


_ALL = pl.col("seconds").list.sum()


def _first(limit: pl.Expr) -> pl.Expr:
    """Return the place in a list of the first bin at or above a limit."""
    # Where there is no limit, who asks leaves the sum out; old polars cannot slice at null.
    return (limit - pl.col("low")).ceil().clip(0.0).fill_null(0.0).cast(pl.Int64)


def _above(limit: pl.Expr) -> pl.Expr:
    """Return the seconds in bins at or above a limit."""
    return pl.col("seconds").list.slice(_first(limit)).list.sum()


def _over(limit: pl.Expr) -> pl.Expr:
    """Return the seconds in bins above a limit, each times how many bins above it is."""
    moment = pl.col("moment").list.slice(_first(limit)).list.sum()
    return moment + (pl.col("low") - limit) * _above(limit)


def _bin(channel: Channel, value: pl.Expr) -> pl.Expr:
    """Return the bin of a histogram at which a heart rate or a speed stands."""
    return value if channel == "heart_rate" else value * 10.0 - 0.5


def _with_thresholds(history: History, *, critical: bool = False) -> pl.DataFrame:
    """Return the thresholds of every run: ``heart_rate``, ``speed`` and ``critical_speed``."""
    runs = history.runs.select(
        "activity", "athlete", "monday", heart_rate="threshold_hr_bpm", speed="threshold_speed_mps"
    )
    if critical:
        runs = runs.join(critical_speeds(history), on=["athlete", "monday"], how="left").rename(
            {"critical_speed_mps": "critical_speed"}
        )
    if runs["heart_rate"].null_count():
        with Store.open(history.folder) as store:
            runs = _with_highest(runs, store)
    return runs.drop("athlete", "monday")


def _summed(history: History, runs: pl.DataFrame, **sums: Sums) -> pl.DataFrame:
    """Sum over the bins of every run.

    Parameters
    ----------
    history : History
    runs : polars.DataFrame
        Of `_with_thresholds`.
    **sums : dict of polars.Expr
        By channel, sums over a row of `bins_of` with the thresholds.

    Returns
    -------
    polars.DataFrame
        The columns of ``runs``, then the sums; null where a run has no such channel.
    """
    for channel, mine in sums.items():
        bins = bins_of(history, _CHANNELS[channel]).join(
            runs, on="activity", how="left", maintain_order="left"
        )
        runs = runs.join(_by_run(bins, mine), on="activity", how="left", maintain_order="left")
    return runs


def _by_run(bins: pl.DataFrame, sums: Sums) -> pl.DataFrame:
    """Sum what rows of `bins_of` come to, by run; null where none is known."""
    known = [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in sums
    ]
    return bins.select("activity", **sums).group_by("activity").agg(known)


def _with_highest(runs: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Let the highest heart rate of all an athlete's activities stand for an unknown threshold."""
    sql = "SELECT athlete, max(max_hr_bpm) FROM activities GROUP BY athlete"
    highest = frame_of(store, sql, {"athlete": pl.String, "highest": pl.Float64})
    return runs.join(highest, on="athlete", how="left").with_columns(
        heart_rate=pl.coalesce("heart_rate", THRESHOLD_OVER_MAX * pl.col("highest"))
    )
