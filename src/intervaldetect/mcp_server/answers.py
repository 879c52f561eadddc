"""What the tools answer: rows of the library's tables, foreign texts marked as such."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training import (
    History,
    control_weeks,
    read_history,
    rep_verdicts,
    session_control,
    training_weeks,
)
from intervaldetect.training.since import rows_since

MOST_ROWS = 500
MARK = "text_from_file"
# Keys whose texts come from recordings, file names, notes or settings.
FOREIGN = frozenset(
    {
        "name", "description", "path", "device", "athlete", "note", "runner_note", "evidence",
        "message", "scale", "zone",
    }
)  # fmt: skip
_SESSION_KEYS = (
    "activity", "athlete", "day", "name", "sport", "timer_s", "distance_m", "label", "kind",
    "workout", "p_easy", "p_threshold", "p_vo2", "rpe", "rpe_from", "device_feel",
    "runner_feeling", "runner_note",
)  # fmt: skip
Row = dict[str, Any]
Answer = dict[str, Any]


class Answers:
    """The tools of one store; each call reads it anew, so that the last batch is seen."""

    def __init__(
        self, folder: str | os.PathLike[str], athlete: str | None, timezone: str | None
    ) -> None:
        self._folder, self._athlete, self._timezone = folder, athlete, timezone
        self._history()

    def tools(self) -> tuple[Callable[..., Answer], ...]:
        """Return the functions that are tools."""
        return (
            self.sessions, self.session, self.reps, self.weeks, self.thresholds, self.control,
        )  # fmt: skip

    def _history(self) -> History:
        return read_history(self._folder, athlete=self._athlete, timezone=self._timezone)

    def sessions(
        self,
        since: str | None = None,
        label: Literal["easy", "threshold", "vo2"] | None = None,
        limit: int = 50,
    ) -> Answer:
        """List sessions, the latest first; `since` is a date such as 2025-09-01."""
        history = self._history()
        rows = rows_since(history.runs, "day", since)
        if label is not None:
            rows = rows.filter(pl.col("label") == label)
        rows = rows.sort("start_time", "activity", descending=True).select(_SESSION_KEYS)
        return _answer(rows, history, limit)

    def session(self, activity: int) -> Answer:
        """Return one session whole, with its evidence and problems; `activity` is its number."""
        self._check(activity)
        with Store.open(self._folder) as store:
            summary = store.summary(activity)
        marked: Answer = _marked(summary)
        return marked

    def reps(self, activity: int) -> Answer:
        """Return the reps of one session, each against the threshold with a probability."""
        self._check(activity)
        history = self._history()
        rows = rep_verdicts(history).filter(pl.col("activity") == activity)
        figures = history.reps.filter(pl.col("activity") == activity).select(
            "set", "rep", "start_s", "end_s", "distance_m", "recovery_s", "hr_drop_30s_bpm",
            "hr_drop_60s_bpm",
        )  # fmt: skip
        return _answer(rows.join(figures, on=["set", "rep"], how="left"), history, MOST_ROWS)

    def weeks(self, since: str | None = None, limit: int = 26) -> Answer:
        """Return weeks, the latest first: volume, threshold and VO2 work, threshold speed."""
        history = self._history()
        rows = rows_since(training_weeks(history), "monday", since)
        return _answer(rows.sort("monday", descending=True), history, limit)

    def thresholds(self) -> Answer:
        """Return each athlete's thresholds at the last run, with errors and what they rest on."""
        history = self._history()
        last = history.runs.sort("start_time").group_by("athlete", maintain_order=True).last()
        rows = []
        with Store.open(self._folder) as store:
            for athlete, activity, day in last.select("athlete", "activity", "day").rows():
                summary = store.summary(activity)
                told = {"athlete": athlete, "activity": activity, "day": f"{day}"}
                evidence = {"evidence": summary["evidence"]}
                rows.append(_marked({**told, **summary["thresholds"], **evidence}))
        return {"rows": rows, "left_out": 0, "remarks": list(history.remarks)}

    def control(
        self,
        by: Literal["week", "session", "rep"] = "week",
        since: str | None = None,
        limit: int = 50,
    ) -> Answer:
        """Say how many reps were under, at or over the threshold, the latest first."""
        history = self._history()
        table, column = {
            "week": (control_weeks, "monday"),
            "session": (session_control, "day"),
            "rep": (rep_verdicts, "day"),
        }[by]
        rows = rows_since(table(history), column, since)
        return _answer(rows.reverse(), history, limit)

    def _check(self, activity: int) -> None:
        runs = self._history().runs
        if not runs.filter(pl.col("activity") == activity).height:
            raise ParameterError("activity", activity, "a number that `sessions` lists")


def _answer(rows: pl.DataFrame, history: History, limit: int) -> Answer:
    """Return rows as JSON has them, how many were left out, and what limits them."""
    if not 1 <= limit <= MOST_ROWS:
        raise ParameterError("limit", limit, f"1 to {MOST_ROWS}")
    told = [json.loads(line) for line in rows.head(limit).write_ndjson().splitlines()]
    left_out = max(rows.height - limit, 0)
    return {
        "rows": [_marked(row) for row in told],
        "left_out": left_out,
        "remarks": list(history.remarks),
    }


def _marked(value: Any, key: str = "") -> Any:
    """Return JSON in which every foreign text is wrapped in an object of its own that says so."""
    if isinstance(value, Mapping):
        return {name: _marked(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, key) for inner in value]
    return {MARK: value} if key in FOREIGN and isinstance(value, str) else value
