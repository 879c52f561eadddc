"""Histograms -> time in zones, time near threshold, and muscular load.

**Session effect** is the time near threshold: by heart rate at 0.92 to 1.02 of threshold heart rate
(about 80 to 89 % of the maximum: Haugen 2021, PMC8363530; Bakken's 80 to 87 %), and by
grade-adjusted speed at 0.94 to 1.07 of threshold speed (from long tempo to Bakken's ceiling for
reps of a minute). Beyond these borders time counts less and less, to nothing at 0.88 and 1.06, or
0.88 and 1.13. Heart rate comes late and stays up in recoveries, speed knows nothing of them: the
mean of the two stands for both.

**Muscular load** counts steps, each weighed by its peak vertical force: 1.2 body weights at 1.5
m/s, rising linearly to 2.5 at 6 m/s, constant above (Keller 1996, 10.1016/0268-0033(95)00068-2);
2.63 steps/s at 2.6 m/s (van Oeveren 2017, doi 10.1371/journal.pone.0184273) and about 3.0 at
5.7 m/s (PMC8523042). Tissue suffers from magnitude far more than from number (Edwards 2018, doi
10.1249/JES.0000000000000163; Firminger 2020, doi 10.1249/mss.0000000000002287), hence a power of
the force. The fourth power is an assumption of this package: no exponent is known for muscle. It
makes a kilometre at 5.4 m/s cost 2.5 times one at 3 m/s.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.records import Floats
from intervaldetect.store import Store
from intervaldetect.training.history import History, frame_of

Channel = Literal["heart_rate", "speed"]

# Shares of threshold at which a band fades in, counts in full, and fades out again: thresholds are
# known to a few percent only.
NEAR_HEART_RATE = (0.88, 0.92, 1.02, 1.06)
NEAR_SPEED = (0.88, 0.94, 1.07, 1.13)
# Threshold over highest heart rate where only the highest is known (Haugen 2021: I3 ends at 87 %).
THRESHOLD_OVER_MAX = 0.875

FORCE_EXPONENT = 4
REFERENCE_MPS = 3.0
_WALK_MPS, _WALK_FORCE, _RUN_MPS, _RUN_FORCE = 1.5, 1.2, 6.0, 2.5
_STEP_MPS, _STEPS, _MORE_STEPS = 2.6, 2.63, 0.12
# Slower than this nobody is on the way.
_STANDING_MPS = 0.5

_CHANNELS = {"heart_rate": "heart_rate_bpm", "speed": "graded_speed_dmps"}
_VALUES = {"heart_rate": "h.low", "speed": "((h.low + 0.5) / 10.0)"}
_REFERENCES = {
    "heart_rate": f"coalesce(threshold_hr_bpm, {THRESHOLD_OVER_MAX} * highest)",
    "speed": "threshold_speed_mps",
}
_HIGHEST = {
    "heart_rate": """JOIN (SELECT athlete, max(max_hr_bpm) AS highest FROM activities
        GROUP BY athlete) USING (athlete)""",
    "speed": "",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """Zones of intensity by heart rate or by speed.

    Parameters
    ----------
    name : str
        Whose scale it is, as it shall be printed.
    channel : {"heart_rate", "speed"}
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
        unit = "bpm" if self.channel == "heart_rate" else "m/s"
        if self.relative:
            of = "heart rate" if self.channel == "heart_rate" else "speed"
            told = " and ".join(f"{100.0 * border:g}" for border in self.borders)
            return f"{self.name}: borders at {told} % of threshold {of}"
        return f"{self.name}: borders at {' and '.join(f'{b:g}' for b in self.borders)} {unit}"


THREE_ZONES = ("low", "middle", "high")
BY_HEART_RATE = Scale("Seiler's three zones by heart rate", "heart_rate", (0.94, 1.0), THREE_ZONES)
"""Borders at the first threshold, 82 % of the highest heart rate (Seiler & Toennessen 2009), over
0.875 of it, and at the second."""
BY_SPEED = Scale("three zones by speed", "speed", (0.92, 1.0), THREE_ZONES)
"""The first threshold's heart rate, as speed: heart rate changes by 0.85 % with 1 % of speed."""


def step_load(speed_mps: Floats) -> Floats:
    """Return muscular load per second of running, in steps at 3 m/s.

    Parameters
    ----------
    speed_mps : array
        Grade-adjusted speed; below 0.5 m/s there is no load.
    """
    relative = _peak_force(speed_mps) / _peak_force(np.float64(REFERENCE_MPS))
    steps = _STEPS + _MORE_STEPS * (speed_mps - _STEP_MPS)
    load = np.maximum(steps, 0.0) * relative**FORCE_EXPONENT
    return np.asarray(np.where(speed_mps < _STANDING_MPS, 0.0, load), dtype=np.float64)


def _peak_force(speed_mps: Floats | np.float64) -> Floats:
    share = (np.clip(speed_mps, _WALK_MPS, _RUN_MPS) - _WALK_MPS) / (_RUN_MPS - _WALK_MPS)
    return np.asarray(_WALK_FORCE + share * (_RUN_FORCE - _WALK_FORCE), dtype=np.float64)


def effort_of(history: History) -> pl.DataFrame:
    """Return effect and load of every run.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``effect_s``, ``effect_hr_s``, ``effect_speed_s``, ``load_steps``; null where
        the channel or the threshold is not known.
    """
    with Store.open(history.folder) as store:
        by_heart = _per_run(store, history, "heart_rate", {"effect_hr_s": _near("heart_rate")})
        by_speed = _per_run(
            store,
            history,
            "speed",
            {
                "effect_speed_s": _near("speed"),
                "load_steps": (f"sum(h.seconds * {_load_sql()})", "1"),
            },
        )
    heart, running = pl.col("has_heart_rate"), pl.col("load_steps").is_not_null()
    known = pl.col("reference").is_not_null()
    by_heart = by_heart.select("activity", pl.when(known).then(pl.col("effect_hr_s").fill_null(0)))
    by_speed = by_speed.with_columns(pl.when(known).then(pl.col("effect_speed_s").fill_null(0)))
    return (
        history.runs.select("activity", "has_heart_rate")
        .join(by_heart, on="activity", how="left")
        .join(by_speed, on="activity", how="left")
        .with_columns(
            pl.when(heart).then(pl.col("effect_hr_s")),
            pl.when(running).then(pl.col("effect_speed_s")),
        )
        .select(
            "activity",
            "effect_hr_s",
            "effect_speed_s",
            "load_steps",
            effect_s=pl.mean_horizontal("effect_hr_s", "effect_speed_s"),
        )
    )


def zone_seconds(history: History, scale: Scale) -> pl.DataFrame:
    """Return seconds in each zone of a scale.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``zone`` (from 1), ``seconds``; runs without the channel, or without the
        threshold that the scale refers to, are not in it.
    """
    terms = {
        f"below_{number}": ("sum(h.seconds)", f"h.low < {limit}")
        for number, border in enumerate(scale.borders)
        for limit in [_bin(scale.channel, f"{border} * r.reference" if scale.relative else border)]
    }
    with Store.open(history.folder) as store:
        found = _per_run(
            store, history, scale.channel, {**terms, "known_s": ("sum(h.seconds)", "1")}
        )
    known = pl.col("known_s").is_not_null()
    if scale.relative:
        known &= pl.col("reference").is_not_null()
    edges = [pl.lit(0.0), *(pl.col(name).fill_null(0.0) for name in terms), pl.col("known_s")]
    zones = [(high - low).alias(str(zone)) for zone, (low, high) in enumerate(pairwise(edges), 1)]
    return (
        found.filter(known)
        .select("activity", *zones)
        .unpivot(index="activity", variable_name="zone", value_name="seconds")
        .with_columns(pl.col("zone").cast(pl.Int64))
    )


def _near(channel: Channel) -> tuple[str, str]:
    """Return the sum over the band near threshold, which fades in and out, and where it begins."""
    begin, full, fading, end = {"heart_rate": NEAR_HEART_RATE, "speed": NEAR_SPEED}[channel]
    relative = f"({_VALUES[channel]} / r.reference)"
    weight = (
        f"max(0.0, min(1.0, ({relative} - {begin}) / {full - begin:.4f},"
        f" ({end} - {relative}) / {end - fading:.4f}))"
    )
    return f"sum({weight} * h.seconds)", f"h.low >= {_bin(channel, f'{begin} * r.reference')}"


def _bin(channel: Channel, value: object) -> str:
    """Return the bin of a histogram at which a heart rate or a speed stands."""
    return f"{value}" if channel == "heart_rate" else f"({value} * 10.0 - 0.5)"


def _load_sql() -> str:
    """Return `step_load` of a bin as an SQL expression."""
    speed = _VALUES["speed"]
    slope = (_RUN_FORCE - _WALK_FORCE) / (_RUN_MPS - _WALK_MPS)
    force = (
        f"({_WALK_FORCE} + {slope} * (min(max({speed}, {_WALK_MPS}), {_RUN_MPS}) - {_WALK_MPS}))"
    )
    reference = float(_peak_force(np.float64(REFERENCE_MPS)))
    steps = f"max({_STEPS} + {_MORE_STEPS} * ({speed} - {_STEP_MPS}), 0.0)"
    return f"({speed} >= {_STANDING_MPS}) * {steps} * " + " * ".join(
        [f"({force} / {reference})"] * FORCE_EXPONENT
    )


def _per_run(
    store: Store, history: History, channel: Channel, terms: dict[str, tuple[str, str]]
) -> pl.DataFrame:
    """Evaluate aggregates over the histogram of every activity.

    ``terms`` maps a name to an aggregate over ``h`` and to the condition on the bins it needs;
    ``r.reference`` is the threshold of the activity, which may be null.
    """
    asked = ", ".join(
        f"(SELECT {aggregate} FROM histograms h WHERE h.activity = r.activity"  # noqa: S608 - as below
        f" AND h.channel = '{_CHANNELS[channel]}' AND {condition}) AS {name}"
        for name, (aggregate, condition) in terms.items()
    )
    sql = f"""WITH r AS MATERIALIZED (
            SELECT activity, {_REFERENCES[channel]} AS reference FROM activities {_HIGHEST[channel]}
            WHERE {{whose}})
        SELECT r.activity, r.reference, {asked} FROM r"""  # noqa: S608 - names and numbers made here
    schema = {"activity": pl.Int64, "reference": pl.Float64, **dict.fromkeys(terms, pl.Float64)}
    return frame_of(store, sql, schema, athlete=history.athlete)
