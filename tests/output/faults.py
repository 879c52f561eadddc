"""What a printed object may not be: its schema, and what a schema cannot say.

`faults` is used by tests and by ``benchmarks/robustness``, over everything that is analysed.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema

from intervaldetect.athlete.bounds import RANGES
from intervaldetect.errors import IntervalDetectError
from intervaldetect.notation import format_workout, parse_workout
from intervaldetect.output.summary import schema

ROUNDED = 2e-3
"""Numbers are printed to three decimals; sums of two may be off by so much."""
SEGMENT_NUMBERS = (
    "start_error_s", "end_error_s", "distance_m", "moving_s", "mean_speed_mps",
    "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm", "max_hr_bpm", "mean_cadence_spm",
    "mean_power_w",
)  # fmt: skip
SET_NUMBERS = (
    "rep_distance_m", "rep_duration_s", "rep_speed_mps", "recovery_s", "recovery_distance_m",
    "recovery_speed_mps", "block_recovery_s",
)  # fmt: skip


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def faults(summary: Mapping[str, object]) -> tuple[str, ...]:
    """Say what is wrong with a printed object.

    Parameters
    ----------
    summary : mapping
        From `intervaldetect.output.summary.to_dict`.

    Returns
    -------
    tuple of str
        One short phrase per fault, without numbers that differ from file to file at its start.
    """
    try:
        printed = json.loads(json.dumps(summary, allow_nan=False))
    except ValueError as error:
        return (f"no JSON: {error}",)
    worst = jsonschema.exceptions.best_match(_validator().iter_errors(printed))
    if worst is not None:
        where = "/".join(str(part) for part in worst.absolute_path)
        return (f"schema: {worst.message[:100]} at {where}",)
    parts = (_whole, _tiling, _measures, _numbering, _sets, _texts)
    return tuple(itertools.chain.from_iterable(part(printed) for part in parts))


def _whole(summary: dict[str, Any]) -> Iterator[str]:
    # Where the records end long before the session, its own timer holds.
    part = any(problem["code"] == "records_cover_part" for problem in summary["problems"])
    if summary["timer_s"] > summary["elapsed_s"] + ROUNDED and not part:
        yield f"timer above elapsed: {summary['timer_s']} of {summary['elapsed_s']}"
    chances = summary["probabilities"]
    if abs(sum(chances.values()) - 1.0) > 1e-9:
        yield f"probabilities sum to {sum(chances.values())}"
    for name, (low, high) in RANGES.items():
        estimate = summary["thresholds"][name]
        if estimate is not None and not low <= estimate["value"] <= high:
            yield f"{name} out of bounds: {estimate['value']}"
    if summary["label"] is None and not summary["evidence"]:
        yield "no label and no reason"


def _tiling(summary: dict[str, Any]) -> Iterator[str]:
    edges = [(segment["start_s"], segment["end_s"]) for segment in summary["segments"]]
    if not edges:
        yield "no segments"
        return
    if edges[0][0] != 0.0:
        yield f"first segment starts at {edges[0][0]}"
    if edges[-1][1] != summary["elapsed_s"]:
        yield f"last segment ends at {edges[-1][1]} of {summary['elapsed_s']}"
    for (start, end), (after, _) in itertools.pairwise([*edges, (edges[-1][1], 0.0)]):
        if not start < end:
            yield f"segment not half-open: {start} to {end}"
        if end != after:
            yield f"{'overlap' if end > after else 'hole'}: {end}, then {after}"


def _measures(summary: dict[str, Any]) -> Iterator[str]:
    for segment in summary["segments"]:
        where = f"{segment['role']} at {segment['start_s']}"
        for name in SEGMENT_NUMBERS:
            if segment[name] is not None and segment[name] < 0.0:
                yield f"{name} below 0: {segment[name]}, {where}"
        if segment["moving_s"] is not None:
            length = segment["end_s"] - segment["start_s"]
            if segment["moving_s"] > length + ROUNDED:
                yield f"moving longer than it lasts: {segment['moving_s']} of {length}, {where}"
        mean, highest = segment["mean_hr_bpm"], segment["max_hr_bpm"]
        if (mean is None) != (highest is None) or (mean or 0.0) > (highest or 0.0) + 0.1:
            yield f"mean heart rate {mean}, highest {highest}, {where}"
    used = {segment["source"] for segment in summary["segments"]} & {"lap", "step"}
    if used and summary["laps_used"] == "none":
        yield f"segments from {sorted(used)}, but no laps used"


def _numbering(summary: dict[str, Any]) -> Iterator[str]:
    """Reps count from 1 within sets that count from 1; a recovery has the number of its rep."""
    expected = [
        (each["set"], rep) for each in summary["sets"] for rep in range(1, each["count"] + 1)
    ]
    segments = summary["segments"]
    reps = [(each["set"], each["rep"]) for each in segments if each["role"] == "rep"]
    if reps != expected:
        yield f"reps do not match the sets: {reps[:20]} for {expected[:20]}"
    places = [k for k, each in enumerate(segments) if each["role"] == "rep"]
    before: tuple[int | None, int | None] = (None, None)
    for k, each in enumerate(segments):
        number = (each["set"], each["rep"])
        inside = bool(places) and places[0] < k < places[-1]
        if each["role"] == "rep":
            before = number
        elif each["role"] == "recovery":
            if number not in {before, (None, None)} or not inside:
                yield f"recovery {number} after rep {before}"
        elif number != (None, None):
            yield f"{each['role']} with number {number}"
        if each["role"] == "pause" and inside and segments[k - 1]["set"] == segments[k + 1]["set"]:
            yield f"pause inside a set, at {each['start_s']}"
        if each["role"] in {"warmup", "cooldown"} and inside:
            yield f"{each['role']} between reps, at {each['start_s']}"


def _sets(summary: dict[str, Any]) -> Iterator[str]:
    for number, each in enumerate(summary["sets"], 1):
        if each["set"] != number:
            yield f"set {each['set']} in place {number}"
        if each["count"] < each["blocks"]:
            yield f"{each['blocks']} blocks of {each['count']} reps"
        sizes = each["rep_distances_m"], each["rep_durations_s"]
        basis = each["rep_basis"] == "time"
        size = each["rep_duration_s"] if basis else each["rep_distance_m"]
        ladder = sizes[basis]
        if (size is None) == (ladder is None) or sizes[not basis] is not None:
            yield f"set of {size} by {each['rep_basis']}, ladder {sizes}"
        if ladder is not None and len(ladder) != each["count"]:
            yield f"{len(ladder)} sizes for {each['count']} reps"
        known = [size] if ladder is None else ladder
        if any(value is None or not value > 0.0 for value in known):
            yield f"rep of size {known}"
        for name in SET_NUMBERS:
            if each[name] is not None and not (math.isfinite(each[name]) and each[name] >= 0.0):
                yield f"{name} below 0: {each[name]}"
        chances = each["probabilities"]
        if chances is not None and abs(sum(chances.values()) - 1.0) > 1e-9:
            yield f"set probabilities sum to {sum(chances.values())}"


MORE_SETS = re.compile(r" \+ \d+ more sets?$")
"""What a long text ends with; sets that are not printed are read by nobody."""


def _texts(summary: dict[str, Any]) -> Iterator[str]:
    if (summary["workout"] is None) != (not summary["sets"]):
        yield f"workout {summary['workout']} of {len(summary['sets'])} sets"
    text = summary["workout"] or ""
    # A longer one, of hundreds of reps all unlike each other, is for nobody to type in.
    if 0 < len(text) <= 2000 and all(each["count"] <= 500 for each in summary["sets"]):
        try:
            ride = summary["sport"] == "cycling"
            again = format_workout(parse_workout(text), as_speed=ride)
        except IntervalDetectError as error:
            yield f"workout text does not parse: {error}"
        else:
            if again != MORE_SETS.sub("", text):
                yield f"workout text is not canonical: {text!r}, {again!r}"
    if summary["integrity"] != "intact" and not summary["problems"]:
        yield f"{summary['integrity']} without a problem"
    for problem in summary["problems"]:
        if problem["count"] < 1:
            yield f"problem {problem['code']} with count {problem['count']}"
    for sentence in _sentences(summary):
        if "\n" in sentence or " nan" in sentence or " inf" in sentence:
            yield f"sentence {sentence!r}"


def _sentences(summary: dict[str, Any]) -> Iterable[str]:
    return (*summary["evidence"], *(problem["message"] for problem in summary["problems"]))
