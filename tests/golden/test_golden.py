"""What is detected in the season stays what it was; ``python tests/golden/make.py`` renews it.

Texts are compared to the letter, edges within two seconds, so that a change of detection shows
without the corpus while another version of NumPy does not.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden.make import FILES, GOLDEN, MADE_BY, detect, planned

EDGE_S = 2.0
STORED: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES)
def test_detection_stays(file: str) -> None:
    detected = detect(file)
    assert detected.keys() == {"ignore", "auto"}
    for laps, now in detected.items():
        stored = STORED["files"][file][laps]
        assert now["text"] == stored["text"]
        for role in ("reps", "strides"):
            assert len(now[role]) == len(stored[role])
            for span, expected in zip(now[role], stored[role], strict=True):
                assert span == pytest.approx(expected, abs=EDGE_S)


def test_what_is_stored_is_made_by_the_script() -> None:
    assert STORED["made_by"] == MADE_BY
    assert tuple(STORED["files"]) == FILES
    assert {file.split(".", 1)[1] for file in FILES} == {"fit", "fit.gz", "gpx.gz", "tcx.gz"}


def test_workouts_and_plain_runs_are_among_them() -> None:
    texts = planned()
    assert 3 <= sum(texts[file] is None for file in FILES) <= 6
