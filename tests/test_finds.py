"""Inputs of the fuzz through `analyse`: a seeded few, and all that once broke something."""

from __future__ import annotations

import functools
import json
import warnings
from pathlib import Path

import pytest

from benchmarks.robustness import analyse, mutants
from tests.effort import examples

FINDS = sorted(mutants.FINDS.glob("*.*"))
LAPS = ("auto", "ignore")


@functools.cache
def runner() -> analyse.Analyser:
    return analyse.Analyser(3, 10.0)


@pytest.mark.parametrize("file", FINDS, ids=lambda file: file.name)
@pytest.mark.parametrize("laps", LAPS)
def test_what_was_found_once_is_analysed(file: Path, laps: str) -> None:
    if file.suffix == ".json":
        simulated = dict(runner().bases)
        content = mutants.loaded(json.loads(file.read_text("utf-8")), simulated)
        assert not analyse.outcome(analyse.Input(content, laps)).startswith("FOUND")
    else:
        found = analyse.outcome(analyse.Input(file.read_bytes(), laps))
        assert not found.startswith("FOUND"), found


def test_mutated_inputs_end_as_documented() -> None:
    ends = [analyse.outcome(runner().input(index)[0]) for index in range(examples(1000, 10))]
    assert [end for end in ends if end.startswith("FOUND")] == []
    assert sum(end.startswith("analysed") for end in ends) > len(ends) / 2


def test_equal_numbers_make_equal_mutants_of_every_kind() -> None:
    bases = [(name, base) for name, base in runner().bases if name in mutants.PLANS]
    made = [mutants.mutant(5, index, bases) for index in range(120)]
    again = [mutants.mutant(5, index, bases) for index in range(120)]
    assert [done for _, done in made] == [done for _, done in again]
    for (one, _), (other, _) in zip(made, again, strict=True):
        assert json.dumps(mutants.packed(one, "")) == json.dumps(mutants.packed(other, ""))
    done = {name for _, text in made for name in text.split(": ")[1].split(", ")}
    assert done >= {kind.__name__ for kind in mutants.KINDS}


def test_a_stored_find_is_the_same_activity() -> None:
    bases = runner().bases
    activity, _ = mutants.mutant(5, 7, bases)
    text = json.dumps(mutants.packed(activity, "find"))
    again = mutants.loaded(json.loads(text), dict(bases))
    assert json.dumps(mutants.packed(again, "find")) == text


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (lambda *_, **__: 1 / 0, "undocumented ZeroDivisionError"),
        (lambda *_, **__: [0] * (1 << 45), "memory bound"),
        (lambda *_, **__: warnings.warn("odd", RuntimeWarning, stacklevel=1), "RuntimeWarning"),
    ],
)
def test_what_is_looked_for_would_be_found(monkeypatch, broken, found) -> None:
    monkeypatch.setattr("intervaldetect.pipeline.analyse", broken)
    _, activity = runner().bases[0]
    assert found in analyse.outcome(analyse.Input(activity, "auto"))
