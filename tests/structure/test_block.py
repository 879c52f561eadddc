from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Activity
from intervaldetect.segment import segment_signal
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure.block import find_block
from intervaldetect.structure.candidates import find_candidates

Stretches = list[tuple[float, float, float]]
TEMPO: Stretches = [(700, 2.8, 135), (1200, 3.25, 165), (600, 2.75, 140)]


def activity_of(stretches: Stretches, *, seed: int = 1) -> Activity:
    """Build an activity second by second from stretches of (seconds, m/s, bpm)."""
    random = np.random.default_rng(seed)
    speed = np.concatenate([np.full(int(s), v) for s, v, _ in stretches])
    beats = np.concatenate([np.full(int(s), h) for s, _, h in stretches])
    speed = speed + random.normal(0.0, 0.05, speed.size)
    plain = simulate(Plan("4 x 400 m @ 1:20 (1:00 jog)"), seed=1).to_activity()
    columns = {name: np.full(speed.size + 1, np.nan) for name in plain.columns}
    columns["time"] = np.arange(speed.size + 1, dtype=np.float64)
    columns["distance"] = np.concatenate(([0.0], np.cumsum(speed)))
    columns["heart_rate"] = np.append(beats, beats[-1])
    return replace(plain, columns=columns, pauses=(), laps=())


def block_of(stretches: Stretches) -> tuple[float, float] | None:
    signal = clean_activity(activity_of(stretches))
    pieces = segment_signal(signal)
    candidates = find_candidates(signal, pieces)
    q = find_block(signal, pieces, candidates)
    return None if q is None else (float(candidates.start_s[q]), float(candidates.end_s[q]))


def test_a_tempo_between_easy_running() -> None:
    found = block_of(TEMPO)
    assert found is not None
    assert found == pytest.approx((700.0, 1900.0), abs=15.0)


def test_drills_and_a_stop_beside_it_do_not_hide_it() -> None:
    drills: Stretches = [(12, 4.5, 140), (30, 1.5, 135)] * 5
    found = block_of([(400, 2.8, 130), *drills, (60, 0.0, 110), (300, 2.8, 135), *TEMPO[1:]])
    assert found is not None
    assert found == pytest.approx((970.0, 2170.0), abs=15.0)


def test_a_tempo_with_which_the_recording_ends() -> None:
    found = block_of([(500, 2.6, 145), (1800, 3.15, 175)])
    assert found is not None
    assert found == pytest.approx((500.0, 2300.0), abs=15.0)


@pytest.mark.parametrize(
    "stretches",
    [
        pytest.param([(700, 3.0, 140), (1200, 3.15, 160), (600, 3.0, 145)], id="hardly faster"),
        pytest.param([(700, 2.8, 135), (400, 3.3, 165), (900, 2.75, 140)], id="too short"),
        pytest.param([(700, 2.8, 150), (1200, 3.25, 148), (600, 2.75, 150)], id="no harder"),
        pytest.param([*TEMPO, (500, 3.2, 160), (300, 2.8, 140)], id="faster again later"),
        pytest.param([(60, 2.8, 120), (1200, 3.25, 165), (600, 2.75, 140)], id="no warm-up"),
        pytest.param([(500, 2.9, 145), (1800, 3.25, 175)], id="last, by a small step"),
        pytest.param([(500, 2.6, 145), (1800, 3.15, 160)], id="last, heart rate only drifts"),
        pytest.param([(300, 2.6, 145), (2700, 3.15, 175)], id="last, the run itself"),
        pytest.param([(300, 2.8, 120), (3000, 3.25, 165), (300, 2.7, 140)], id="the run itself"),
        pytest.param(
            [(700, 2.8, 135), *[(150, 3.5, 165), (150, 2.9, 165)] * 4, (600, 2.7, 140)],
            id="uneven",
        ),
    ],
)
def test_what_is_no_block(stretches: Stretches) -> None:
    assert block_of(stretches) is None


def test_without_heart_rate_the_step_has_to_be_clearer() -> None:
    unknown = [(s, v, np.nan) for s, v, _ in TEMPO]
    assert block_of(unknown) is not None
    smaller = [(700, 2.9, np.nan), (1200, 3.22, np.nan), (600, 2.85, np.nan)]
    assert block_of(smaller) is None
