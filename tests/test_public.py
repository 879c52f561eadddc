"""The public names are a promise: this list changes only together with the changelog."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import intervaldetect

PUBLIC = [
    "Activity",
    "Analysis",
    "CorruptFile",
    "Estimate",
    "IntervalDetectError",
    "Lap",
    "LimitExceeded",
    "MissingChannel",
    "NoRecords",
    "NotAnActivity",
    "NotationError",
    "ParameterError",
    "Problem",
    "ReadError",
    "Segment",
    "SessionLabel",
    "Signal",
    "Store",
    "StoreError",
    "Summary",
    "Thresholds",
    "TooShort",
    "UnknownFormat",
    "Workout",
    "WorkoutSet",
    "analyse",
    "clean_activity",
    "format_workout",
    "label_session",
    "parse_workout",
    "plot_session",
    "read_activities",
    "read_activity",
    "read_history",
    "run_batch",
    "segment_signal",
    "structure_workout",
    "to_dict",
]


def test_the_public_names() -> None:
    assert intervaldetect.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(intervaldetect))
    assert list(intervaldetect._HOME) == PUBLIC
    assert re.fullmatch(r"\d+\.\d+\.\d+", intervaldetect.__version__)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(intervaldetect, name)
    doc = inspect.getdoc(value)
    assert doc
    assert value.__name__ == name
    modules = {file.stem for file in Path(intervaldetect.__file__).parent.iterdir()}
    assert name not in modules
    if inspect.isfunction(value) and "as :func:`" not in doc:
        for section in ("Parameters", "Returns"):
            assert f"{section}\n----" in doc, f"{name} has no section {section}"
        told = doc.split("Returns\n")[0]
        for parameter in inspect.signature(value).parameters:
            assert re.search(rf"\b{parameter}\b", told), f"{name} does not describe {parameter}"


def test_unknown_names_say_so() -> None:
    with pytest.raises(AttributeError, match="no attribute 'interval'"):
        getattr(intervaldetect, "interval")  # noqa: B009 - the module's own lookup is meant


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, intervaldetect; print([n for n in sys.modules if 'intervaldetect.' in n])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("module", ["intervaldetect", "intervaldetect.notation.printer"])
def test_examples_run(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried > 0
    assert failed == 0
