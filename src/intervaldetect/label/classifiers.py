"""Features -> probabilities of easy, threshold and VO2, behind one `predict`.

*Fitted*: multinomial logistic models whose coefficients are data (``coefficients.json``), written
by ``benchmarks/accuracy/labels.py`` and versioned: one for sessions of an athlete whose history is
known, one for a file alone, and one for a single set of reps. What the rules say is among their
features. *Rules*: readable log-odds after
Haugen 2021 (PMC8363530) and Bakken, for sessions of which too little is known to use the others.

Both are averaged over the errors of the thresholds, so that a threshold known to 5 % gives a less
certain label than one known to 1 %.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.label.features import FEATURES, FITTED_NAMES, SET_NAMES, Features
from intervaldetect.label.rules import RULES
from intervaldetect.records import Floats, Label

LABELS: tuple[Label, ...] = ("easy", "threshold", "vo2")
# What the rules make of the other features, so that the fitted models only correct the rules.
RULE_NAMES = ("rule_easy", "rule_vo2")
# Made of the others as well: above this share of the highest heart rate VO2 is likelier, and below
# it heart rate tells threshold from VO2 less well.
HIGH_HR = 0.90
MADE_NAMES = (*RULE_NAMES, "high_hr")
MODELS: dict[str, tuple[str, ...]] = {
    "history": FITTED_NAMES + MADE_NAMES,
    "file": FITTED_NAMES + MADE_NAMES,
    "set": SET_NAMES + MADE_NAMES,
}
BY_OVER = {
    over: tuple(feature.name for feature in FEATURES if feature.over == over)
    for over in ("speed", "max_hr")
}

Classifier = Literal["fitted", "rules"]

# Three-point Gauss-Hermite: the mean over a normal error is exact for quintics.
_STEP, _SIDE = math.sqrt(3.0), 1.0 / 6.0
_FARTHEST = 3.0
_MAX_BY_RULE = 6.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities of the labels, and below which of them no label is given."""

    probabilities: dict[Label, float]
    abstain_below: float
    classifier: Classifier

    def ranked(self) -> list[Label]:
        """Return the labels, the likeliest first."""
        return sorted(LABELS, key=self.probabilities.__getitem__, reverse=True)

    @property
    def label(self) -> Label | None:
        """The likeliest label, None where it is not likely enough."""
        best = self.ranked()[0]
        return best if self.probabilities[best] >= self.abstain_below else None


class _Model(Protocol):
    @property
    def abstain_below(self) -> float:
        """Probability below which no label is given."""
        ...

    @property
    def doubt(self) -> float:
        """Share of hard sessions between threshold and VO2."""
        ...

    def log_odds(self, values: Sequence[Mapping[str, float]]) -> Floats:
        """Return a row of one log-odds per label for each of some features."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A multinomial logistic on standardised features; what is not known counts as average.

    ``doubt`` is the share of hard sessions that careful readers call threshold or VO2 as if by
    chance, however clear the features.
    """

    names: tuple[str, ...]
    mean: Floats
    scale: Floats
    coefficients: Floats  # (labels, features)
    intercept: Floats
    temperature: float
    abstain_below: float
    doubt: float = 0.0

    def log_odds(self, values: Sequence[Mapping[str, float]]) -> Floats:
        """Return a row of one log-odds per label for each of some features."""
        rows = np.array([row_of(each, self.names) for each in values])
        scaled = (rows - self.mean) / self.scale
        scaled = np.minimum(np.maximum(scaled, -_FARTHEST), _FARTHEST)
        scaled[np.isnan(scaled)] = 0.0
        return np.asarray((scaled @ self.coefficients.T + self.intercept) / self.temperature)


def row_of(values: Mapping[str, float], names: tuple[str, ...]) -> tuple[float, ...]:
    """Return features by name, what the rules make of them among them."""
    easy, threshold, vo2 = RULES.judge(values)
    made = (
        min(max(easy - threshold, -_MAX_BY_RULE), _MAX_BY_RULE),
        min(max(vo2 - threshold, -_MAX_BY_RULE), _MAX_BY_RULE),
        max(values["effort_hr"] - HIGH_HR, 0.0),  # not known stays not known
    )
    row: tuple[float, ...] = _picker(names)({**values, **dict(zip(MADE_NAMES, made, strict=True))})
    return row


@functools.cache
def _picker(names: tuple[str, ...]) -> operator.itemgetter[Any]:
    return operator.itemgetter(*names)


def predict(
    features: Features,
    *,
    classifier: Classifier | None = None,
    of_set: bool = False,
    models: Mapping[str, Logistic] | None = None,
) -> Verdict:
    """Judge a session, or one set of it.

    Parameters
    ----------
    features : Features
    classifier : {"fitted", "rules"}, optional
        By default fitted, and rules for a race, for strides, and where neither speed nor heart
        rate is known.
    of_set : bool
        Whether the features are those of one set.
    models : mapping, optional
        Models by name ("history", "file", "set"); the shipped ones by default.

    Returns
    -------
    Verdict
        Probabilities sum to 1.
    """
    values = features.values
    if classifier is None:
        blind = math.isnan(values["effort_speed"]) and math.isnan(values["effort_hr"])
        # How long a race took says what it was; there are too few to fit that. Strides are easy
        # however fast they are.
        known = bool(values["race"]) or values["strides"] >= 1.0
        classifier = "rules" if blind or known else "fitted"
    if classifier == "fitted":
        name = "set" if of_set else "history" if features.known_history else "file"
        model: _Model = (models or shipped_models())[name]
    elif classifier == "rules":
        model = RULES
    else:
        raise ParameterError("classifier", classifier, "fitted or rules")
    mean = with_doubt(_over_errors(model, features), model.doubt)
    return Verdict(dict(zip(LABELS, mean, strict=True)), model.abstain_below, classifier)


def _over_errors(model: _Model, features: Features) -> list[float]:
    """Mean probabilities over the errors of threshold speed and highest heart rate."""
    values = features.values
    moved = [
        _moved(values, over, sign * _STEP * error)
        for over, error in (("speed", features.speed_error), ("max_hr", features.hr_error))
        if error > 0.0
        for sign in (-1.0, 1.0)
    ]
    # Three numbers a row: NumPy would take longer from here on.
    centre, *sides = map(_softmax, model.log_odds([values, *moved]).tolist())
    mean = [
        max(p + sum(_SIDE * (side[k] - p) for side in sides), 1e-6) for k, p in enumerate(centre)
    ]
    total = sum(mean)
    return [p / total for p in mean]


def with_doubt(chances: Sequence[float], doubt: float) -> list[float]:
    """Return probabilities of the labels with a share of the hard ones split evenly."""
    easy, threshold, vo2 = chances
    shared = 0.5 * doubt * (threshold + vo2)
    return [easy, (1.0 - doubt) * threshold + shared, (1.0 - doubt) * vo2 + shared]


def _moved(values: Mapping[str, float], over: str, error: float) -> dict[str, float]:
    """Return the features as they would be with the threshold higher by a relative error."""
    moved = dict(values)
    for name in BY_OVER[over]:
        moved[name] = moved[name] - error if over == "speed" else moved[name] / (1.0 + error)
    return moved


def _softmax(log_odds: Sequence[float]) -> list[float]:
    top = max(log_odds)
    raised = [math.exp(each - top) for each in log_odds]
    total = sum(raised)
    return [each / total for each in raised]


@functools.cache
def shipped_models() -> dict[str, Logistic]:
    """Load the coefficients that come with the package."""
    resource = importlib.resources.files("intervaldetect.label") / "coefficients.json"
    return models_from(json.loads(resource.read_text(encoding="utf-8")))


def models_from(data: Mapping[str, Any]) -> dict[str, Logistic]:
    """Build models from the object in ``coefficients.json``, each of the features it names."""
    return {name: _logistic(data["models"][name]) for name in MODELS}


def _logistic(data: Mapping[str, Any]) -> Logistic:
    names = tuple(data["features"])
    rows = np.array([data["features"][name] for name in names], dtype=np.float64)
    return Logistic(
        names=names,
        mean=rows[:, 0],
        scale=rows[:, 1],
        coefficients=np.ascontiguousarray(rows[:, 2:].T),
        intercept=np.array([data["intercept"][label] for label in LABELS]),
        temperature=float(data["temperature"]),
        abstain_below=float(data["abstain_below"]),
        doubt=float(data["doubt"]),
    )
