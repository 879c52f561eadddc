"""A store -> the frames that every training view starts from: runs with local days, and their reps.

Nothing is kept between two calls: what a batch has just changed is seen at once. SQLite does the
selecting, polars the rest, so that a history of 10,000 activities loads in a fraction of a second.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.column import SAID, known_sum
from intervaldetect.training.columns import REPS, RUNS, shaped
from intervaldetect.training.query import Schema, frame_of

# What a store calls a run; files that name no sport count as one.
RUNNING = ("running", "generic")
# A store notes with this code that the zone, not the file, told an activity's local time.
ZONE_PROBLEM = "local_time_from_zone"
HISTORY_PROBLEM = "local_time_from_history"
# Heart rate rises towards its end 8 s late with a time constant of 33 s (measured on real files).
HR_DELAY_S, HR_TAU_S = 8.0, 33.0
# Families of reps by their length in seconds; the last of a family still belongs to it. Lengths are
# those of plans, with room for what a watch adds.
REP_FAMILIES = {"1_2_min": (45.0, 130.0), "2_5_min": (130.0, 330.0), "6_12_min": (330.0, 750.0)}
# Ours. Shorter reps say too little of where the heart rate would settle.
SETTLING_S = 40.0

_RUN_SQL = """
    SELECT activity, athlete, path, name, sport, start_time, utc_offset_s, elapsed_s, timer_s,
        distance_m, temperature_c, heat_flag, label, kind, p_easy, p_threshold, p_vo2, workout,
        threshold_speed_mps, threshold_hr_bpm, max_hr_bpm,
        EXISTS (SELECT 1 FROM histogram_parts h
                WHERE h.activity = a.activity AND h.channel = 'heart_rate_bpm'),
        coalesce(runner_rpe, device_rpe), CASE WHEN runner_rpe IS NOT NULL THEN 'runner'
            WHEN device_rpe IS NOT NULL THEN 'device' END,
        device_feel, runner_feeling, runner_note, runner_lactate, device_recovery_hr_bpm, durability
    FROM activities a WHERE (sport IS NULL OR sport IN ({sports})) AND {whose}"""
_RUN_SCHEMA: Schema = {
    "activity": pl.Int64, "athlete": pl.String, "path": pl.String, "name": pl.String,
    "sport": pl.String, "start_time": pl.String, "utc_offset_s": pl.Float64,
    "elapsed_s": pl.Float64, "timer_s": pl.Float64, "distance_m": pl.Float64,
    "temperature_c": pl.Float64, "heat_flag": pl.Int64, "label": pl.String, "kind": pl.String,
    "p_easy": pl.Float64, "p_threshold": pl.Float64, "p_vo2": pl.Float64, "workout": pl.String,
    "threshold_speed_mps": pl.Float64, "threshold_hr_bpm": pl.Float64, "max_hr_bpm": pl.Float64,
    "has_heart_rate": pl.Int64, **{name: kind for name, (kind, _) in SAID.items()},
}  # fmt: skip

_REP_LISTS: Schema = {
    "set": pl.Int64, "rep": pl.Int64, "start_s": pl.Float64, "end_s": pl.Float64,
    "moving_s": pl.Float64, "distance_m": pl.Float64, "speed_mps": pl.Float64,
    "adjusted_speed_mps": pl.Float64, "mean_hr_bpm": pl.Float64, "end_hr_bpm": pl.Float64,
    "hr_drop_30s_bpm": pl.Float64, "hr_drop_60s_bpm": pl.Float64, "start_hr_bpm": pl.Float64,
}  # fmt: skip
_LISTED_AS = {
    "set": "set_number", "rep": "rep_number", "speed_mps": "mean_speed_mps",
    "adjusted_speed_mps": "grade_adjusted_speed_mps",
}  # fmt: skip
"""Columns of `rep_lists` that go by another name there."""
_TIMES = ("set", "start_s", "end_s", "moving_s", "distance_m")
_SET_SQL = """
    SELECT activity, set_number, count, blocks, rep_basis, rep_distance_m, label, p_easy,
        p_threshold, p_vo2, count(*) OVER (PARTITION BY activity)
    FROM sets WHERE {whose}"""
_SET_SCHEMA: Schema = {
    "activity": pl.Int64, "set": pl.Int64, "count": pl.Int64, "blocks": pl.Int64,
    "rep_basis": pl.String, "rep_distance_m": pl.Float64, "set_label": pl.String,
    "set_p_easy": pl.Float64, "set_p_threshold": pl.Float64, "set_p_vo2": pl.Float64,
    "sets": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class History:
    """The runs of one athlete, or of all in a store.

    Attributes
    ----------
    runs : polars.DataFrame
        One row a run, by athlete and time; columns as in ``columns.RUNS``.
    remarks : tuple of str
        One sentence for everything that limits what the tables can say.
    folder : Path
        The store.
    athlete : str or None
        None is all of them; no table ever mixes two.
    """

    runs: pl.DataFrame
    remarks: tuple[str, ...]
    folder: Path
    athlete: str | None

    @cached_property
    def reps(self) -> pl.DataFrame:
        """One row a rep or tempo, by activity and time; columns as in ``columns.REPS``.

        Read from the store when first asked for.
        """
        told = self._pieces(*_REP_LISTS).with_columns(
            pl.coalesce("adjusted_speed_mps", "speed_mps"), settled_hr_bpm=settled_heart_rate()
        )
        return shaped(_reps(self._sets, told, self.runs), REPS)

    @cached_property
    def work(self) -> pl.DataFrame:
        """One row a set, summed over its reps, without what only single reps say.

        ``activity``, ``set``, ``label`` (as in `reps`), ``seconds``, ``distance_m`` (null where
        none is known), ``known_s`` (seconds of reps with a distance), ``longest_s``,
        ``recovery_s``, and ``NAME_s``, the seconds of each family of ``REP_FAMILIES``.
        """
        seconds, start, end = pl.col("seconds"), pl.col("start_s"), pl.col("end_s")
        families = {
            f"{name}_s": seconds.filter((seconds > low) & (seconds <= high)).sum()
            for name, (low, high) in REP_FAMILIES.items()
        }
        summed = (
            self._pieces(*_TIMES)
            .group_by("activity", "set", maintain_order=True)
            .agg(
                seconds.sum(),
                known_sum(pl.col("distance_m")),
                known_s=seconds.filter(pl.col("distance_m").is_not_null()).sum(),
                longest_s=seconds.max(),
                recovery_s=start.sum() - start.min() - end.sum() + end.max(),
                **families,
            )
        )
        return (
            summed.join(self._sets, on=["activity", "set"], how="left", maintain_order="left")
            .join(
                self.runs.select("activity", "label"),
                on="activity",
                how="inner",
                maintain_order="left",
            )
            .select(*summed.columns, label=_label())
        )

    def _pieces(self, *names: str) -> pl.DataFrame:
        """Return one row a rep, by activity and number: ``_TIMES``, ``seconds`` and more."""
        schema = {"activity": pl.Int64, **dict.fromkeys(names, pl.String)}
        listed = ", ".join(_LISTED_AS.get(name, name) for name in names)
        sql = f"SELECT activity, {listed} FROM rep_lists WHERE {{whose}}"  # noqa: S608 - own names
        with Store.open(self.folder) as store:
            told = frame_of(store, sql, schema, athlete=self.athlete, key="activity")
        lists = [pl.col(name).str.json_decode(pl.List(_REP_LISTS[name])) for name in names]
        moving, start, end = pl.col("moving_s"), pl.col("start_s"), pl.col("end_s")
        return (
            told.sort("activity")
            .with_columns(lists)
            .explode(*names)
            .with_columns(
                pl.col("activity").set_sorted(),
                pl.col("set").fill_null(1),
                seconds=pl.when(moving != 0.0).then(moving).otherwise(end - start),
            )
            .drop("moving_s")
        )

    @cached_property
    def _sets(self) -> pl.DataFrame:
        """One row a set, with its label."""
        with Store.open(self.folder) as store:
            return frame_of(store, _SET_SQL, _SET_SCHEMA, athlete=self.athlete, key="activity")


def read_history(
    folder: str | os.PathLike[str], *, athlete: str | None = None, timezone: str | None = None
) -> History:
    """Read what the training views need from a store.

    Parameters
    ----------
    folder : path
        A store as `run_batch` leaves it.
    athlete : str, optional
        Only this one; by default all, each for themselves.
    timezone : str, optional
        IANA name for runs whose local time is not known. Without it they count in UTC, and a
        remark says so.

    Returns
    -------
    History
        Without rows, and with a remark that says why, where the store holds no run.

    Raises
    ------
    StoreError
        There is no store, or it is unusable, or a newer version made it.
    ParameterError
        The store has no such athlete, or there is no such zone.
    """
    if timezone is not None:
        _check_zone(timezone)
    with Store.open(folder) as store:
        known = store.athletes()
        if athlete is not None and athlete not in known:
            allowed = " or ".join(known) or "left out, as the store is empty"
            raise ParameterError("athlete", athlete, allowed)
        runs = _runs(store, athlete, timezone)
        remarks = _remarks(store, athlete, runs, timezone)
    return History(runs, tuple(remarks), Path(folder), athlete)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ParameterError("timezone", name, "an IANA name such as Europe/Oslo") from error


# --- runs ----------------------------------------------------------------------------------------


def _runs(store: Store, athlete: str | None, timezone: str | None) -> pl.DataFrame:
    sql = _RUN_SQL.replace("{sports}", ", ".join(f"'{name}'" for name in RUNNING))
    # Sorted here: in SQL, the order would keep it from the index that has all of this in brief.
    told = frame_of(store, sql, _RUN_SCHEMA, athlete=athlete).sort(
        "athlete", "start_time", "activity"
    )
    sql = "SELECT activity FROM problems WHERE code = ? AND {whose}"
    by_zone = frame_of(
        store, sql, {"activity": pl.Int64}, ZONE_PROBLEM, athlete=athlete, key="activity"
    ).unique()
    by_history = frame_of(
        store, sql, {"activity": pl.Int64}, HISTORY_PROBLEM, athlete=athlete, key="activity"
    ).unique()
    told = told.join(by_zone.with_columns(by_zone=True), on="activity", how="left")
    told = told.join(by_history.with_columns(by_history=True), on="activity", how="left")
    start = pl.col("start_time").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"
    )
    told = told.with_columns(start, pl.col("heat_flag", "has_heart_rate").cast(pl.Boolean))
    clock = pl.col("start_time").dt.replace_time_zone(None)
    recorded = clock + pl.duration(milliseconds=pl.col("utc_offset_s") * 1000.0, time_unit="ms")
    elsewhere = (
        clock
        if timezone is None
        else pl.col("start_time").dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    )
    source = (
        pl.when(pl.col("utc_offset_s").is_null())
        .then(pl.lit("utc" if timezone is None else "zone"))
        .when(pl.col("by_zone"))
        .then(pl.lit("zone"))
        .when(pl.col("by_history"))
        .then(pl.lit("history"))
        .otherwise(pl.lit("file"))
    )
    told = told.with_columns(
        pl.coalesce(recorded, elsewhere).alias("local_start"), source.alias("local_time_from")
    )
    return shaped(with_weeks(told.with_columns(day=pl.col("local_start").dt.date())), RUNS)


def with_weeks(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the ISO week and its Monday to a frame with local days."""
    return frame.with_columns(
        week=pl.col("day").dt.strftime("%G-W%V"), monday=pl.col("day").dt.truncate("1w")
    )


# --- reps ----------------------------------------------------------------------------------------


def _reps(sets: pl.DataFrame, reps: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Pair every rep with its recovery and its set, and say which label holds for it."""
    odds = ("p_easy", "p_threshold", "p_vo2")
    reps = (
        reps.with_columns(pl.col("rep").fill_null(1))
        .with_columns(
            recovery_s=pl.col("start_s").shift(-1).over("activity", "set") - pl.col("end_s"),
        )
        .join(sets, on=["activity", "set"], how="left")
        .join(runs.select("activity", "label", *odds), on="activity", how="inner")
        .sort("activity", "start_s")
    )
    per_block = pl.col("count") // pl.col("blocks")
    at_end = (pl.col("blocks") > 1) & (pl.col("rep") % per_block == 0)
    return reps.with_columns(
        between_blocks=at_end.fill_null(value=False),
        count=pl.col("count").fill_null(pl.len().over("activity", "set")),
        label=_label(),
        **{name: pl.coalesce(f"set_{name}", name) for name in odds},
    )


def _label() -> pl.Expr:
    """Return the label that holds for a set of a run."""
    judged = pl.col("set_p_threshold").is_not_null() & (pl.col("sets") > 1)
    # A set knows less than its session: what was easy as a whole has no hard set.
    return (
        pl.when(pl.col("label") == "easy")
        .then(pl.col("label"))
        .when(judged)
        .then(pl.col("set_label"))
        .otherwise(pl.coalesce("set_label", "label"))
    )


def settled_heart_rate() -> pl.Expr:
    """Carry the end heart rate of a rep on to where it would settle at that speed."""
    reached = 1.0 - (-(pl.col("seconds") - HR_DELAY_S) / HR_TAU_S).exp()
    rise = (pl.col("end_hr_bpm") - pl.col("start_hr_bpm")).clip(lower_bound=0.0).fill_null(0.0)
    settled = pl.col("end_hr_bpm") + rise * (1.0 / reached - 1.0)
    return pl.when(pl.col("seconds") >= SETTLING_S).then(settled).otherwise(pl.col("end_hr_bpm"))


# --- what limits it ------------------------------------------------------------------------------


def _remarks(
    store: Store, athlete: str | None, runs: pl.DataFrame, timezone: str | None
) -> list[str]:
    """Say what is missing; nothing is said of what is complete."""
    sql = "SELECT coalesce(sport, 'unknown'), count(*) FROM activities WHERE {whose} GROUP BY 1"
    counted = frame_of(store, sql, {"sport": pl.String, "count": pl.Int64}, athlete=athlete)
    sports = Counter(dict(counted.iter_rows()))
    if not sports:
        return [f"{store.folder} holds no activity yet: intervaldetect batch FOLDER -o STORE."]
    if runs.is_empty():
        told = ", ".join(f"{count} {sport}" for sport, count in sports.most_common())
        return [f"{store.folder} holds {sports.total()} activities, none of them a run ({told})."]
    found = [*_about_time(runs, timezone), *_about_channels(runs)]
    unlabelled = int(runs["label"].is_null().sum())
    if unlabelled:
        found.append(
            f"{unlabelled} of {runs.height} runs {'has' if unlabelled == 1 else 'have'} no label:"
            " too close to call; counted separately."
        )
    makers = store.query(
        "SELECT count(DISTINCT substr(made_by, 1, instr(made_by || ' ', ' ') - 1)) FROM activities"
    )[0][0]
    if makers > 1:
        found.append(
            f"{makers} versions of the analysis made this store; run batch again to renew it."
        )
    return found


def _about_time(runs: pl.DataFrame, timezone: str | None) -> list[str]:
    counts = dict(runs["local_time_from"].value_counts().iter_rows())
    parts = {
        "file": f"{counts.get('file', 0)} from the file",
        "history": f"{counts.get('history', 0)} as in other runs of those days",
        "zone": f"{counts.get('zone', 0)} from the zone {timezone or 'given to the batch'}",
    }
    found = []
    if known := [text for name, text in parts.items() if counts.get(name)]:
        found.append(f"Local time: {', '.join(known)}.")
    if utc := counts.get("utc", 0):
        runs_are = (
            "1 run has no time zone and is" if utc == 1 else f"{utc} runs have no time zone and are"
        )
        found.append(f"{runs_are} shown in UTC; set --timezone, such as Europe/Oslo.")
    return found


def _about_channels(runs: pl.DataFrame) -> list[str]:
    found = []
    without = int((~runs["has_heart_rate"]).sum())
    if without == runs.height:
        found.append(
            "No run has a heart rate: no intensity by heart rate, no pace at equal heart rate;"
            " effect is based on speed alone."
        )
    elif without:
        found.append(
            f"{without} of {runs.height} runs {'has' if without == 1 else 'have'} no heart rate."
        )
    if runs["threshold_speed_mps"].is_null().all():
        found.append("No threshold pace is known, so there is no intensity by speed.")
    if runs["threshold_hr_bpm"].is_null().all() and without < runs.height:
        found.append(
            "No threshold heart rate is known: 87.5 % of the highest heart rate is used instead."
        )
    unmeasured = runs["distance_m"].null_count()
    if unmeasured:
        found.append(
            f"{unmeasured} of {runs.height} runs have no distance and are left out of sums."
        )
    unsaid = int(runs["sport"].is_null().sum())
    if unsaid:
        found.append(
            f"{unsaid} {'file names' if unsaid == 1 else 'files name'} no sport, taken as running."
        )
    return found
