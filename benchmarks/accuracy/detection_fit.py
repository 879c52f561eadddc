"""Fit the three models of the choice of reps, from real sessions and simulated ones.

Nothing here is tuned by file: athletes are left out whole, and the second and third model are
fitted on what the first says of athletes it has not seen (stacking).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from training_sessions import sessions

from intervaldetect.clean import clean_activity
from intervaldetect.errors import IntervalDetectError
from intervaldetect.read import read_activity
from intervaldetect.records import Activity, Bools, Floats, Signal
from intervaldetect.segment import segment_signal
from intervaldetect.structure.candidates import Candidates, find_candidates
from intervaldetect.structure.choice import (
    LONG_S,
    SESSION,
    TOGETHER,
    EdgeErrors,
    Logistic,
    Weights,
    alone_log_odds,
    best_disjoint,
    session_features,
    together_features,
)
from intervaldetect.structure.edges import time_edges
from intervaldetect.structure.evidence import FEATURES

SIMULATED = "simulated"
SIMULATED_COUNT = 240
SIMULATED_WEIGHT = 0.25
SEED = 1
# Strength of the ridge penalty (sklearn's C) of each model.
RIDGE = {"short": 0.3, "long": 0.1, "together": 0.3, "session": 0.3}
LONG_NEGATIVE_WEIGHT = 0.15
BONUS = 1.0
"""Log-odds added to the second model: a missed rep costs more than one too many."""
MATCH = 0.75
CROP_AFTER_S, CROP_LEAST_S = 20.0, 240.0
EDGE_CONTRAST = (0.2, 0.35)
"""Bounds between edges that hardly show, edges beside running and edges beside walking."""
ONE_SIGMA = 0.683


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One session: its candidates, which of them are reps, which count, and its truth row."""

    name: str
    athlete: str
    signal: Signal
    candidates: Candidates
    is_rep: Bools
    counts: Bools
    row: Mapping[str, Any]
    cropped: bool = False
    without_heart_rate: bool = False

    @property
    def weight(self) -> float:
        """How much the session weighs beside a real one."""
        return SIMULATED_WEIGHT if self.athlete == SIMULATED else 1.0

    @property
    def teaches_reps(self) -> bool:
        """Whether its reps are known, be it that there are none."""
        return bool(self.row["reps"]) or self.row["structured"] is False


def corpus() -> Path:
    """Return the corpus's folder, or leave with a sentence."""
    folder = os.environ.get("INTERVALDETECT_CORPUS")
    if not folder:
        sys.exit("set INTERVALDETECT_CORPUS to the folder of the corpus")
    return Path(folder)


def truth_rows(name: str = "truth.jsonl") -> list[dict[str, Any]]:
    """Read the truth of the corpus."""
    with (corpus() / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def real_samples() -> list[Sample]:
    """Read every run of the corpus that can be cleaned and cut.

    Every run comes a second time without its heart rate, for the weights of runs that have none,
    and every workout without what lies before and after its main set: many runners record that by
    itself, but few did in the corpus.
    """
    found = []
    for row in truth_rows():
        activity = read_activity(corpus() / "run" / row["file"])
        found += _with_and_without(row["file"], row["athlete"], activity, row)
        cropped = _cropped(activity, row)
        if cropped is not None:
            name = f"{row['file']} cropped"
            found += _with_and_without(name, row["athlete"], *cropped, cropped=True)
    return found


def _with_and_without(
    name: str, athlete: str, activity: Activity, row: Mapping[str, Any], *, cropped: bool = False
) -> list[Sample]:
    """Return the session as it was recorded, and without heart rate."""
    unknown = np.full_like(activity.columns["heart_rate"], np.nan)
    deaf = replace(activity, columns={**activity.columns, "heart_rate": unknown})
    samples = [
        _sample(name, athlete, activity, row, cropped=cropped),
        _sample(name, athlete, deaf, row, cropped=cropped, without_heart_rate=True),
    ]
    return [sample for sample in samples if sample is not None]


def _cropped(activity: Activity, row: Mapping[str, Any]) -> tuple[Activity, dict[str, Any]] | None:
    reps = row["reps"] or []
    if len(reps) < 2:
        return None
    main = row.get("main_reps") or range(len(reps))
    start_s, end_s = reps[min(main)][0], reps[max(main)][1] + CROP_AFTER_S
    if end_s - start_s < CROP_LEAST_S:
        return None
    time = activity.columns["time"]
    kept = (time >= start_s) & (time <= end_s)
    first = float(time[kept][0])
    columns = {name: values[kept] for name, values in activity.columns.items()}
    columns["time"] = columns["time"] - first
    pauses = tuple(
        replace(p, start_s=max(p.start_s, start_s) - first, end_s=min(p.end_s, end_s) - first)
        for p in activity.pauses
        if p.end_s > start_s and p.start_s < end_s
    )
    moved = {
        key: [
            [max(a - start_s, 0.0), min(b, end_s) - start_s]
            for a, b in row[key] or []
            if b > start_s + 1.0 and a < end_s - 1.0
        ]
        for key in ("reps", "ignore")
    }
    return replace(activity, columns=columns, pauses=pauses, laps=()), {**row, **moved}


def simulated_samples(count: int = SIMULATED_COUNT) -> list[Sample]:
    """Make the simulated sessions; every seventh has no heart rate."""
    found = []
    for index, run in enumerate(sessions(count, SEED)):
        activity = run.to_activity()
        if index % 7 == 3:
            activity.columns["heart_rate"].fill(np.nan)
        row = {**run.truth.to_row("simulated"), "ignore": run.truth.to_row("simulated")["ignore"]}
        found += _with_and_without(f"{SIMULATED}{index}", SIMULATED, activity, row)
    return found


def _sample(
    name: str,
    athlete: str,
    activity: Activity,
    row: Mapping[str, Any],
    *,
    cropped: bool = False,
    without_heart_rate: bool = False,
) -> Sample | None:
    try:
        signal = clean_activity(activity)
        candidates = find_candidates(signal, segment_signal(signal))
    except IntervalDetectError:
        return None
    spans = list(zip(candidates.start_s.tolist(), candidates.end_s.tolist(), strict=True))
    is_rep = np.array([_best(row["reps"] or [], span) >= MATCH for span in spans], dtype=np.bool_)
    ignored = [_covered(row["ignore"] or [], span) > 0.5 * (span[1] - span[0]) for span in spans]
    counts = is_rep | ~np.array(ignored)
    return Sample(
        name, athlete, signal, candidates, is_rep, counts, row, cropped, without_heart_rate
    )


def _best(reps: Sequence[Sequence[float]], span: tuple[float, float]) -> float:
    """Best agreement with a rep: overlap, or the finger's noise on both edges of a short one."""
    best = 0.0
    for start, end in reps:
        inside = max(0.0, min(end, span[1]) - max(start, span[0]))
        union = max(end, span[1]) - min(start, span[0])
        close = max(abs(start - span[0]), abs(end - span[1])) <= 3.0
        best = max(best, inside / union if union > 0 else 0.0, 0.8 if close and inside else 0.0)
    return best


def _covered(stretches: Sequence[Sequence[float]], span: tuple[float, float]) -> float:
    return sum(max(0.0, min(b, span[1]) - max(a, span[0])) for a, b in stretches)


def fit(samples: Sequence[Sample], *, without: Iterable[str] = (), version: str) -> Weights:
    """Fit all models without some athletes.

    Parameters
    ----------
    samples : sequence of Sample
    without : iterable of str
        Athletes left out.
    version : str
        Written into the weights.
    """
    left_out = frozenset(without)
    seen = [s for s in samples if s.athlete not in left_out]
    with_it, without_it = (
        _fit_alike([s for s in seen if s.without_heart_rate is unknown], version)
        for unknown in (False, True)
    )
    return replace(with_it, without_heart_rate=without_it)


def _fit_alike(seen: Sequence[Sample], version: str) -> Weights:
    """Fit all models on sessions of which all, or none, are meant for where heart rate is known."""
    short, long = _fit_alone(seen)
    alone: dict[str, Floats] = {}
    for athlete in {s.athlete for s in seen}:
        others = seen if athlete == SIMULATED else [s for s in seen if s.athlete != athlete]
        models = (short, long) if athlete == SIMULATED else _fit_alone(others)
        for s in seen:
            if s.athlete == athlete:
                alone[s.name] = alone_log_odds(s.candidates, *models)
    beside = {s.name: together_features(s.candidates, alone[s.name]) for s in seen}
    together = _fit_together(seen, beside)
    scores = {name: together.log_odds(x) for name, x in beside.items()}
    session = _fit_session(seen, scores)
    return Weights(version, short, long, together, session, _fit_edges(seen, scores))


def _fit_alone(samples: Sequence[Sample]) -> tuple[Logistic, Logistic]:
    """Fit the models of short and of long efforts; both see what lies around the bound."""
    known = [s for s in samples if s.teaches_reps]
    x = np.vstack([s.candidates.features[s.counts] for s in known])
    y = np.concatenate([s.is_rep[s.counts] for s in known])
    seconds = np.concatenate([s.candidates.seconds[s.counts] for s in known])
    weight = np.concatenate([np.full(int(s.counts.sum()), s.weight) for s in known])
    # A session of ten long reps shall not outweigh ten sessions of one.
    long_reps = np.concatenate(
        [
            np.full(
                int(s.counts.sum()), max(1, int((s.is_rep & (s.candidates.seconds > LONG_S)).sum()))
            )
            for s in known
        ]
    )
    is_short, is_long = seconds < 2 * LONG_S, seconds > LONG_S / 2
    long_weight = weight * np.where(y, 1.0 / np.sqrt(long_reps), LONG_NEGATIVE_WEIGHT)
    return (
        _logistic(x[is_short], y[is_short], weight[is_short], RIDGE["short"]),
        _logistic(x[is_long], y[is_long], long_weight[is_long], RIDGE["long"]),
    )


def _fit_together(samples: Sequence[Sample], features: Mapping[str, Floats]) -> Logistic:
    known = [s for s in samples if s.teaches_reps]
    x = np.vstack([features[s.name][s.counts] for s in known])
    y = np.concatenate([s.is_rep[s.counts] for s in known])
    weight = np.concatenate(
        [
            s.weight * np.where(s.is_rep[s.counts], 1.0 / np.sqrt(max(1, s.is_rep.sum())), 0.5)
            for s in known
        ]
    )
    model = _logistic(x, y, weight, RIDGE["together"])
    return Logistic(model.mean, model.scale, model.coefficients, model.intercept + BONUS)


def _fit_session(samples: Sequence[Sample], scores: Mapping[str, Floats]) -> Logistic:
    # Plain runs are few: simulated ones count in full. Cropped workouts would make claims cheap.
    known = [s for s in samples if s.row["structured"] is not None and not s.cropped]
    x = np.array(
        [
            session_features(
                s.candidates, scores[s.name], best_disjoint(s.candidates, scores[s.name])
            )
            for s in known
        ]
    )
    y = np.array([bool(s.row["structured"]) for s in known])
    return _logistic(x, y, np.ones(len(known)), RIDGE["session"])


def _fit_edges(samples: Sequence[Sample], scores: Mapping[str, Floats]) -> EdgeErrors:
    """Take from each athlete the error that two in three edges keep, and the mean over athletes."""
    errors = [
        [
            np.average(values, weights=np.sqrt(counts))
            for values, counts in (
                _one_sigma([row for row in rows if row[1] == k])
                for k in range(len(EDGE_CONTRAST) + 1)
            )
        ]
        for rows in edge_errors(samples, scores)
    ]
    return EdgeErrors(np.array(EDGE_CONTRAST), *(np.round(side, 1) for side in np.array(errors)))


def _one_sigma(rows: Sequence[tuple[str, int, float]]) -> tuple[list[float], list[int]]:
    by_athlete: dict[str, list[float]] = {}
    for athlete, _, error in rows:
        by_athlete.setdefault(athlete, []).append(error)
    values = [float(np.quantile(errors, ONE_SIGMA)) for errors in by_athlete.values()]
    return values, [len(errors) for errors in by_athlete.values()]


def edge_errors(
    samples: Sequence[Sample], scores: Mapping[str, Floats]
) -> tuple[list[tuple[str, int, float]], list[tuple[str, int, float]]]:
    """List athlete, class of contrast and absolute error in s of starts and of ends."""
    sides: tuple[list[tuple[str, int, float]], list[tuple[str, int, float]]] = ([], [])
    for s in samples:
        if s.athlete == SIMULATED or s.cropped or not s.row["reps"]:
            continue
        found = s.candidates
        chosen = best_disjoint(found, scores[s.name])
        edges = time_edges(s.signal, found.start_s[chosen], found.end_s[chosen])
        for q, start_s, end_s in zip(chosen, *edges, strict=True):
            span = (float(start_s), float(end_s))
            rep = max(s.row["reps"], key=lambda rep: _best([rep], span))
            if _best([rep], span) < MATCH:
                continue
            for side, name, error in zip(
                sides,
                ("contrast_before", "contrast_after"),
                np.abs(np.subtract(rep, span)),
                strict=True,
            ):
                contrast = found.features[q, FEATURES.index(name)]
                side.append((s.athlete, int(np.digitize(contrast, EDGE_CONTRAST)), float(error)))
    return sides


def _logistic(x: Floats, y: Bools, weight: Floats, ridge: float) -> Logistic:
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale < 1e-9] = 1.0
    model = LogisticRegression(C=ridge, max_iter=5000)
    model.fit((x - mean) / scale, y, sample_weight=weight)
    return Logistic(mean, scale, model.coef_[0], float(model.intercept_[0]))


def to_json(weights: Weights) -> str:
    """Write weights as the package's ``weights.json``: per feature mean, scale, coefficient."""

    def rows(model: Logistic, names: Sequence[str]) -> dict[str, object]:
        table = zip(names, model.mean, model.scale, model.coefficients, strict=True)
        features = {name: [round(float(v), 6) for v in values] for name, *values in table}
        return {"intercept": round(model.intercept, 6), "features": features}

    def plain(each: Weights) -> dict[str, object]:
        return {
            "version": each.version,
            "short": rows(each.short, FEATURES),
            "long": rows(each.long, FEATURES),
            "together": rows(each.together, TOGETHER),
            "session": rows(each.session, SESSION),
            "edges": {
                "contrast": each.edges.contrast.tolist(),
                "start_s": each.edges.start_s.tolist(),
                "end_s": each.edges.end_s.tolist(),
            },
        }

    deaf = weights.without_heart_rate
    assert deaf is not None
    return json.dumps({**plain(weights), "without_heart_rate": plain(deaf)}, indent=1)
