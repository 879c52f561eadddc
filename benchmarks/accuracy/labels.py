"""Labels: fit the coefficients, and measure them on athletes that the fit has not seen.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.labels FOLDER
        [--cache FILE] [--seasons 40] [--jobs N] [--write]

Reads every run of the corpus with its laps hidden, judges each within its athlete's history and
alone, and fits the models of ``src/intervaldetect/label/coefficients.json`` on the labels that two
independent readings agree on, weighted by how sure the readers were, together with simulated
sessions of small weight that fill in what the corpus lacks. Every figure printed is of an athlete
whose sessions had no part in the coefficients, in the temperature or in the level of abstention,
nor in the nets and the judge that found the reps, which are those of its fold in FOLDER
(`benchmarks.accuracy.detection`).
``--write`` rewrites the coefficients and ``docs/accuracy-labels.md``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import pickle
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.corpus_runs import folds
from benchmarks.accuracy.labels_report import HeldOut, Row, report
from benchmarks.accuracy.models import model_of
from benchmarks.accuracy.simulated_training import Trained, evidence_of, season, table_season
from intervaldetect.athlete.history import thresholds_over_time
from intervaldetect.label.classifiers import (
    LABELS,
    MODELS,
    Logistic,
    least_probability,
    predict,
    row_of,
)
from intervaldetect.label.features import session_features, set_features
from intervaldetect.read import read_activity
from intervaldetect.records import SessionEvidence

ROOT = Path(__file__).resolve().parents[2]
COEFFICIENTS = ROOT / "src" / "intervaldetect" / "label" / "coefficients.json"
REPORT = ROOT / "docs" / "accuracy-labels.md"

# Inverse strength of the ridge by model, and the weight of all simulated sessions in real ones.
RIDGE = {"history": 0.2, "file": 0.1, "set": 0.15}
SIMULATED_WEIGHT = 36.0
# What the corpus holds little or nothing of weighs more among them.
LACKING = {
    "threshold, 45 s to 2 min": 3.0, "threshold, 3-4 min and 1 km": 1.5, "hilly": 6.0,
    "long": 2.0, "race": 2.0,
    "table: jog, strides, first rep slower": 30.0, "table: 25 x 400 m @ 1:08 (0:30 stand)": 18.0,
    "table: 15 x 1000 m @ 3:00 (1:00 jog)": 6.0, "table: 10 x 1000 m @ 3:06 (1:00 jog)": 6.0,
    "table: singles, 3 min": 6.0, "table: singles, 1 min": 6.0,
}  # fmt: skip
TABLE_SEASONS = 16
# Share of the labelled sessions to answer, by model.
COVERAGE = {"history": 0.88, "file": 0.75, "set": 0.85}
TEMPERATURES = np.geomspace(0.35, 1.8, 20)


# --- sessions -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """A file of the corpus, and the folder and fold of what finds its reps; None: what ships."""

    file: str
    corpus: Path
    folder: Path | None = None
    fold: int = -1


def corpus_evidence(job: Job) -> tuple[str, SessionEvidence]:
    """Analyse one file of the corpus, laps hidden."""
    model = None if job.folder is None else model_of(job.folder, job.fold)
    return job.file, evidence_of(read_activity(job.corpus / job.file), model)


def corpus_rows(truth: Mapping[str, Any], evidence: Mapping[str, SessionEvidence]) -> list[Row]:
    """Judge every file within its athlete's history, and alone."""
    by_athlete: dict[str, list[str]] = defaultdict(list)
    for file in truth:
        by_athlete[truth[file]["athlete"]].append(file)
    rows = []
    for athlete, files in by_athlete.items():
        known = [evidence[file] for file in files]
        for mode, dated in (
            ("history", thresholds_over_time(known)),
            ("file", [thresholds_over_time([item])[0] for item in known]),
        ):
            for file, item, state in zip(files, known, dated, strict=True):
                told = truth[file]
                sure = float(np.mean([reader["conf"] for reader in told["labellers"]]))
                features = session_features(item, state.thresholds)
                rows.append(
                    Row(file, athlete, mode, told["label"], told["kind"], sure, features,
                        benefit=item.benefit)
                )  # fmt: skip
                if item.reps and mode == "history":
                    work: Counter[int] = Counter()
                    for rep in item.reps:
                        work[rep.set] += round(rep.duration_s)
                    of_set = set_features(item, work.most_common(1)[0][0], state.thresholds)
                    rows.append(replace(rows[-1], mode="set", features=of_set))
    return rows


def simulated_rows(seasons: Iterable[tuple[int, Sequence[Trained]]]) -> list[Row]:
    """Judge every simulated session within its season, and alone."""
    rows = []
    for seed, sessions in seasons:
        known = [session.evidence for session in sessions]
        for mode, dated in (
            ("history", thresholds_over_time(known)),
            ("file", [thresholds_over_time([item])[0] for item in known]),
        ):
            for session, state in zip(sessions, dated, strict=True):
                features = session_features(session.evidence, state.thresholds)
                row = Row(
                    session.name, f"simulated {seed}", mode, session.label, session.kind,
                    LACKING.get(session.name, 1.0), features, simulated=True,
                )  # fmt: skip
                rows.append(row)
                if mode == "history":
                    rows += _set_rows(session, state.thresholds, row)
    return rows


def _set_rows(session: Trained, thresholds: Any, row: Row) -> Iterator[Row]:
    numbers = sorted({rep.set for rep in session.evidence.reps})
    if session.kind == "mixed" and len(numbers) != 2:
        return
    for position, number in enumerate(numbers):
        label = row.label
        if session.kind == "mixed":
            label = ("threshold", "vo2")[position]
        features = set_features(session.evidence, number, thresholds)
        yield replace(row, mode="set", label=label, features=features)


# --- fitting --------------------------------------------------------------------------------------


def fit(rows: Sequence[Row], model: str) -> Logistic:
    """Fit one model on labelled rows; the simulated share a fixed weight among themselves."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (development only)

    names = MODELS[model]
    table = np.array([row_of(row.features.values, names) for row in rows])
    simulated = np.array([row.simulated for row in rows])
    weight = np.array([row.weight for row in rows])
    weight[simulated] *= SIMULATED_WEIGHT / max(weight[simulated].sum(), 1.0)
    mean = np.array([_average(column, weight) for column in table.T])
    spread = [_average((column - m) ** 2, weight) for column, m in zip(table.T, mean, strict=True)]
    scale = np.maximum(np.sqrt(spread), 1e-3)
    scaled = np.clip((table - mean) / scale, -3.0, 3.0)
    scaled[np.isnan(scaled)] = 0.0
    fitted = LogisticRegression(C=RIDGE[model], max_iter=5000).fit(
        scaled, [row.label for row in rows], sample_weight=weight
    )
    order = [list(fitted.classes_).index(label) for label in LABELS]
    return Logistic(
        names, mean, scale, fitted.coef_[order], fitted.intercept_[order], 1.0, 0.0
    )  # fmt: skip


def _average(values: np.ndarray, weight: np.ndarray) -> float:
    known = np.isfinite(values)
    return float(np.average(values[known], weights=weight[known])) if known.any() else 0.0


def training(rows: Sequence[Row], model: str, without: str | None = None) -> list[Row]:
    """Return the rows a model is fitted on; the one for a file alone also sees histories."""
    modes = ("history", "file") if model == "file" else (model,)
    return [row for row in rows if row.label and row.mode in modes and row.athlete != without]


def probabilities(model: Logistic, rows: Sequence[Row], name: str) -> np.ndarray:
    """Predict rows as the package does, (n, 3)."""
    models = dict.fromkeys(MODELS, model)
    verdicts = [predict(row.features, classifier="fitted", of_set=name == "set", models=models)
                for row in rows]  # fmt: skip
    return np.array([[verdict.probabilities[label] for label in LABELS] for verdict in verdicts])


def held_out(rows: Sequence[Row], name: str) -> tuple[HeldOut, float, float]:
    """Predict every labelled row without its athlete; return also temperature and level of all."""
    test = [row for row in rows if row.label and row.mode == name and not row.simulated]
    truth = np.array([LABELS.index(row.label) for row in test])  # type: ignore[arg-type]
    athletes = np.array([row.athlete for row in test])
    by_temperature = np.zeros((TEMPERATURES.size, len(test), len(LABELS)))
    for athlete in sorted(set(athletes.tolist())):
        model = fit(training(rows, name, without=athlete), name)
        mine = np.flatnonzero(athletes == athlete)
        for k, temperature in enumerate(TEMPERATURES):
            cooled = replace(model, temperature=float(temperature))
            by_temperature[k, mine] = probabilities(cooled, [test[i] for i in mine], name)
    result, answered = np.zeros((len(test), 3)), np.zeros(len(test), dtype=bool)
    for athlete in sorted(set(athletes.tolist())):
        mine, others = athletes == athlete, athletes != athlete
        k, level = _calibrate(by_temperature, truth, others, COVERAGE[name])
        result[mine] = by_temperature[k, mine]
        answered[mine] = _answered(result[mine], [test[i] for i in np.flatnonzero(mine)], level)
    k, level = _calibrate(by_temperature, truth, np.ones(len(test), bool), COVERAGE[name])
    return HeldOut(test, truth, result, answered), float(TEMPERATURES[k]), level


def seen_before(rows: Sequence[Row], name: str, model: Logistic) -> HeldOut:
    """Predict every labelled row with the model as it is shipped, which has seen it."""
    test = [row for row in rows if row.label and row.mode == name]
    result = probabilities(model, test, name)
    truth = np.array([LABELS.index(row.label) for row in test])  # type: ignore[arg-type]
    return HeldOut(test, truth, result, _answered(result, test, model.abstain_below))


def _answered(probabilities: np.ndarray, rows: Sequence[Row], level: float) -> np.ndarray:
    """Which rows are likely enough to be labelled, as the package decides."""
    least = np.array([least_probability(row.features, level) for row in rows])
    return probabilities.max(axis=1) >= least


def _calibrate(
    by_temperature: np.ndarray, truth: np.ndarray, use: np.ndarray, share: float
) -> tuple[int, float]:
    """Temperature with the least log-loss, and the level that answers a share of the sessions."""
    of_truth = by_temperature[:, np.flatnonzero(use), truth[use]]
    k = int((-np.log(of_truth)).sum(axis=1).argmin())
    best = by_temperature[k, use].max(axis=1)
    return k, float(np.quantile(best, 1.0 - share))


# --- running it -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence of the corpus, its reps found by held-out and by shipped models; seasons."""

    truth: dict[str, Any]
    evidence: dict[str, SessionEvidence]
    seen: dict[str, SessionEvidence]
    trained: list[tuple[int, list[Trained]]]


def gather(corpus: Path, folder: Path, seasons: int, cache: Path | None, jobs: int) -> Gathered:
    """Analyse corpus and simulated seasons, or take both from the cache."""
    lines = (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truth = {row["file"]: row for row in map(json.loads, lines)}
    if cache and cache.is_file():
        return Gathered(truth, *pickle.loads(cache.read_bytes()))
    fold_of = {athlete: k for k, fold in enumerate(folds()) for athlete in fold}
    run = corpus / "run"
    work = [Job(file, run, folder, fold_of[row["athlete"]]) for file, row in truth.items()]
    with multiprocessing.Pool(jobs) as pool:
        evidence = dict(pool.map(corpus_evidence, work, chunksize=8))
        seen = dict(pool.map(corpus_evidence, [Job(job.file, run) for job in work], chunksize=8))
        trained = pool.map(_season, range(seasons + TABLE_SEASONS), chunksize=1)
    if cache:
        cache.write_bytes(pickle.dumps((evidence, seen, trained)))
    return Gathered(truth, evidence, seen, trained)


def _season(seed: int) -> tuple[int, list[Trained]]:
    """Simulate one athlete; the first few run the sessions of the table."""
    return seed, list(table_season(seed) if seed < TABLE_SEASONS else season(seed))


def shipped(rows: Sequence[Row], settled: Mapping[str, tuple[float, float]]) -> dict[str, Logistic]:
    """Fit every model on all athletes, with temperature and level from the held-out ones."""
    return {
        name: replace(
            fit(training(rows, name), name),
            temperature=settled[name][0],
            abstain_below=settled[name][1],
        )
        for name in MODELS
    }


def as_json(models: Mapping[str, Logistic], about: str) -> str:
    """Return ``coefficients.json``: mean, scale and one coefficient a label, for each feature."""
    data = {
        "version": "1",
        "about": about,
        "labels": list(LABELS),
        "models": {
            name: {
                "temperature": round(model.temperature, 4),
                "abstain_below": round(model.abstain_below, 4),
                "intercept": dict(zip(LABELS, np.round(model.intercept, 5).tolist(), strict=True)),
                "features": {
                    feature: [round(float(v), 5) for v in
                              (model.mean[k], model.scale[k], *model.coefficients[:, k])]
                    for k, feature in enumerate(model.names)
                },
            }
            for name, model in models.items()
        },
    }  # fmt: skip
    return json.dumps(data, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="nets and judges of every fold")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seasons", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    corpus = os.environ.get("INTERVALDETECT_CORPUS")
    if not corpus:
        sys.exit("INTERVALDETECT_CORPUS is not set")
    found = gather(Path(corpus), options.folder, options.seasons, options.cache, options.jobs)
    rows = corpus_rows(found.truth, found.evidence) + simulated_rows(found.trained)
    held, settled = {}, {}
    for name in MODELS:
        held[name], *numbers = held_out(rows, name)
        settled[name] = (numbers[0], numbers[1])
    models = shipped(rows, settled)
    known = corpus_rows(found.truth, found.seen)
    as_shipped = {name: seen_before(known, name, models[name]) for name in ("history", "file")}
    simulated = sum(len(sessions) for _, sessions in found.trained)
    about = f"{len(found.truth)} runs of the corpus and {simulated} simulated ones"
    text = report(rows, held, models, as_shipped, about)
    print(text)
    if options.write:
        COEFFICIENTS.write_text(as_json(models, about), encoding="utf-8")
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
