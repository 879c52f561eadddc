"""The figures of `labels.py` as the page ``docs/accuracy-labels.md``."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.accuracy.page import section
from intervaldetect.label import judge_features
from intervaldetect.label.classifiers import LABELS, Logistic
from intervaldetect.label.features import Features
from intervaldetect.records import SessionEvidence

REPORT = Path(__file__).resolve().parents[2] / "docs" / "accuracy-labels.md"
NAMES = {"history": "with history", "file": "one file alone", "set": "one set of reps"}
# Accuracy of what is answered, at this coverage: the least, and what is aimed at.
FLOOR = {"history": (0.93, 0.85), "file": (0.90, 0.72)}
AIM = {"history": (0.96, 0.92), "file": (0.92, 0.80)}
MOST_ERROR = 0.06
# What a watch calls a session, as a label.
BENEFITS = {
    "recovery": "easy", "base": "easy", "long": "easy", "tempo": "threshold",
    "threshold": "threshold", "vo2max": "vo2", "anaerobic": "vo2", "sprint": "vo2",
}  # fmt: skip

HEAD = """# Accuracy of labels

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.labels EVIDENCE SEASONS --write

fits the coefficients, writes this page and prints it. Laps are hidden. Truth is what two
independent readings of the plots agree on, of 404 runs of `run` and `run2`. Every figure is of
athletes in a fold left out: neither the coefficients of the label, nor its temperature and level of
abstention, nor the nets and judges that found the reps have seen them. History (runs of `run3`
among it) is cut off at the date of the session judged: nothing later has a part in its thresholds.
"""

EXPORTED = """## With the thresholds that `athlete --export` writes

    python -m benchmarks.accuracy.exported EVIDENCE --write

Every run is judged alone, and again with the file of its own athlete; shipped coefficients, nets
and judges that saw nobody of the fold.
"""

FEATURES_TEXT = """## Which features a label needs

    python -m benchmarks.accuracy.label_features EVIDENCE SEASONS --write

Every fold, without its athletes, drops one feature after another while that lowers log-loss on
athletes left out of the others. What most folds keep is used, and the sum of the work with it,
which tells a long series of kilometres. The table at the top is of these features, which the
athletes of all folds had a part in choosing; the last lines are of the features that each fold's
own choice kept, without its athletes: so much of the gain carries over. Of 34 features, some of
which are gone since, the same choice gave .911 at .868 and .919 at .752.
"""

RULES = """## What each rule does

    python -m benchmarks.accuracy.label_rules EVIDENCE SEASONS --write

First each rule left out whole, all models fitted anew. Three that changed nothing are gone: more
asked for where reps are not sure, reps at easy pace beside others, the grade of the reps. The guard
of work that is surely slow stays, though it changes nothing here: without it a sentence of 78 % of
threshold may end in "threshold".

Then each constant a fifth smaller and larger; the models of each fold are fitted once, before.
`HIGH_HR` makes a feature of theirs: moved without them it shows how much they lean on it, no more.
Of the simulated seasons only those of the table's rows had a part here. What moves nothing by a
fifth may still hold sessions that the corpus has none of.
"""

LIMITS = """## What limits it

- Threshold or VO2 is where most errors are. Reps of 3-4 min at threshold speed with a recovery
  of half the work are called either by the readers; such sessions are where no label is given.
- A run without reps is called threshold or VO2 only where 20 min were run near a threshold that
  is known from hard runs. Tempo runs of athletes of whom nothing hard was seen get no label.
- One file alone does not tell threshold speed or highest heart rate to better than 4-5 %, which
  is more than half the distance between threshold and VO2.
- Readers go by the length of reps more than by their intensity: 5 x 2 min at 76 % of the highest
  heart rate is VO2 to them. A third of the errors with history are one athlete's, most of them
  reps of 2-4 min at 89 % and recoveries as long, which the readers call threshold, hardly sure of
  it themselves.
- The readers saw an athlete's whole history; what is measured here knows the past only. Judged by
  the thresholds at the end of the history, log-loss falls by a tenth.
- Boosted trees, support vectors, and means of them and these models, were no better on athletes
  left out.
- Sprints that are found as strides are called easy.
- Marathon pace is no kind: 93-96 % of threshold speed is little more than one stated error (2-4 %)
  from a tempo, and no reading of the corpus names it. Such runs are steady, long, progression or
  tempo.
- Heart rates are left out that follow the cadence, exceed 220 bpm, or follow a jump of 25 bpm
  within 5 s at constant speed. A strap that is wrong from the start, or drifts away, is believed.
- What the corpus has none of (15 x 1 km, 25 x 400 m, singles of a hobby runner) is held up by
  simulated sessions, the table below, which are cleaner than real ones.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One session judged one way: its features, its label and how sure the readers were of it."""

    file: str
    athlete: str
    mode: str
    label: str | None
    kind: str | None
    weight: float
    features: Features
    evidence: SessionEvidence
    simulated: bool = False
    fold: int | None = None
    of: str = ""


@dataclass(slots=True)
class HeldOut:
    """Predictions for rows whose athlete had no part in them."""

    rows: list[Row]
    truth: np.ndarray
    probabilities: np.ndarray
    answered: np.ndarray

    def figures(self, use: np.ndarray | None = None) -> dict[str, float]:
        """Coverage, accuracy of what is answered and of all, and calibration as the scorer's."""
        use = np.ones(self.truth.size, bool) if use is None else use
        truth, probability, answered = self.truth[use], self.probabilities[use], self.answered[use]
        right = probability.argmax(axis=1) == truth
        sure, correct = probability.max(axis=1)[answered], right[answered]
        cell = np.minimum((10.0 * sure).astype(int), 9)
        error = sum(
            abs(sure[cell == b].mean() - correct[cell == b].mean()) * (cell == b).mean()
            for b in np.unique(cell)
        )
        return {
            "coverage": float(answered.mean()) if truth.size else math.nan,
            "accuracy": float(correct.mean()) if correct.size else math.nan,
            "accuracy_all": float(right.mean()) if truth.size else math.nan,
            "calibration": float(error),
            "easy_as_hard": float(
                ((truth == 0) & (probability.argmax(axis=1) > 0) & answered).sum()
                / max(int(answered.sum()), 1)
            ),
        }

    def confusion(self) -> Counter[tuple[str, str]]:
        """Count pairs of what the readings say and what is said here, or "none"."""
        said = self.probabilities.argmax(axis=1)
        return Counter(
            (LABELS[truth], LABELS[best] if answered else "none")
            for truth, best, answered in zip(self.truth, said, self.answered, strict=True)
        )


def report(
    rows: Sequence[Row],
    held: Mapping[str, HeldOut],
    models: Mapping[str, Logistic],
    about: str,
) -> str:
    """Return the whole page."""
    parts = [HEAD, f"Fitted on {about}.\n", _summary(held)]
    parts += [_confusion(held[name], name) for name in ("history", "file")]
    parts += [_by_athlete(held), _benefit(held)]
    parts += [
        EXPORTED,
        section("exported", REPORT),
        "",
        FEATURES_TEXT,
        section("features", REPORT),
        "",
        RULES,
        section("rules", REPORT),
        "",
        LIMITS,
    ]
    parts += [_simulated(rows, models)]
    return "\n".join(parts)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _summary(held: Mapping[str, HeldOut]) -> str:
    rows = []
    for name, mode in NAMES.items():
        result = held[name]
        for of in ("run and run2", "run", "run2"):
            use = np.array([row.of in of.split(" and ") for row in result.rows])
            found = result.figures(use)
            rows.append(
                [mode, of, int(use.sum()), f"{found['accuracy']:.3f}", f"{found['coverage']:.3f}",
                 f"{found['accuracy_all']:.3f}", f"{found['calibration']:.3f}",
                 f"{found['easy_as_hard']:.3f}",
                 _macro(result) if of == "run and run2" else "",
                 *(_bars(name) if of == "run and run2" else ("", ""))]
            )  # fmt: skip
    head = ["judged", "sessions of", "n", "right of answered", "answered", "right of all", "ECE",
            "easy called harder", "macro by athlete", "floor", "aim"]  # fmt: skip
    return (
        table(head, rows)
        + "\nECE, the calibration error in ten bins of what is answered, may be at most"
        f" {MOST_ERROR}. Easy runs\ncalled threshold or VO2 are a share of all that is answered.\n"
        "Macro is the mean of right of answered over athletes with at least five "
        "labelled sessions.\nOne set of reps has no floor; its label stands beside each set.\n"
    )


def _bars(name: str) -> tuple[str, str]:
    if name not in FLOOR:
        return "", ""
    floor, aim = (f"{right:.2f} at {share:.2f}" for right, share in (FLOOR[name], AIM[name]))
    return floor, aim


def _macro(result: HeldOut, least: int = 5) -> str:
    athletes = np.array([row.athlete for row in result.rows])
    shares = []
    for athlete in sorted(set(athletes.tolist())):
        use = athletes == athlete
        if use.sum() >= least:
            shares.append(result.figures(use)["accuracy"])
    return f"{np.nanmean(shares):.3f} ({len(shares)})"


def _confusion(result: HeldOut, name: str) -> str:
    counts = result.confusion()
    rows = [
        [f"**{truth}**", *(counts[truth, said] for said in (*LABELS, "none"))] for truth in LABELS
    ]
    head = ["readings", *LABELS, "no label"]
    return f"## Confusion, {NAMES[name]}, held out\n\n{table(head, rows)}"


def _by_athlete(held: Mapping[str, HeldOut]) -> str:
    rows = []
    athletes = np.array([row.athlete for row in held["history"].rows])
    for athlete in sorted(set(athletes.tolist())):
        cells: list[object] = [athlete, int((athletes == athlete).sum())]
        for name in ("history", "file"):
            mine = np.array([row.athlete == athlete for row in held[name].rows])
            found = held[name].figures(mine)
            right = "-" if np.isnan(found["accuracy"]) else f"{found['accuracy']:.2f}"
            cells += [right, f"{found['coverage']:.2f}"]
        rows.append(cells)
    head = ["athlete", "sessions", "right, history", "answered", "right, alone", "answered"]
    return f"## By athlete, held out\n\n{table(head, rows)}"


def _benefit(held: Mapping[str, HeldOut]) -> str:
    """How often the watch's own judgement agrees with the readings, and how often this does."""
    result = held["history"]
    watch = [BENEFITS.get((row.evidence.benefit or "").lower()) for row in result.rows]
    use = np.array([said is not None for said in watch])
    right = [said == LABELS[truth] for said, truth in zip(watch, result.truth, strict=True)]
    same = result.figures(use)
    pairs = Counter(
        (LABELS[truth], said)
        for said, truth in zip(watch, result.truth, strict=True)
        if said is not None
    )
    rows = [[f"**{truth}**", *(pairs[truth, said] for said in LABELS)] for truth in LABELS]
    return (
        "## The watch's own judgement, as a comparison\n\n"
        f"{int(use.sum())} of these files carry the main benefit that the watch gave (recovery\n"
        "and base taken as easy, tempo and threshold as threshold, the rest as VO2). It agrees\n"
        f"with the readings on {np.mean(np.array(right)[use]):.2f} of them. Of the same files,"
        f" {same['coverage']:.2f} are answered here (with history, held out),\n"
        f"{same['accuracy']:.2f} of those rightly, {same['accuracy_all']:.2f} if all had to be"
        " answered. What the watch says decides no label.\n\n"
        + table(["readings", *(f"watch: {label}" for label in LABELS)], rows)
    )


def _simulated(rows: Sequence[Row], models: Mapping[str, Logistic]) -> str:
    """How the simulated sessions that join the fit are labelled, by what was planned."""
    found: dict[str, dict[str, list[tuple[str, str | None]]]] = {}
    for row in rows:
        if row.simulated and row.label and row.mode in ("history", "file"):
            said = judge_features(row.features, row.evidence, models=models).label
            found.setdefault(row.file, {}).setdefault(row.mode, []).append((row.label, said))
    lines = []
    for session, modes in sorted(found.items()):
        cells: list[object] = [session, len(modes["history"])]
        for mode in ("history", "file"):
            pairs = modes[mode]
            right = np.mean([said == label for label, said in pairs])
            wrong = np.mean([said not in {label, None} for label, said in pairs])
            cells += [f"{right:.2f}", f"{wrong:.2f}"]
        lines.append(cells)
    head = ["simulated session", "n", "right, history", "wrong", "right, alone", "wrong"]
    return (
        "## Simulated sessions, shipped coefficients\n\nThey have a part in the fit, of small"
        " weight; what is neither right nor wrong has no label.\n"
        f"\n\n{table(head, lines)}"
    )
