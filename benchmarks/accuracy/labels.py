"""Labels: fit the coefficients, and measure them on athletes that the fit has not seen.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.labels EVIDENCE SEASONS [--write]

EVIDENCE is what `benchmarks.accuracy.left_out` finds in the runs of the corpus with nets and judges
that never saw their athletes, SEASONS what `benchmarks.accuracy.thresholds --seasons` keeps of its
simulated bodies. Every labelled run of `run` and `run2` is judged by its athlete's history up to
its own date (runs of `run3` are part of it), and alone; the models of
``src/intervaldetect/label/coefficients.json`` are fitted on labels that two independent readings
agree on, weighted by how sure the readers were, together with simulated sessions of small weight
that fill in what the corpus lacks. Each model also sees the same runs judged by more or less of
their history (`SEEN_BY`). Every figure is of an athlete in the fold left out (``folds.json``):
neither coefficients nor temperature nor level has seen it.
``--write`` rewrites the coefficients and ``docs/accuracy-labels.md``.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.accuracy.bodies import Season, label_of
from benchmarks.accuracy.labels_report import REPORT, HeldOut, Row, report
from benchmarks.accuracy.left_out import LeftOut, cached
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.athlete.history import DatedThresholds
from intervaldetect.label import judge_features
from intervaldetect.label.classifiers import LABELS, MODELS, Logistic, row_of, with_doubt
from intervaldetect.label.features import session_features, set_features
from intervaldetect.records import SessionEvidence

ROOT = Path(__file__).resolve().parents[2]
COEFFICIENTS = ROOT / "src" / "intervaldetect" / "label" / "coefficients.json"

# Inverse strength of the ridge by model, and the weight of all simulated sessions in real ones.
RIDGE = {"history": 0.1, "file": 0.1, "set": 0.2}
SIMULATED_WEIGHT = 80.0
# Sessions of an athlete with n of them weigh n to the minus this: 0 counts sessions, 1 athletes.
MACRO = 0.35
# What the corpus holds little or nothing of weighs more among them.
LACKING = {"threshold 25 x 400": 600.0, "threshold 15 x 1000": 240.0, "threshold 10 x 1000": 180.0}
SINGLES, TABLE = 18.0, 12.0
# By how much of the history the rows of a fit are judged, and with what weight: by all up to the
# session, by all of it, and by the session alone.
SEEN_BY: dict[str, dict[str, float]] = {
    "history": {"history": 1.0, "whole": 0.5, "file": 0.6},
    "file": {"history": 1.0, "file": 1.0},
    "set": {"set": 1.0},
}
# Share of the labelled sessions to answer, by model.
COVERAGE = {"history": 0.88, "file": 0.76, "set": 0.85}
TEMPERATURES = np.geomspace(0.35, 1.8, 20)
DOUBTS = np.arange(0.0, 0.21, 0.02)


# --- sessions -------------------------------------------------------------------------------------


def modes(known: Sequence[SessionEvidence]) -> Iterator[tuple[str, list[DatedThresholds]]]:
    """Yield the thresholds of sessions by the history up to each, by all of it, by each alone."""
    dated = thresholds_over_time(known, start_up=False)
    yield "history", dated
    yield "whole", [max(dated, key=lambda state: state.time)] * len(known)
    yield "file", [thresholds_over_time([item])[0] for item in known]


def corpus_rows(found: Sequence[LeftOut]) -> list[Row]:
    """Judge every run within its athlete's history, and alone."""
    by_athlete: dict[str, list[LeftOut]] = defaultdict(list)
    for item in found:
        by_athlete[item.row["athlete"]].append(item)
    rows = []
    for items in by_athlete.values():
        known = [item.evidence for item in items]
        for mode, dated in modes(known):
            for item, state in zip(items, dated, strict=True):
                if not item.row["label"]:
                    continue
                row = _row(item, mode, state)
                rows.append(row)
                if row.evidence.reps and mode == "history":
                    rows.append(_main_set(row, state))
    return rows


def _row(item: LeftOut, mode: str, state: DatedThresholds) -> Row:
    told, evidence = item.row, item.decided(state.thresholds)
    sure = float(np.mean([reader["conf"] for reader in told["labellers"]]))
    return Row(
        told["file"], told["athlete"], mode, told["label"], told["kind"], sure,
        session_features(evidence, state.thresholds), evidence,
        fold=told["fold"], of=told["set"],
    )  # fmt: skip


def _main_set(row: Row, state: DatedThresholds) -> Row:
    work: Counter[int] = Counter()
    for rep in row.evidence.reps:
        work[rep.set] += round(rep.duration_s)
    features = set_features(row.evidence, work.most_common(1)[0][0], state.thresholds)
    return replace(row, mode="set", features=features)


def _weight(kind: str, name: str) -> float:
    usual = TABLE if kind == "table" else SINGLES if kind == "singles" else 1.0
    return LACKING.get(name, usual)


def simulated_rows(seasons: Sequence[Season]) -> list[Row]:
    """Judge every simulated session within its season, and alone."""
    rows = []
    for season in seasons:
        known = [done.evidence for done in season.done]
        for mode, dated in modes(known):
            for done, state in zip(season.done, dated, strict=True):
                weight = _weight(season.kind, done.name)
                row = Row(
                    done.name, f"simulated {season.kind} {season.seed}", mode, label_of(done), None,
                    weight, session_features(done.evidence, state.thresholds), done.evidence,
                    simulated=True,
                )  # fmt: skip
                rows.append(row)
                if done.evidence.reps and mode == "history":
                    rows.append(_main_set(row, state))
    return rows


# --- fitting --------------------------------------------------------------------------------------


class Design(NamedTuple):
    """Rows to fit on: standardised features (n, features), labels and weights."""

    scaled: np.ndarray
    labels: list[str]
    weight: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    def standardised(self, rows: Sequence[Row], names: tuple[str, ...]) -> np.ndarray:
        """Return the features of other rows as these are; what is not known counts as average."""
        table = np.array([row_of(row.features.values, names) for row in rows])
        scaled = np.clip((table - self.mean) / self.scale, -3.0, 3.0)
        scaled[np.isnan(scaled)] = 0.0
        return scaled


def design(rows: Sequence[Row], names: tuple[str, ...]) -> Design:
    """Weigh and standardise labelled rows; the simulated share a fixed weight among themselves."""
    table = np.array([row_of(row.features.values, names) for row in rows])
    simulated = np.array([row.simulated for row in rows])
    weight = np.array([row.weight for row in rows])
    weight[~simulated] *= _by_athlete([row.athlete for row in rows if not row.simulated])
    weight[simulated] *= SIMULATED_WEIGHT / max(weight[simulated].sum(), 1.0)
    mean = np.array([_average(column, weight) for column in table.T])
    spread = [_average((column - m) ** 2, weight) for column, m in zip(table.T, mean, strict=True)]
    scale = np.maximum(np.sqrt(spread), 1e-3)
    labels = [str(row.label) for row in rows]
    made = Design(np.empty((0, len(names))), labels, weight, mean, scale)
    return made._replace(scaled=made.standardised(rows, names))


def coefficients(on: Design, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Fit a multinomial logistic: coefficients (labels, features) and intercepts."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (development only)

    fitted = LogisticRegression(C=ridge, solver="newton-cholesky").fit(
        on.scaled, on.labels, sample_weight=on.weight
    )
    order = [list(fitted.classes_).index(label) for label in LABELS]
    return fitted.coef_[order], fitted.intercept_[order]


def fit(rows: Sequence[Row], model: str) -> Logistic:
    """Fit one model on labelled rows."""
    names = MODELS[model]
    on = design(rows, names)
    slopes, intercepts = coefficients(on, RIDGE[model])
    return Logistic(names, on.mean, on.scale, slopes, intercepts, 1.0, 0.0)


def _by_athlete(athletes: Sequence[str]) -> np.ndarray:
    """Return weights of mean 1 by which athletes of many sessions do not outvote the others."""
    count = Counter(athletes)
    weight = np.array([count[athlete] ** -MACRO for athlete in athletes])
    return weight / weight.mean()


def _average(values: np.ndarray, weight: np.ndarray) -> float:
    known = np.isfinite(values)
    return float(np.average(values[known], weights=weight[known])) if known.any() else 0.0


def training(rows: Sequence[Row], model: str, without: int | None = None) -> list[Row]:
    """Return the rows a model is fitted on, with the weights of `SEEN_BY`."""
    weights = SEEN_BY[model]
    return [
        replace(row, weight=row.weight * weights[row.mode])
        for row in rows
        if row.label
        and row.mode in weights
        and (row.simulated or without is None or row.fold != without)
    ]


def predicted(model: Logistic, rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Predict rows as the package does: probabilities (n, 3), and which are likely enough."""
    models = dict.fromkeys(MODELS, model)
    verdicts = [
        judge_features(row.features, row.evidence, of_set=row.mode == "set", models=models)
        for row in rows
    ]
    chances = [[verdict.probabilities[label] for label in LABELS] for verdict in verdicts]
    least = np.array([verdict.abstain_below for verdict in verdicts])
    return np.array(chances).reshape(-1, len(LABELS)), least


class Calibration(NamedTuple):
    """What is settled on athletes left out: temperature, doubt, and level of abstention."""

    temperature: float
    doubt: float
    level: float


def held_out(rows: Sequence[Row], name: str) -> tuple[HeldOut, Calibration]:
    """Predict every labelled row without its fold; return also the calibration of all."""
    test = [row for row in rows if row.label and row.mode == name and not row.simulated]
    truth = np.array([LABELS.index(row.label) for row in test])  # type: ignore[arg-type]
    fold = np.array([row.fold for row in test])
    chances = np.zeros((TEMPERATURES.size, len(test), len(LABELS)))
    least = np.zeros(len(test))
    for left in sorted(set(fold.tolist())):
        model = fit(training(rows, name, without=left), name)
        mine = np.flatnonzero(fold == left)
        for k, temperature in enumerate(TEMPERATURES):
            cooled = replace(model, temperature=float(temperature))
            chances[k, mine], least[mine] = predicted(cooled, [test[i] for i in mine])
    result, answered = np.zeros((len(test), 3)), np.zeros(len(test), dtype=bool)
    for left in sorted(set(fold.tolist())):
        mine = fold == left
        found = _calibrate(chances, truth, ~mine, least, COVERAGE[name])
        result[mine] = _calibrated(chances, found)[mine]
        answered[mine] = result[mine].max(axis=1) >= np.maximum(least[mine], found.level)
    everywhere = np.ones(len(test), bool)
    return HeldOut(test, truth, result, answered), _calibrate(
        chances, truth, everywhere, least, COVERAGE[name]
    )


def _calibrated(chances: np.ndarray, by: Calibration) -> np.ndarray:
    """Return the probabilities (n, 3) at a temperature, with doubt."""
    found = chances[int(np.argmin(np.abs(TEMPERATURES - by.temperature)))]
    return np.array(with_doubt(found.T, by.doubt)).T  # type: ignore[arg-type]


def _calibrate(
    chances: np.ndarray, truth: np.ndarray, use: np.ndarray, least: np.ndarray, share: float
) -> Calibration:
    """Temperature and doubt of least log-loss, and the level that answers a share of sessions."""
    tried = [Calibration(float(t), float(d), 0.0) for t in TEMPERATURES for d in DOUBTS]
    losses = [
        -np.log(_calibrated(chances, by)[np.flatnonzero(use), truth[use]]).sum() for by in tried
    ]
    best = tried[int(np.argmin(losses))]
    surest = _calibrated(chances, best)[use].max(axis=1)
    surest = np.where(surest >= least[use], surest, 0.0)
    return best._replace(level=float(np.quantile(surest, 1.0 - share)))


# --- running it -----------------------------------------------------------------------------------


def shipped(rows: Sequence[Row], settled: Mapping[str, Calibration]) -> dict[str, Logistic]:
    """Fit every model on all athletes, calibrated on the held-out ones."""
    return {
        name: replace(
            fit(training(rows, name), name),
            temperature=settled[name].temperature,
            doubt=settled[name].doubt,
            abstain_below=settled[name].level,
        )
        for name in MODELS
    }


def as_json(models: Mapping[str, Logistic], about: str) -> str:
    """Return ``coefficients.json``: mean, scale and one coefficient a label, for each feature."""
    data = {
        "version": "4",
        "about": about,
        "labels": list(LABELS),
        "models": {
            name: {
                "temperature": round(model.temperature, 4),
                "doubt": round(model.doubt, 4),
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


def seasons_in(paths: Sequence[Path]) -> list[Season]:
    """Return the constant seasons of files that ``thresholds.py`` or this module's user made."""
    out: list[Season] = []
    for path in paths:
        loaded = pickle.loads(path.read_bytes())
        out += loaded[0] if isinstance(loaded, tuple) else loaded
    return out


def command_line(doc: str) -> argparse.Namespace:
    """Read EVIDENCE, SEASONS and whether to write, which all benchmarks of labels take."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("evidence", type=Path)
    parser.add_argument("seasons", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def main() -> None:
    options = command_line(__doc__)
    seasons = seasons_in(options.seasons)
    found = cached(options.evidence)
    rows = corpus_rows(found) + simulated_rows(seasons)
    held, settled = {}, {}
    for name in MODELS:
        held[name], settled[name] = held_out(rows, name)
    models = shipped(rows, settled)
    about = (
        f"{sum(bool(item.row['label']) for item in found)} labelled runs of "
        f"{sum(bool(item.row.get('labellers')) for item in found)}"
        f" and {sum(len(season.done) for season in seasons)} simulated ones"
    )
    text = report(rows, held, models, about)
    print(text)
    if options.write:
        COEFFICIENTS.write_text(as_json(models, about), encoding="utf-8")
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
