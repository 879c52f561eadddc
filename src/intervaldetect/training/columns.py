"""The tables of the training view: every column with its type and what it means.

SI units throughout (s, m, m/s, bpm, degrees C); pace and local clock times are for printing. Null
means not known, zero that there was none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from intervaldetect.training.column import (
    DAY,
    EFFECT,
    EFFECT_HR,
    EFFECT_SPEED,
    HEAT,
    KEY,
    LOAD,
    LOCAL_FROM,
    MONDAY,
    TEMPERATURE,
    WEEK,
    WHO,
    WORKOUT,
    Column,
    Columns,
    both,
    columns_of,
    empty,
    shaped,
)
from intervaldetect.training.control_columns import (
    CONTROL_REPS,
    CONTROL_SESSIONS,
    CONTROL_WEEKS,
    PREDICTIONS,
    RACES,
)

__all__ = ["TABLES", "Column", "Columns", "empty", "shaped"]

RUNS = columns_of(
    activity=KEY,
    athlete=WHO,
    path=(pl.String, "file"),
    name=(pl.String, "as the file has it"),
    sport=(pl.String, "null where the file names none"),
    start_time=(pl.Datetime("ms", "UTC"), "first record"),
    local_start=(pl.Datetime("ms"), "first record, local clock"),
    local_time_from=LOCAL_FROM,
    day=DAY,
    week=WEEK,
    monday=MONDAY,
    elapsed_s=(pl.Float64, "last record minus first"),
    timer_s=(pl.Float64, "without pauses"),
    distance_m=(pl.Float64, "whole"),
    temperature_c=TEMPERATURE,
    heat_flag=HEAT,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    kind=(pl.String, "kind of session"),
    p_easy=(pl.Float64, "probability"),
    p_threshold=(pl.Float64, "probability"),
    p_vo2=(pl.Float64, "probability"),
    workout=WORKOUT,
    threshold_speed_mps=(pl.Float64, "as known then"),
    threshold_hr_bpm=(pl.Float64, "as known then"),
    max_hr_bpm=(pl.Float64, "as known then"),
    has_heart_rate=(pl.Boolean, "whether any was recorded"),
)

REPS = columns_of(
    activity=KEY,
    set=(pl.Int64, "from 1"),
    rep=(pl.Int64, "from 1 within the set"),
    start_s=(pl.Float64, "elapsed seconds"),
    end_s=(pl.Float64, "elapsed seconds"),
    seconds=(pl.Float64, "time of work, pauses left out"),
    distance_m=(pl.Float64, "of the rep"),
    speed_mps=(pl.Float64, "mean speed over the ground"),
    adjusted_speed_mps=(pl.Float64, "mean grade-adjusted speed; plain where no grade is known"),
    mean_hr_bpm=(pl.Float64, "mean heart rate"),
    start_hr_bpm=(pl.Float64, "heart rate at the end of the recovery before"),
    end_hr_bpm=(pl.Float64, "heart rate at the end of the rep"),
    settled_hr_bpm=(
        pl.Float64,
        "end heart rate carried on to where it would settle (rise 8 s late, time constant 33 s)",
    ),
    recovery_s=(pl.Float64, "time to the next rep of the set"),
    between_blocks=(pl.Boolean, "whether that recovery parts two blocks"),
    count=(pl.Int64, "reps in the set"),
    rep_basis=(pl.String, "`distance` or `time`"),
    rep_distance_m=(pl.Float64, "typical of the set, null for a ladder"),
    label=(pl.String, "intensity of the set; the session's where that is easy or the set has none"),
    p_easy=(pl.Float64, "probability"),
    p_threshold=(pl.Float64, "probability"),
    p_vo2=(pl.Float64, "probability"),
)  # fmt: skip

WEEKS = columns_of(
    athlete=WHO,
    week=WEEK,
    monday=MONDAY,
    runs=(pl.Int64, "runs begun in the week"),
    distance_m=(pl.Float64, "all runs"),
    timer_s=(pl.Float64, "all runs, pauses left out"),
    easy_m=(pl.Float64, "whole runs labelled easy"),
    easy_s=(pl.Float64, "whole runs labelled easy"),
    threshold_m=(pl.Float64, "whole runs labelled threshold"),
    threshold_s=(pl.Float64, "whole runs labelled threshold"),
    vo2_m=(pl.Float64, "whole runs labelled VO2"),
    vo2_s=(pl.Float64, "whole runs labelled VO2"),
    unlabelled_m=(pl.Float64, "whole runs without a label"),
    unlabelled_s=(pl.Float64, "whole runs without a label"),
    threshold_work_s=(pl.Float64, "reps and tempo at threshold alone, recoveries left out"),
    threshold_work_m=(pl.Float64, "reps and tempo at threshold alone, recoveries left out"),
    threshold_recovery_s=(pl.Float64, "recoveries between those reps"),
    vo2_work_s=(pl.Float64, "VO2 reps alone"),
    vo2_work_m=(pl.Float64, "VO2 reps alone"),
    other_work_s=(pl.Float64, "reps labelled easy, or not labelled"),
    longest_piece_s=(pl.Float64, "longest rep or tempo at threshold, null without any"),
    quality_sessions=(pl.Int64, "runs labelled threshold or VO2"),
    threshold_sessions=(pl.Int64, "runs labelled threshold"),
    vo2_sessions=(pl.Int64, "runs labelled VO2"),
    double_threshold_days=(
        pl.Int64,
        "days with two sessions of ten minutes of threshold work each",
    ),
    effect_s=EFFECT,
    load_steps=LOAD,
    threshold_speed_mps=(pl.Float64, "as known at the week's last run"),
    threshold_speed_low_mps=(pl.Float64, "lower end of its 95 % interval"),
    threshold_speed_high_mps=(pl.Float64, "upper end of its 95 % interval"),
    threshold_hr_bpm=(pl.Float64, "as known at the week's last run"),
    temperature_c=(pl.Float64, "mean over the quality sessions, degrees C as measured"),
    hot_sessions=(pl.Int64, "quality sessions with the heat flag"),
)

DISTRIBUTION = columns_of(
    athlete=WHO,
    week=WEEK,
    monday=MONDAY,
    method=(pl.String, "`heart_rate`, `speed` or `session_goal`"),
    scale=(pl.String, "name of the scale with its borders"),
    zone=(pl.Int64, "from 1; 0 is time of which the zone is not known"),
    zone_name=(pl.String, "its name on that scale"),
    seconds=(pl.Float64, "time in the zone"),
    share=(pl.Float64, "of the time whose zone is known; null for zone 0"),
)

DAYS = columns_of(
    athlete=WHO,
    day=DAY,
    week=WEEK,
    sessions=(pl.Int64, "sessions of the day with ten minutes of threshold work, two or more"),
    local_time_from=LOCAL_FROM,
    hours_between=(pl.Float64, "from the end of the first to the start of the last"),
    evening_faster=(pl.Boolean, "whether the last was run faster than the first"),
    speed_change=(pl.Float64, "speed of work, last over first minus 1"),
    threshold_work_s=(pl.Float64, "reps and tempo at threshold, whole day"),
    threshold_work_m=(pl.Float64, "reps and tempo at threshold, whole day"),
    **both(
        "morning",
        "evening",
        activity=KEY,
        start=(pl.Datetime("ms"), "start of the session, local clock"),
        workout=WORKOUT,
        work_s=(pl.Float64, "its work at threshold"),
        work_m=(pl.Float64, "its work at threshold"),
        speed_mps=(pl.Float64, "mean speed of that work"),
        end_hr_bpm=(pl.Float64, "median heart rate at the end of a rep"),
        temperature_c=TEMPERATURE,
    ),
)

COSTS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    monday=MONDAY,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    kind=(pl.String, "kind of session"),
    workout=WORKOUT,
    form=(pl.String, "`continuous` (one piece), `intervals`, `both`, null without threshold work"),
    threshold_work_s=(pl.Float64, "reps and tempo at threshold"),
    band_work_s=(
        pl.Float64,
        "reps and tempo, whatever their label, at 0.94 to 1.07 of threshold speed",
    ),
    continuous_s=(pl.Float64, "threshold work in sets of one piece"),
    interval_s=(pl.Float64, "threshold work in sets of several reps"),
    longest_piece_s=(pl.Float64, "longest rep or tempo at threshold"),
    recovery_s=(pl.Float64, "recoveries between reps at threshold"),
    recovery_share=(pl.Float64, "recoveries over work and recoveries"),
    effect_s=EFFECT,
    effect_hr_s=EFFECT_HR,
    effect_speed_s=EFFECT_SPEED,
    load_steps=LOAD,
    temperature_c=TEMPERATURE,
    heat_flag=HEAT,
)

STEPS = columns_of(
    athlete=WHO,
    series=(pl.Int64, "number of the series, from 1 in order of its first session"),
    step=(pl.Int64, "number of the session in the series, from 1"),
    activity=KEY,
    day=DAY,
    week=WEEK,
    days_since=(pl.Int64, "since the session before it, null for the first"),
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    workout=WORKOUT,
    count=(pl.Int64, "reps in the main set"),
    rep_basis=(pl.String, "`distance` or `time`"),
    rep_distance_m=(pl.Float64, "median"),
    rep_duration_s=(pl.Float64, "median"),
    rep_speed_mps=(pl.Float64, "mean over the reps"),
    recovery_s=(pl.Float64, "median between two reps, blocks left out; null for one piece"),
    moved=(pl.String, "what moved since the session before it, null for the first"),
    end_hr_bpm=(pl.Float64, "median at the end of a rep, the first of three or more left out"),
    settled_hr_bpm=(pl.Float64, "the same, carried on to where the heart rate would settle"),
    equal_hr_bpm=(pl.Float64, "heart rate at which the series is compared: its median"),
    speed_at_equal_hr_mps=(pl.Float64, "speed of the reps, carried to that heart rate"),
    speed_at_equal_hr_error_mps=(pl.Float64, "its standard error, wider in heat"),
    speed_drift=(
        pl.Float64,
        "fitted speed of the last rep over the first, minus 1; null for a ladder",
    ),
    hr_drift_bpm=(
        pl.Float64,
        "fitted end heart rate of the last rep minus the first; null for a ladder",
    ),
    recovery_kept=(pl.Boolean, "every recovery within 15 % or 10 s of the median"),
    temperature_c=TEMPERATURE,
    heat_flag=HEAT,
)

SERIES = columns_of(
    athlete=WHO,
    series=(pl.Int64, "number of the series, from 1 in order of its first session"),
    label=(pl.String, "most frequent among its sessions"),
    sessions=(pl.Int64, "two or more"),
    first_day=(pl.Date, "of its first session"),
    last_day=(pl.Date, "of its last session"),
    first_workout=WORKOUT,
    last_workout=WORKOUT,
    moved=(pl.String, "what moved from the first to the last"),
    equal_hr_bpm=(pl.Float64, "heart rate at which its sessions are compared"),
    change=(
        pl.Float64,
        "fitted change of speed at that heart rate from first to last; null with fewer than 3",
    ),
    change_error=(pl.Float64, "its standard error"),
    hot_sessions=(pl.Int64, "sessions with the heat flag"),
)

COMPARED_SESSIONS = columns_of(
    which=(pl.String, "`first` or `second`"),
    athlete=WHO,
    activity=KEY,
    name=(pl.String, "as the file has it"),
    local_start=(pl.Datetime("ms"), "local clock"),
    week=WEEK,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    workout=WORKOUT,
    reps=(pl.Int64, "of all sets"),
    work_s=(pl.Float64, "of all sets"),
    work_m=(pl.Float64, "of all sets"),
    speed_mps=(pl.Float64, "mean speed of the work"),
    end_hr_bpm=(pl.Float64, "median at the end of a rep"),
    speed_at_equal_hr_mps=(pl.Float64, "speed of the main set, carried to one heart rate for both"),
    speed_at_equal_hr_error_mps=(pl.Float64, "its standard error, wider in heat"),
    equal_hr_bpm=(pl.Float64, "that heart rate"),
    effect_s=EFFECT,
    load_steps=LOAD,
    temperature_c=TEMPERATURE,
    heat_flag=HEAT,
)  # fmt: skip

COMPARED_REPS = columns_of(
    set=(pl.Int64, "from 1"),
    rep=(pl.Int64, "from 1 within the set"),
    **both(
        "first",
        "second",
        distance_m=(pl.Float64, "of the rep; null where this session has none such"),
        seconds=(pl.Float64, "time of work"),
        speed_mps=(pl.Float64, "mean speed"),
        end_hr_bpm=(pl.Float64, "heart rate at the end of the rep"),
        recovery_s=(pl.Float64, "time to the next rep of the set"),
    ),
    speed_change=(pl.Float64, "second over first, minus 1"),
    end_hr_change_bpm=(pl.Float64, "second minus first"),
)

BLOCKS = columns_of(
    athlete=WHO,
    monday=(pl.Date, "first day of the block"),
    weeks=(pl.Int64, "its length"),
    runs=(pl.Int64, "runs begun in it"),
    threshold_sessions=(pl.Int64, "runs labelled threshold"),
    continuous_s=(pl.Float64, "threshold work in one piece"),
    interval_s=(pl.Float64, "threshold work in reps"),
    interval_share=(pl.Float64, "of the two; null without threshold work"),
    longest_piece_s=(pl.Float64, "longest rep or tempo at threshold"),
    effect_s=EFFECT,
    load_steps=LOAD,
    compared_families=(pl.Int64, "families of sessions run both in this block and in the next"),
    change=(
        pl.Float64,
        "what followed: pace at equal end-of-rep heart rate in the next block over this one, minus"
        " 1 (more is faster), each family against itself; null without such families",
    ),
    change_error=(pl.Float64, "its standard error"),
    hot_sessions=(pl.Int64, "quality sessions with the heat flag, in this block"),
)

TABLES: Mapping[str, Columns] = MappingProxyType(
    {
        "training_weeks": WEEKS,
        "intensity_distribution": DISTRIBUTION,
        "double_threshold_days": DAYS,
        "session_costs": COSTS,
        "training_series": SERIES,
        "series_steps": STEPS,
        "Comparison.sessions": COMPARED_SESSIONS,
        "Comparison.reps": COMPARED_REPS,
        "training_blocks": BLOCKS,
        "control_weeks": CONTROL_WEEKS,
        "session_control": CONTROL_SESSIONS,
        "rep_verdicts": CONTROL_REPS,
        "race_list": RACES,
        "race_predictions": PREDICTIONS,
        "History.runs": RUNS,
        "History.reps": REPS,
    }
)
"""What each function returns, by its name."""
