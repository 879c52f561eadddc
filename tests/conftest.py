"""What every test folder shares: the corpus, and marks that follow from where a test lives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from intervaldetect.kernels import _jit
from intervaldetect.records import (
    Activity,
    Analysis,
    Estimate,
    Label,
    Role,
    Segment,
    Session,
    SessionLabel,
    Signal,
    Thresholds,
    Workout,
    WorkoutSet,
)
from intervaldetect.records.channels import NAMES
from tests import near

ROOT = Path(__file__).resolve().parent.parent
MANY_TESTS = 2000
"""From here on a run needs all kernels."""

# What runs in this process is tested compiled; processes of their own decide as a user's do.
_jit.compile_kernels()

# The same examples each time, however busy the machine: chance has its room in benchmarks.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ROOT / "tests" / "kernels" in item.path.parents:
            item.add_marker(pytest.mark.kernel)


@pytest.fixture(scope="session", autouse=True)
def quick_start(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Compile once for all workers, and let batches of one job run without a process of theirs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    # What is compiled with bounds checks serves the kernels' own tests, which need few of them.
    whole = len(request.session.items) > MANY_TESTS and "NUMBA_BOUNDSCHECK" not in os.environ
    if worker is not None and whole:
        count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        near.compile_in_parts(worker, count, shared(tmp_path_factory))
    with near.one_job_near():
        yield


def shared(factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this run of the suite that all its workers see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real recordings, which no checkout contains."""
    folder = os.environ.get("INTERVALDETECT_CORPUS")
    if not folder:
        pytest.skip("INTERVALDETECT_CORPUS is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def season() -> Path:
    """The simulated season that the project ships."""
    return ROOT / "fixtures" / "season"


@pytest.fixture(scope="session")
def season_store(season: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped season in a store, as one batch leaves it."""
    from intervaldetect.batch.folder import run_batch  # most tests need no store

    made = shared(tmp_path_factory) / "season-store"
    with near.alone("season-store", made.parent):
        if not made.exists():
            run_batch(season, made.with_suffix(".making"), jobs=1)
            made.with_suffix(".making").rename(made)
    # One of its own for each worker: a store takes one writer at a time.
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("season") / "store"))


@pytest.fixture
def analysis() -> Analysis:
    """A whole analysis made by hand: 2 x 800 m of 130 s with 180 s jog, warm-up and cool-down."""
    edges = [0.0, 600.0, 730.0, 910.0, 1040.0, 1640.5]
    speeds = [2.8, 800 / 130, 2.0, 800 / 130, 2.8]
    roles: tuple[Role, ...] = ("warmup", "rep", "recovery", "rep", "cooldown")
    time = np.append(np.arange(0.0, 1640.0), 1640.5)
    speed = np.array(speeds)[np.searchsorted(edges, time[:-1], "right") - 1]
    distance = np.concatenate(([0.0], np.cumsum(speed * np.diff(time))))
    heart_rate = np.interp(time, edges, [110.0, 130.0, 178.0, 140.0, 182.0, 125.0])
    columns = {name: np.full(time.size, np.nan) for name in NAMES}
    columns |= {"time": time, "distance": distance, "heart_rate": heart_rate}
    columns |= {"latitude": np.full(time.size, 59.9), "longitude": np.full(time.size, 10.7)}
    numbers = {1: (1, 1), 2: (1, 1), 3: (1, 2)}
    segments = tuple(
        Segment(
            role,
            start,
            end,
            start_error_s=1.2,
            end_error_s=1.5,
            distance_m=(end - start) * speeds[index],
            moving_s=end - start,
            mean_speed_mps=speeds[index],
            grade_adjusted_speed_mps=speeds[index],
            mean_hr_bpm=150.0,
            end_hr_bpm=float(np.interp(end, time, heart_rate)),
            max_hr_bpm=182.0,
            set=numbers.get(index, (None, None))[0],
            rep=numbers.get(index, (None, None))[1],
            confidence=0.9,
        )
        for index, (role, start, end) in enumerate(zip(roles, edges, edges[1:], strict=False))
    )
    main_set = WorkoutSet(
        2,
        "distance",
        rep_distance_m=800.0,
        rep_duration_s=130.0,
        rep_speed_mps=round(800 / 130, 3),
        recovery_basis="time",
        recovery_s=180.0,
        recovery_distance_m=360.0,
        recovery_style="jog",
        canonical=True,
    )
    odds: dict[Label, float] = {"easy": 0.01, "threshold": 0.11, "vo2": 0.88}
    activity = Activity(
        path="runs/tuesday.fit",
        sha256="0123456789abcdef" * 4,
        format="fit",
        part=1,
        integrity="intact",
        start_time=datetime(2026, 5, 31, 16, 0, tzinfo=UTC),
        columns=columns,
        session=Session(timer_s=1640.5, distance_m=float(distance[-1])),
        name="Tuesday",
        sport="running",
        sub_sport="track",
        device="garmin fr255",
        utc_offset_s=7200.0,
    )
    signal = Signal(
        time_s=time,
        speed_mps=speed,
        adjusted_speed_mps=speed,
        grade=np.zeros(speed.size),
        valid=np.ones(speed.size, dtype=np.bool_),
        paused=np.zeros(speed.size, dtype=np.bool_),
        distance_m=distance,
        altitude_m=columns["altitude"],
        heart_rate_bpm=heart_rate,
        cadence_spm=columns["cadence"],
        power_w=columns["power"],
        speed_source="distance",
        start_lag_s=1.0,
        end_lag_s=2.0,
    )
    return Analysis(
        activity=activity,
        signal=signal,
        workout=Workout(
            segments,
            (main_set,),
            "2 x 800 m @ 2:10 (3:00 jog)",
            "intervals",
            structured_probability=0.97,
            evidence=("2 reps of 800 m.",),
        ),
        label=SessionLabel(
            "vo2",
            "vo2_intervals",
            odds,
            set_labels=(("vo2", odds),),
            evidence=("Heart rate ended at 182.",),
        ),
        thresholds=Thresholds(Estimate(4.6, 0.1, "given"), None, Estimate(192.0, 3.0, "file")),
        temperature_c=18.5,
        heat_flag=False,
    )
