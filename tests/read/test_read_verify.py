"""Native against the second opinion: no difference on built files, only known ones on real ones."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.errors import ReadError, UnknownFormat
from intervaldetect.read import reference_fit
from intervaldetect.read.source import load
from intervaldetect.read.verify import Difference, verify
from tests.effort import WHOLE, sampled
from tests.read import build

SCENARIOS = [*build.scenarios(), build.developer_scenario()]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_built_files_are_read_alike(scenario):
    assert verify(scenario.data, path=scenario.name) == []
    assert verify(scenario.data, against="fitdecode") == []


def test_every_difference_is_told(monkeypatch: pytest.MonkeyPatch):
    honest = reference_fit.read_fit

    def other(data, path):
        part = honest(data, path)[0]
        columns = {name: values.copy() for name, values in part.columns.items()}
        columns["power"][[3, 7]] += 1.0
        columns["speed"][2] = np.nan
        laps = [part.laps[0]._replace(trigger="manual")]
        return [replace(part, columns=columns, laps=laps, sport="walking")]

    monkeypatch.setattr(reference_fit, "read_fit", other)
    found = verify(build.plain_fit(build.truth()).bytes())
    assert found[:2] == [
        Difference(1, "speed", 1, "3.502", "nan", 2.0),
        Difference(1, "power", 2, "253", "254", 3.0),
    ]
    assert [difference.what for difference in found[2:]] == ["sport", "laps"]
    assert (found[2].native, found[2].reference) == ("running", "walking")


def test_more_samples_behind_damage_are_a_known_difference():
    data = bytearray(build.plain_fit(build.truth()).bytes())
    data[8:12] = bytes(4)
    (found,) = verify(bytes(data))
    assert found.what == "error"
    assert found.native == "24 samples"
    assert found.explanation is not None
    assert "damaged" in found.explanation


def test_what_both_refuse_is_an_error():
    with pytest.raises(UnknownFormat):
        verify(b"no activity")


FITPARSE_BYTES = 120_000
"""Larger FIT files are held against fitdecode alone, which takes 2 s of CPU a megabyte; fitparse,
at 3.5 s, has told by then what it reads otherwise."""
FITDECODE_BYTES = math.inf if WHOLE else 600_000
"""A sample holds no larger file against fitdecode either."""
LARGEST = {"reference": FITPARSE_BYTES, "fitdecode": FITDECODE_BYTES}


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("folder", "against"),
    [
        *((folder, "reference") for folder in ("damaged", "gpx", "odd", "ride", "run", "tcx")),
        *((folder, "fitdecode") for folder in ("damaged", "odd", "ride", "run")),
    ],
)
def test_all_differences_on_real_files_are_known_ones(corpus: Path, folder, against):
    """The peers take minutes for all of them."""
    unknown: list[tuple[str, Difference]] = []
    for file in sampled(sorted((corpus / folder).iterdir()), 20):
        try:
            loaded = load(file)
            if loaded.format == "fit":
                if len(loaded.data) > LARGEST[against]:
                    continue
            elif against == "fitdecode":
                continue  # the same as the reference reader, which has read it
            found = verify(file, against=against)
        except ReadError:
            continue
        unknown += [(file.name, each) for each in found if each.explanation is None]
    assert unknown == []
