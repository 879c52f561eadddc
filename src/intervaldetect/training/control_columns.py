"""The columns of control, races and load; as in `columns`, which lists them all."""

from __future__ import annotations

import polars as pl

from intervaldetect.training.column import (
    DAY,
    DROP_30,
    DROP_60,
    KEY,
    LOAD,
    MONDAY,
    RPE,
    SAID,
    WEEK,
    WHO,
    WORKOUT,
    columns_of,
)

_VERDICT = (pl.String, "`under`, `at` or `over`, the likeliest; null where withheld")
_P_UNDER = (pl.Float64, "probability: slower than the ceiling by more than 1.5 %")
_P_AT = (pl.Float64, "probability: within 1.5 % of the ceiling")
_P_OVER = (pl.Float64, "probability: faster than the ceiling by more than 1.5 %")
_WITHHELD = (pl.String, "why there is no verdict")

CONTROL_REPS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    set=(pl.Int64, "from 1"),
    rep=(pl.Int64, "from 1 within the set"),
    label=(pl.String, "intensity of the set, as in `History.reps`"),
    family=(pl.String, "`1_2_min`, `2_5_min` or `6_12_min` by its length, null for others"),
    seconds=(pl.Float64, "time of work, pauses left out"),
    adjusted_speed_mps=(pl.Float64, "mean grade-adjusted speed"),
    end_hr_bpm=(pl.Float64, "heart rate at the end of the rep"),
    settled_hr_bpm=(pl.Float64, "the same, carried on to where it would settle"),
    ceiling_speed_mps=(pl.Float64, "ceiling of pace for this length; null where not known"),
    ceiling_hr_bpm=(pl.Float64, "ceiling of heart rate; null where not known"),
    decided_by=(pl.Float64, "weight of heart rate in the verdict: 0 is pace alone, 1 heart rate"),
    over_ceiling=(pl.Float64, "speed over that of the ceiling, minus 1; heart rate as speed"),
    error=(pl.Float64, "standard error of that, of threshold and rep"),
    verdict=_VERDICT,
    p_under=_P_UNDER,
    p_at=_P_AT,
    p_over=_P_OVER,
    withheld=_WITHHELD,
)

CONTROL_SESSIONS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    workout=WORKOUT,
    reps=(pl.Int64, "of all sets"),
    judged=(pl.Int64, "reps with a verdict"),
    under=(pl.Int64, "reps whose verdict is under"),
    at=(pl.Int64, "reps whose verdict is at"),
    over=(pl.Int64, "reps whose verdict is over"),
    over_from=(
        pl.Int64,
        "first judged rep from which on all were over; null where the last is not",
    ),
    verdict=(pl.String, "of the mean of its reps, by time: `under`, `at` or `over`"),
    p_under=_P_UNDER,
    p_at=_P_AT,
    p_over=_P_OVER,
    speed_drift=(pl.Float64, "main set: fitted speed of the last rep over the first, minus 1"),
    hr_drift_bpm=(pl.Float64, "main set: fitted end heart rate of the last rep minus the first"),
    last_speed_change=(pl.Float64, "main set: speed of the last rep over the first, minus 1"),
    last_hr_change_bpm=(pl.Float64, "main set: end heart rate of the last rep minus the first"),
    ceiling_speed_mps=(pl.Float64, "threshold speed then, or the pace given; null where not known"),
    ceiling_hr_bpm=(pl.Float64, "threshold heart rate then, or the one given"),
    withheld=_WITHHELD,
)

CONTROL_WEEKS = columns_of(
    athlete=WHO,
    week=WEEK,
    monday=MONDAY,
    sessions=(pl.Int64, "with reps that are labelled threshold or not labelled"),
    reps=(pl.Int64, "those reps"),
    judged=(pl.Int64, "those of them with a verdict"),
    over=(pl.Int64, "those whose verdict is over"),
    over_share=(pl.Float64, "their mean probability to be over; null where none is judged"),
    judged_1_2_min=(pl.Int64, "judged reps of 45 to 130 s"),
    over_share_1_2_min=(pl.Float64, "their mean probability to be over"),
    judged_2_5_min=(pl.Int64, "judged reps of 130 to 330 s"),
    over_share_2_5_min=(pl.Float64, "their mean probability to be over"),
    judged_6_12_min=(pl.Int64, "judged reps of 330 to 750 s"),
    over_share_6_12_min=(pl.Float64, "their mean probability to be over"),
    vo2_reps=(pl.Int64, "reps labelled VO2, in none of these shares"),
)

_LOW = (pl.Float64, "lower end of its 90 % interval")
_HIGH = (pl.Float64, "upper end of its 90 % interval")

RACES = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    name=(pl.String, "as the file has it"),
    found=(pl.String, "`kind`: judged to be a race; `named`: by the runner"),
    race_m=(pl.Float64, "usual distance within 2 % of the measured one, else that"),
    measured_m=(pl.Float64, "as recorded"),
    seconds=(pl.Float64, "time of the race: of its one rep, or of the file without pauses"),
    speed_mps=(pl.Float64, "that distance over that time"),
    implied_speed_mps=(pl.Float64, "threshold speed that this race alone implies"),
    implied_error_mps=(pl.Float64, "its standard error"),
    predicted_s=(pl.Float64, "time predicted by the threshold at the run before"),
    predicted_low_s=_LOW,
    predicted_high_s=_HIGH,
    over_predicted=(pl.Float64, "time over that predicted, minus 1; more is slower"),
    inside=(pl.Boolean, "whether the time lies in the interval"),
    withheld=(pl.String, "why nothing was predicted"),
)

PREDICTIONS = columns_of(
    athlete=WHO,
    day=(pl.Date, "of the last run, whose threshold is used"),
    race_m=(pl.Float64, "distance"),
    predicted_s=(pl.Float64, "time"),
    predicted_low_s=_LOW,
    predicted_high_s=_HIGH,
    withheld=(pl.String, "why nothing is predicted"),
)

_LOAD_POINTS = (
    pl.Float64,
    "load: 100 for an hour at threshold, each second by the fourth power of its speed over"
    " threshold; null where not known",
)
_RPE_LOAD = (
    pl.Float64,
    "session-RPE load: minutes of the timer times RPE, of runs that have one; null without any",
)
_WITHOUT = (pl.Int64, "runs whose load is not known; they count as nothing in the means")
_RUNS = (pl.Int64, "runs begun then")
_FITNESS = (pl.Float64, "exponentially weighted mean of the load of a day, 42 days by default")
_FATIGUE = (pl.Float64, "the same over 7 days by default")
_FORM = (pl.Float64, "fitness minus fatigue of the day before; null on the first day")
_SETTLED = (pl.Boolean, "whether the means had their 42 days; before, they are too low")

LOAD_SESSIONS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    kind=(pl.String, "kind of session"),
    workout=WORKOUT,
    timer_s=(pl.Float64, "without pauses"),
    load=_LOAD_POINTS,
    load_from=(pl.String, "`speed`, or `heart_rate` where no speed is known"),
    load_steps=LOAD,
    rpe=RPE,
    rpe_from=SAID["rpe_from"],
    rpe_load=_RPE_LOAD,
    device_feel=SAID["device_feel"],
    runner_feeling=SAID["runner_feeling"],
    runner_note=SAID["runner_note"],
    runner_lactate=SAID["runner_lactate"],
    withheld=(pl.String, "why there is no load"),
)

LOAD_DAYS = columns_of(
    athlete=WHO,
    day=(pl.Date, "local day"),
    week=WEEK,
    runs=_RUNS,
    runs_without_load=_WITHOUT,
    load=_LOAD_POINTS,
    hardest=(pl.Float64, "highest load of one run"),
    load_steps=LOAD,
    fitness=_FITNESS,
    fatigue=_FATIGUE,
    form=_FORM,
    settled=_SETTLED,
    runs_with_rpe=(pl.Int64, "runs with perceived exertion"),
    rpe_load=_RPE_LOAD,
)

LOAD_WEEKS = columns_of(
    athlete=WHO,
    week=WEEK,
    monday=MONDAY,
    runs=_RUNS,
    runs_without_load=_WITHOUT,
    load=_LOAD_POINTS,
    hardest=(pl.Float64, "highest load of one run"),
    load_steps=LOAD,
    fitness=_FITNESS,
    fatigue=_FATIGUE,
    form=_FORM,
    settled=_SETTLED,
    runs_with_rpe=(pl.Int64, "runs with perceived exertion"),
    rpe_load=_RPE_LOAD,
)

_TREND = "slope over the reps of a fitted line, bpm a rep; null under three known"

RECOVERY_REPS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    set=(pl.Int64, "from 1"),
    rep=(pl.Int64, "from 1 within the set"),
    seconds=(pl.Float64, "time of work, pauses left out"),
    end_hr_bpm=(pl.Float64, "heart rate at the end of the rep"),
    hr_drop_30s_bpm=DROP_30,
    hr_drop_60s_bpm=DROP_60,
    recovery_s=(pl.Float64, "time to the next rep of the set"),
)

RECOVERY_SESSIONS = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    workout=WORKOUT,
    reps=(pl.Int64, "of all sets"),
    known_30s=(pl.Int64, "reps whose drop in 30 s is known"),
    known_60s=(pl.Int64, "reps whose drop in 60 s is known"),
    hr_drop_30s_bpm=(pl.Float64, "median drop of heart rate in 30 s"),
    hr_drop_60s_bpm=(pl.Float64, "median drop of heart rate in 60 s"),
    trend_30s_bpm=(pl.Float64, _TREND),
    trend_60s_bpm=(pl.Float64, _TREND),
    device_recovery_hr_bpm=SAID["device_recovery_hr_bpm"],
    withheld=(pl.String, "why there is no drop"),
)

DURABILITY = columns_of(
    athlete=WHO,
    activity=KEY,
    day=DAY,
    week=WEEK,
    label=(pl.String, "`easy`, `threshold`, `vo2`, null is abstention"),
    kind=(pl.String, "kind of session"),
    workout=WORKOUT,
    scope=(pl.String, "`reps`: inside reps of six minutes and more; `run`: steady part of an hour"),
    decoupling=(
        pl.Float64,
        "speed over heart rate of the first half over that of the second, minus 1",
    ),
    over_s=(pl.Float64, "time it was measured on"),
    band=(pl.String, "of a run: `low` to 0.1, `moderate` to 0.2, `high`"),
    speed_change_60_min=(pl.Float64, "speed at equal heart rate after 60 min over fresh, minus 1"),
    speed_change_90_min=(pl.Float64, "the same after 90 min"),
    withheld=(pl.String, "why there is none"),
)

LACTATE_VALUES = columns_of(
    athlete=WHO,
    activity=(pl.Int64, "the store's key of the activity; null for values of a table"),
    day=(pl.Date, "local day; null where a table names none"),
    found=(pl.String, "`runner`: written to the rep; `table`: imported"),
    rep=(pl.Int64, "from 1 over all sets of the session"),
    speed_mps=(pl.Float64, "grade-adjusted speed of the rep, or that of the table"),
    hr_bpm=(pl.Float64, "heart rate at the end of the rep, or that of the table"),
    mmol=(pl.Float64, "blood lactate, mmol/l"),
)

LACTATE_THRESHOLDS = columns_of(
    athlete=WHO,
    method=(
        pl.String,
        "`fixed_2`, `log_log`, `fixed_4`, `baseline_1_5`, `dmax` or `modified_dmax`",
    ),
    which=(pl.String, "`LT1` or `LT2`"),
    values=(pl.Int64, "lactate values used"),
    sessions=(pl.Int64, "days they are from"),
    speed_mps=(pl.Float64, "speed at the threshold"),
    low_mps=_LOW,
    high_mps=_HIGH,
    hr_bpm=(pl.Float64, "heart rate at that speed by a line through the values"),
    withheld=(pl.String, "why there is none"),
)

HEAT_SLOPES = columns_of(
    athlete=WHO,
    pairs=(pl.Int64, "neighbouring sessions of a series, 45 days apart at most, one above 15 C"),
    spread_c=(pl.Float64, "root mean square of their difference in degrees above 15 C"),
    slope_per_c=(
        pl.Float64,
        "relative change of speed at equal heart rate per degree above 15 C; null if withheld",
    ),
    slope_error_per_c=(pl.Float64, "its standard error"),
    scatter=(pl.Float64, "root mean square difference of the pairs, relative"),
    scatter_without_heat=(
        pl.Float64,
        "the same with the slope taken off, each pair by the slope of the others",
    ),
    withheld=(pl.String, "why there is no slope"),
)
