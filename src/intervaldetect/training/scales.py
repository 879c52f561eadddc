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

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.critical import critical_speeds
from intervaldetect.training.history import History, frame_of

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
_VALUES = {"heart_rate": "h.low", "speed": "((h.low + 0.5) / 10.0)"}


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
    found = _per_run(
        history,
        _Term("effect_hr_s", "heart_rate", *_near("heart_rate")),
        _Term("effect_speed_s", "speed", *_near("speed")),
        _Term("load_steps", "load", "sum(h.seconds)"),
    )
    heart, running = pl.col("has_heart_rate"), pl.col("load_steps").is_not_null()
    return (
        history.runs.select("activity", "has_heart_rate")
        .join(found, on="activity", how="left")
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


_NO_SPEED = (
    "(r.speed IS NULL OR NOT EXISTS (SELECT 1 FROM histograms s WHERE s.activity = r.activity"  # noqa: S608 - texts made here
    f" AND s.channel = '{_CHANNELS['speed']}'))"
)


def load_terms(history: History) -> pl.DataFrame:
    """Return load by speed and by heart rate, 100 for an hour at threshold, and muscular load.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``by_speed``, ``by_hr`` (only where the former is null), ``load_steps``; null
        where the channel, or the threshold, is not known.
    """
    found = _per_run(
        history,
        _Term("by_speed", "speed", _power("speed", 4)),
        _Term("by_hr", "heart_rate", _power("heart_rate", 5), where=_NO_SPEED),
        _Term("load_steps", "load", "sum(h.seconds)"),
    )
    return found.select("activity", "by_speed", "by_hr", "load_steps")


def _power(channel: Channel, exponent: int) -> str:
    """Return the sum of seconds by a power of the value over threshold, 36 s of it being 1.

    The power of threshold stands before the sum: there are a hundred bins for each.
    """
    value, most = _VALUES[channel], f"{MOST_RELATIVE} * r.{channel}"
    power = " * ".join([value] * exponent)
    below = " * ".join([f"r.{channel}"] * exponent)
    slow = f"sum(iif({value} < {most}, {power} * h.seconds, 0.0)) / ({below})"
    fast = f"sum(iif({value} < {most}, 0.0, h.seconds)) * {MOST_RELATIVE**exponent!r}"
    return f"({slow} + {fast}) / 36.0"


def zone_seconds(history: History, *scales: Scale) -> pl.DataFrame:
    """Return seconds in each zone of one scale or several.

    Returns
    -------
    polars.DataFrame
        ``scale`` (its position, from 0), ``activity``, ``zone`` (from 1), ``seconds``; runs
        without the channel, or without the threshold that a scale refers to, are not in it.
    """
    # Time above a border is looked up faster than time below: most of a history is easy.
    # And what is known of a channel is the same for all of its scales.
    channels = {_CHANNELS[scale.channel]: scale.channel for scale in scales}
    terms = [
        _Term(f"known_{name}", channel, "sum(h.seconds)") for name, channel in channels.items()
    ]
    for number, scale in enumerate(scales):
        for border, value in enumerate(scale.borders):
            limit = f"{value} * r.{scale.channel}" if scale.relative else value
            condition = f"h.low >= {_bin(scale.channel, limit)}"
            terms.append(
                _Term(f"above_{number}_{border}", scale.channel, "sum(h.seconds)", condition)
            )
    found = _per_run(history, *terms)
    parts = [_zones(found, number, scale) for number, scale in enumerate(scales)]
    return pl.concat(parts)


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


def _near(channel: Channel) -> tuple[str, str]:
    """Return the sum over the band near threshold, which fades in and out, and where it begins."""
    begin, full, fading, end = {"heart_rate": NEAR_HEART_RATE, "speed": NEAR_SPEED}[channel]
    relative = f"({_VALUES[channel]} / r.{channel})"
    weight = (
        f"CASE WHEN {relative} < {full} THEN ({relative} - {begin}) / {full - begin:.4f}"
        f" WHEN {relative} <= {fading} THEN 1.0"
        f" ELSE max(({end} - {relative}) / {end - fading:.4f}, 0.0) END"
    )
    lowest = _bin(channel, f"{begin} * r.{channel}")
    return f"sum(({weight}) * h.seconds)", f"h.low > {lowest}"


def _bin(channel: Channel, value: object) -> str:
    """Return the bin of a histogram at which a heart rate or a speed stands."""
    return f"{value}" if channel == "heart_rate" else f"({value} * 10.0 - 0.5)"


class _Term(NamedTuple):
    """An aggregate over the bins ``h`` of one channel, the condition on the bins it needs.

    ``where`` says for which runs ``r`` it is wanted, by default for all.
    """

    name: str
    channel: Channel | Literal["load"]
    aggregate: str
    condition: str = "1"
    where: str = ""

    def sql(self) -> str:
        """Return it as an expression for one run ``r``."""
        found = (
            f"(SELECT {self.aggregate} FROM histograms h WHERE h.activity = r.activity"  # noqa: S608 - texts made here
            f" AND h.channel = '{_CHANNELS[self.channel]}' AND {self.condition})"
        )
        return (
            f"{f'CASE WHEN {self.where} THEN {found} END' if self.where else found} AS {self.name}"
        )


def _per_run(history: History, *terms: _Term) -> pl.DataFrame:
    """Evaluate aggregates over the histograms of every activity.

    Returns
    -------
    polars.DataFrame
        ``activity``, the thresholds ``heart_rate`` and ``speed`` that ``r`` holds, its
        ``critical_speed`` where a term asks for it, and the terms.
    """
    asked = {term.channel for term in terms}
    runs = history.runs.select(
        "activity", "athlete", "monday", heart_rate="threshold_hr_bpm", speed="threshold_speed_mps"
    )
    if "critical_speed" in asked:
        runs = runs.join(critical_speeds(history), on=["athlete", "monday"], how="left").rename(
            {"critical_speed_mps": "critical_speed"}
        )
    names = [name for name in ("heart_rate", "speed", "critical_speed") if name in runs.columns]
    # The runs go to SQLite as one text and not by a join, which has no index to go by.
    given = ", ".join(
        f"json_extract(value, '$[{place}]') AS {name}"
        for place, name in enumerate(("activity", *names))
    )
    sql = f"""WITH r AS MATERIALIZED (SELECT {given} FROM json_each(?))
        SELECT r.activity, {", ".join(term.sql() for term in terms)} FROM r"""  # noqa: S608 - texts made here
    schema = {"activity": pl.Int64, **dict.fromkeys((term.name for term in terms), pl.Float64)}
    with Store.open(history.folder) as store:
        if runs["heart_rate"].null_count():
            runs = _with_highest(runs, store)
        told = runs.select("activity", *names)
        return told.join(
            frame_of(store, sql, schema, json.dumps(told.rows())), on="activity", how="left"
        )


def _with_highest(runs: pl.DataFrame, store: Store) -> pl.DataFrame:
    """Let the highest heart rate of all an athlete's activities stand for an unknown threshold."""
    sql = "SELECT athlete, max(max_hr_bpm) FROM activities GROUP BY athlete"
    highest = frame_of(store, sql, {"athlete": pl.String, "highest": pl.Float64})
    return runs.join(highest, on="athlete", how="left").with_columns(
        heart_rate=pl.coalesce("heart_rate", THRESHOLD_OVER_MAX * pl.col("highest"))
    )
