"""Fit the judge of readings on athletes that neither it nor the net has seen.

Each run is read with the nets of its own fold, so with none that saw its athlete; the judge is
fitted on four folds and scored on the fifth. This is not nested: the net's shape, the generators
and the features were chosen on the same runs. `benchmarks.accuracy.detection` runs it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.accuracy.agreement import agreement, matched, quality
from benchmarks.accuracy.corpus_runs import path_of
from benchmarks.accuracy.models import NO_FOLD
from intervaldetect.clean import clean_activity
from intervaldetect.errors import IntervalDetectError
from intervaldetect.read import read_activity
from intervaldetect.records import CLAIMED, Floats, Signal
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.judge import (
    FEATURES,
    NOTHING,
    REP_FEATURES,
    Described,
    EdgeErrors,
    Weights,
    describe,
    weights_from,
)
from intervaldetect.structure.net import Layers, infer
from intervaldetect.structure.readings import Reading, propose

SHARPNESS = 12.0
"""How much likelier a reading of better quality should be: log-odds per unit of mean F1."""
EDGE_SURE = (0.3, 0.6)
EDGE_CLASSES = range(len(EDGE_SURE) + 1)
ONE_SIGMA = 0.683
RIDGE = 0.02
STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A run with its readings described, and the quality of each (r,) where its reps are known."""

    row: dict[str, Any]
    described: Described
    quality: Floats | None
    weight: float = 1.0


def signal_of(row: dict[str, Any]) -> Signal | None:
    """Read and clean the file of a row, None where that fails."""
    try:
        return clean_activity(read_activity(path_of(row)))
    except IntervalDetectError:
        return None


def case_of(row: dict[str, Any], signal: Signal, nets: Sequence[Layers]) -> Case:
    """Describe the readings of a run and hold each against the truth."""
    posterior = infer(find_frames(signal), nets)
    readings = propose(signal, posterior)
    return judged_case(row, describe(signal, posterior, readings))


def judged_case(row: dict[str, Any], described: Described) -> Case:
    """Hold every reading against the truth, where that is known."""
    if not row["reps"]:
        return Case(row, described, None)
    ignore = row["ignore"] or []
    spans = [spans_of(reading) for reading in described.readings]
    return Case(row, described, np.array([quality(row["reps"], s, ignore) for s in spans]))


def spans_of(reading: Reading) -> list[tuple[float, float]]:
    """Return the stretches of a reading."""
    return list(zip(reading.start_s.tolist(), reading.end_s.tolist(), strict=True))


def balance(cases: Sequence[Case]) -> list[float]:
    """Weigh cases so that an athlete with many counts by the root of their number."""
    names = [case.row["athlete"] for case in cases]
    return [
        (0.5 if case.row.get("weak") else 1.0) / names.count(case.row["athlete"]) ** 0.5
        for case in cases
    ]


def fit(cases: Sequence[Case], version: str = "") -> Weights:
    """Fit the conditional logit, then the calibration of planned work and of reps."""
    known = [c for c in cases if c.row["structured"] is not None and len(c.described.readings)]
    mean, scale = _standard(np.concatenate([c.described.features for c in known]))
    mean0, scale0 = _standard(np.array([c.described.nothing for c in known]))
    mean0[0], scale0[0] = 0.0, 1.0
    rows = [torch.from_numpy((c.described.features - mean) / scale) for c in known]
    nothing = torch.from_numpy((np.array([c.described.nothing for c in known]) - mean0) / scale0)
    w, w0 = _descend(rows, nothing, *_targets(known), torch.tensor(balance(known)).double())
    slopes, slopes0 = w.numpy() / scale, w0.numpy() / scale0
    slopes0[0] += float(mean @ slopes) - float(mean0 @ slopes0)
    blank = EdgeErrors(np.empty(0), np.ones(1), np.ones(1))
    raw = Weights(version, slopes, slopes0, (1.0, 0.0), np.zeros(len(REP_FEATURES)), blank)
    claim = _calibrate(known, raw)
    rep = _rep_model(known, raw, claim)
    return Weights(version, slopes, slopes0, claim, rep, edge_errors(known, raw))


def _targets(cases: Sequence[Case]) -> tuple[Tensor, Tensor]:
    """Return how likely each reading and, last, nothing should be; and where any will do."""
    most = max(len(case.described.readings) for case in cases)
    target = np.zeros((len(cases), most + 1))
    for row, case in zip(target, cases, strict=True):
        if case.row["structured"] is False:
            row[-1] = 1.0
        elif case.quality is not None:
            wanted = np.append(case.quality, 0.0) * SHARPNESS
            chance = np.exp(wanted - wanted.max())
            chance /= chance.sum()
            row[: chance.size - 1], row[-1] = chance[:-1], chance[-1]
    target = torch.from_numpy(target)
    return target, target.sum(1) == 0.0


def _descend(
    rows: Sequence[Tensor], nothing: Tensor, target: Tensor, any_reading: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """Minimise the cross-entropy; returns slopes of standardised features."""
    x = torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True)
    there = torch.nn.utils.rnn.pad_sequence([torch.ones(len(r)) for r in rows], batch_first=True)
    w = torch.zeros(len(FEATURES), dtype=torch.float64, requires_grad=True)
    w0 = torch.zeros(len(NOTHING), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([w, w0], max_iter=STEPS * 5, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        scores = torch.where(there > 0, x @ w, torch.tensor(-1e9, dtype=torch.float64))
        every = torch.log_softmax(torch.cat((scores, (nothing @ w0)[:, None]), 1), 1)
        named = -(target * every).sum(1)
        unnamed = -torch.log1p(-torch.exp(every[:, -1]).clamp(max=1 - 1e-9))
        loss = (torch.where(any_reading, unnamed, named) * weight).sum() / weight.sum()
        loss = loss + RIDGE * (w @ w + w0[1:] @ w0[1:])
        loss.backward()
        return loss

    optimiser.step(closure)
    return w.detach(), w0.detach()


def _standard(values: Floats) -> tuple[Floats, Floats]:
    return values.mean(axis=0), np.maximum(values.std(axis=0), 1e-3)


def odds_of(case: Case, weights: Weights) -> tuple[float, int]:
    """Return the log-odds of planned work before calibration, and the best reading."""
    scores = case.described.features @ weights.readings
    top = float(scores.max())
    total = top + float(np.log(np.exp(scores - top).sum()))
    return total - float(case.described.nothing @ weights.nothing), int(np.argmax(scores))


def taken(case: Case, weights: Weights) -> Reading | None:
    """Return the reading by which planned work is claimed, None where none is."""
    if not len(case.described.readings):
        return None
    odds, best = odds_of(case, weights)
    claimed = weights.claim[0] * odds + weights.claim[1] >= np.log(CLAIMED / (1.0 - CLAIMED))
    return case.described.readings[best] if claimed else None


def _calibrate(cases: Sequence[Case], weights: Weights) -> tuple[float, float]:
    """Fit slope and offset of the log-odds of planned work."""
    x = np.array([[odds_of(c, weights)[0]] for c in cases])
    y = np.array([c.row["structured"] for c in cases], dtype=np.float64)
    slope, offset = logistic(x, y, np.array(balance(cases)), ridge=1e-3)
    return float(slope[0]), offset


def _rep_model(cases: Sequence[Case], weights: Weights, claim: tuple[float, float]) -> Floats:
    """Fit the chance that a rep of the reading taken is a true one, by an overlap of 0.75."""
    rows, right, weight = [], [], []
    for case, athlete in zip(cases, balance(cases), strict=True):
        odds, best = odds_of(case, weights)
        odds = claim[0] * odds + claim[1]
        if not case.row["reps"] or odds < 0.0:
            continue
        reading = case.described.readings[best]
        partners = {j for _, j in matched(agreement(case.row["reps"], spans_of(reading)), 0.75)}
        for j, by_rep in enumerate(case.described.reps[best]):
            rows.append([min(max(odds, -4.0), 4.0), *by_rep])
            right.append(j in partners)
            weight.append(athlete)
    y = np.array(right, dtype=np.float64)
    slope, offset = logistic(np.array(rows), y, np.array(weight), ridge=1e-3)
    return np.array([offset, *slope])


def edge_errors(cases: Sequence[Case], weights: Weights) -> EdgeErrors:
    """Take what holds two thirds of the errors of edges, apart from each athlete's own habit."""
    rows = []
    for case in cases:
        # Simulated edges have no finger on a button.
        if not case.row["reps"] or case.row["fold"] == NO_FOLD:
            continue
        best = odds_of(case, weights)[1]
        reading = case.described.readings[best]
        spans = np.column_stack((reading.start_s, reading.end_s))
        value = agreement(case.row["reps"], spans.tolist())
        for i, j in matched(value, 0.5):
            by_rep = case.described.reps[best][j]
            off = spans[j] - case.row["reps"][i]
            rows.append((case.row["athlete"], by_rep[1], by_rep[2], off[0], off[1]))
    names = np.array([row[0] for row in rows])
    sure, off = np.array([row[1:3] for row in rows]), np.array([row[3:] for row in rows])
    for name in np.unique(names):
        off[names == name] -= np.median(off[names == name], axis=0)
    classes = [np.searchsorted(EDGE_SURE, sure[:, k], "right") for k in (0, 1)]
    start, end = (
        np.array([np.quantile(np.abs(off[classes[k] == c, k]), ONE_SIGMA) for c in EDGE_CLASSES])
        for k in (0, 1)
    )
    return EdgeErrors(np.array(EDGE_SURE), start, end)


def logistic(x: Floats, y: Floats, weight: Floats, *, ridge: float) -> tuple[Floats, float]:
    """Fit a logistic regression by Newton's method."""
    z = np.column_stack((x, np.ones(len(x))))
    beta = np.zeros(z.shape[1])
    penalty = np.diag([ridge] * x.shape[1] + [0.0]) * weight.sum()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ beta, -30, 30)))
        gradient = z.T @ (weight * (y - p)) - penalty @ beta
        curve = (z * (weight * p * (1 - p))[:, None]).T @ z + penalty + 1e-9 * np.eye(z.shape[1])
        step = np.linalg.solve(curve, gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    return beta[:-1], float(beta[-1])


def to_json(weights: Weights) -> str:
    """Write weights as the object that `weights_from` takes."""
    edges = {
        name: getattr(weights.edges, name).round(2).tolist()
        for name in ("sure", "start_s", "end_s")
    }
    data = {
        "version": weights.version,
        "readings": dict(zip(FEATURES, weights.readings.round(5).tolist(), strict=True)),
        "nothing": dict(zip(NOTHING, weights.nothing.round(5).tolist(), strict=True)),
        "claim": [round(v, 5) for v in weights.claim],
        "rep": dict(zip(REP_FEATURES, weights.rep.round(5).tolist(), strict=True)),
        "edges": edges,
    }
    assert weights_from(data).version == weights.version
    return json.dumps(data, indent=1)
