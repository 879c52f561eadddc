"""A cluster gives what one machine gives, whoever dies; skipped where Dask is not installed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from intervaldetect.batch.dataset import _views_of, _views_text
from intervaldetect.batch.folder import run_batch
from intervaldetect.batch.one_file import analyse_source
from intervaldetect.batch.progress import Progress
from intervaldetect.errors import IntervalDetectError, ParameterError
from intervaldetect.job import FileResult, Settings, Task
from intervaldetect.read.archive import Source
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.store import Store
from intervaldetect.store.schema import rows_of

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")

from intervaldetect.batch.dask import run_on_dask  # noqa: E402 - needs the extra

SOURCE = str(Path(__file__).resolve().parents[2] / "src")
FILE = "2025-09-08-0715-morning-run.fit"
# Dask talks over sockets and leaves some to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def folder(season: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two athletes, three formats, a file shared by both, a copy, and files that are refused."""
    root = tmp_path_factory.mktemp("runs")
    for name, pattern in (("ada", "2025-09-0[1-4]*"), ("bo: 2", "2025-09-1[4-6]*")):
        (root / name).mkdir()
        for file in season.glob(pattern):
            shutil.copy(file, root / name)
        shutil.copy(season / FILE, root / name / "shared.fit")
    shutil.copy(root / "ada" / "shared.fit", root / "ada" / "copy.fit")
    (root / "ada" / "empty.fit").write_bytes(b"")
    (root / "bo: 2" / "text.gpx").write_text("went well")
    (root / "bo: 2" / "notes.txt").write_text("went well")
    return root


def objects(results: Path | str) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The printed objects of a dataset by athlete, content and part."""
    rows = pl.read_parquet(f"{results}/activities/**/*.parquet", hive_partitioning=False).to_dicts()
    return {(row["athlete"], row["sha256"], row["part"]): row for row in rows}


def stored(store: Path, target: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    from intervaldetect.output.export import export_summaries

    (target / "activities").mkdir(parents=True)
    with Store.open(store) as opened:
        export_summaries(opened.summaries(), "parquet", path=target / "activities" / "all.parquet")
    return objects(target)


def test_views_go_through_the_dataset(season: Path) -> None:
    source = Source(file=str(season / FILE), path=FILE)
    for settings in (Settings(), Settings(positions=True)):
        (judged,) = analyse_source(Task(source), settings, judge=False).activities
        again = _views_of(_views_text(judged.views))
        assert (judged.views.places is not None) == settings.positions
        assert rows_of(replace(judged, views=again), "m") == rows_of(judged, "m")


def counts(progress: Progress) -> tuple[int, int, int, int, int]:
    return (
        progress.read,
        progress.repaired,
        progress.refused,
        progress.unchanged,
        progress.other,
    )


def test_the_cluster_says_what_the_batch_says(cluster: Any, folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    alone: list[str] = []
    local = run_batch(
        folder, tmp_path / "store", athlete_from_folder=True, jobs=1, on_refusal=alone.append
    )
    for number, size in enumerate((3, 300)):
        results = tmp_path / f"results-{number}"
        told.clear()
        progress = run_on_dask(
            folder.as_uri(), results.as_uri(), scheduler=cluster.scheduler_address, chunk=size,
            athlete_from_folder=True, on_refusal=told.append,
        )  # fmt: skip
        assert counts(progress) == counts(local)
        assert sorted(told) == sorted(alone)
        found = objects(results)
        assert found == stored(tmp_path / "store", tmp_path / f"export-{number}")
        assert {athlete for athlete, *_ in found} == {"ada", "bo: 2"}
    assert not list(results.rglob(".*"))


def test_only_new_files_are_met(cluster: Any, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "runs"
    shutil.copytree(folder / "ada", mine)
    results = tmp_path / "results"

    def take() -> Progress:
        return run_on_dask(str(mine), str(results), scheduler=cluster.scheduler_address)

    first = take()
    assert first.unchanged == 0
    before = {p: p.stat().st_mtime_ns for p in results.rglob("*.parquet")}
    assert take().unchanged == first.total
    assert {p: p.stat().st_mtime_ns for p in results.rglob("*.parquet")} == before
    shutil.copy(folder / "bo: 2" / "2025-09-14-0940-morning-run.fit.gz", mine / "new.fit.gz")
    (mine / "shared.fit").write_bytes(b"spoilt")
    (mine / "copy.fit").write_bytes(b"spoilt")
    last = take()
    assert (last.unchanged, last.refused) == (first.total - 2, first.refused + 2)
    run_batch(mine, tmp_path / "store", jobs=1)
    assert objects(results) == stored(tmp_path / "store", tmp_path / "export")


def die_once(task: Task, settings: Settings) -> FileResult:
    """Kill the worker on the first try of a file, then do as always."""
    mark = Path(task.source.path + ".tried")
    if task.source.path.endswith("shared.fit") and not mark.exists():
        mark.write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return analyse_source(task, settings)


def test_a_killed_worker_costs_nothing(cluster: Any, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "runs"
    shutil.copytree(folder / "ada", mine)
    progress = run_on_dask(
        str(mine), str(tmp_path / "results"), scheduler=cluster.scheduler_address, chunk=2,
        analyse=die_once,
    )  # fmt: skip
    assert (mine / "shared.fit.tried").exists()
    (mine / "shared.fit.tried").unlink()
    local = run_batch(mine, tmp_path / "store", jobs=1)
    assert counts(progress)[:4] == counts(local)[:4]
    assert objects(tmp_path / "results") == stored(tmp_path / "store", tmp_path / "export")


def die_always(task: Task, settings: Settings) -> FileResult:
    """Kill the worker on every try of one file."""
    if task.source.path.endswith("shared.fit"):
        os.kill(os.getpid(), signal.SIGKILL)
    return analyse_source(task, settings)


def test_a_chunk_that_kills_its_workers_is_halved(folder: Path, tmp_path: Path) -> None:
    """The file is found and refused, and the others of its chunk are read."""
    import dask

    mine = tmp_path / "runs"
    shutil.copytree(folder / "ada", mine)
    told: list[str] = []
    with (
        # One death is enough to give up a chunk: each costs a second to start a worker anew. The
        # cluster shall not give up the worker for good where that takes long.
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 0,
                "distributed.deploy.lost-worker-timeout": "300s",
            }
        ),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=":0", host="127.0.0.1"
        ) as running,
    ):
        progress = run_on_dask(
            str(mine), str(tmp_path / "results"), scheduler=running.scheduler_address,
            analyse=die_always, on_refusal=told.append,
        )  # fmt: skip
    (mine / "shared.fit").unlink()
    local = run_batch(mine, tmp_path / "store", jobs=1)
    assert counts(progress) == (
        local.read, local.repaired, local.refused + 1, local.unchanged, local.other,
    )  # fmt: skip
    assert [text for text in told if "every worker process died" in text] == [
        f"{mine / 'shared.fit'}: every worker process died on this file (analyse)"
    ]
    assert objects(tmp_path / "results") == stored(tmp_path / "store", tmp_path / "export")


def test_addresses_other_than_paths(season: Path, tmp_path: Path) -> None:
    """Any file system of fsspec; this one lives in memory, so the workers do as well."""
    import fsspec

    memory = fsspec.filesystem("memory")
    names = ("2025-09-01-0710-morning-run.fit.gz", "2025-09-08-0715-morning-run.fit")
    for name in names:
        memory.pipe_file(f"/bucket/ada/{name}", (season / name).read_bytes())
    memory.pipe_file("/bucket/ada/picture.jpg", b"x")
    with distributed.LocalCluster(
        n_workers=1, processes=False, protocol="tcp", dashboard_address=":0", host="127.0.0.1"
    ) as running:
        for unchanged in (0, 2):
            progress = run_on_dask(
                "memory://bucket", "memory://results", scheduler=running.scheduler_address,
                athlete_from_folder=True,
            )  # fmt: skip
            assert counts(progress) == (2, 0, 0, unchanged, 1)
    (file,) = memory.glob("/results/activities/*/*.parquet")
    rows = pl.read_parquet(memory.cat_file(file)).to_dicts()
    assert [row["path"] for row in rows] == [f"memory:///bucket/ada/{name}" for name in names]
    run_batch(season / names[0], tmp_path / "store", athlete="ada", jobs=1)
    with Store.open(tmp_path / "store") as opened:
        (alone,) = (json.loads(text) for text in opened.summaries())
    for key in ("segments", "sets", "workout", "distance_m", "sha256"):
        assert json.dumps(rows[0][key]) == json.dumps(alone[key])


def test_s3(season: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a server on this machine."""
    pytest.importorskip("s3fs", reason="the extra s3 is not installed")
    server = pytest.importorskip("moto.server", reason="moto, flask or flask-cors is not installed")
    import fsspec

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    monkeypatch.setitem(fsspec.config.conf, "s3", {"endpoint_url": f"http://{host}:{port}"})
    try:
        system = fsspec.filesystem("s3")
        system.mkdir("bucket")
        for name in ("2025-09-01-0710-morning-run.fit.gz", "2025-09-08-0715-morning-run.fit"):
            system.pipe_file(f"bucket/runs/ada/{name}", (season / name).read_bytes())
        with distributed.LocalCluster(
            n_workers=1, processes=False, protocol="tcp", dashboard_address=":0", host="127.0.0.1"
        ) as cluster:
            for unchanged in (0, 2):
                progress = run_on_dask(
                    "s3://bucket/runs", "s3://bucket/results", athlete_from_folder=True,
                    scheduler=cluster.scheduler_address,
                )  # fmt: skip
                assert counts(progress) == (2, 0, 0, unchanged, 0)
        data = system.cat_file("bucket/results/activities/athlete=ada/part.parquet")
        assert pl.read_parquet(data).height == 2
    finally:
        running.stop()


def test_wrong_use(folder: Path, tmp_path: Path) -> None:
    given = replace(Settings(), thresholds=Thresholds(max_hr_bpm=Estimate(190.0, 1.0, "given")))
    with pytest.raises(ParameterError, match="folders name the athletes"):
        run_on_dask(
            str(folder), str(tmp_path), scheduler="tcp://127.0.0.1:9", settings=given,
            athlete_from_folder=True,
        )  # fmt: skip
    with pytest.raises(ParameterError, match="exists"):
        run_on_dask(str(tmp_path / "nowhere"), str(tmp_path), scheduler="tcp://127.0.0.1:9")
    with pytest.raises(IntervalDetectError, match="not known"):
        run_on_dask("nonsense://x", str(tmp_path), scheduler="tcp://127.0.0.1:9")


def test_the_command_takes_an_engine(cluster: Any, season: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from intervaldetect.cli import app

    def batch(*more: str) -> tuple[int, str]:
        command = ["batch", str(tmp_path / "runs"), "-o", str(tmp_path / "results"), *more]
        done = CliRunner().invoke(app, command)
        return done.exit_code, done.stderr

    (tmp_path / "runs").mkdir()
    shutil.copy(season / FILE, tmp_path / "runs")
    assert batch("--engine", "dask", "--scheduler", cluster.scheduler_address, "--quiet") == (0, "")
    assert len(objects(tmp_path / "results")) == 1
    status, told = batch("--scheduler", "tcp://127.0.0.1:9")
    assert status == 2
    assert "--scheduler cannot be 'tcp://127.0.0.1:9'; it must be left out without" in told
    status, told = batch("--engine", "dask", "--scheduler", "tcp://127.0.0.1:9", "--jobs", "2")
    assert status == 2
    assert "--jobs cannot be 2" in told


def test_without_a_scheduler_a_cluster_is_started_here(season: Path, tmp_path: Path) -> None:
    shutil.copy(season / FILE, tmp_path)
    command = ["batch", str(tmp_path / FILE), "-o", str(tmp_path / "results"), "--engine", "dask"]
    done = subprocess.run(
        [sys.executable, "-m", "intervaldetect", *command, "--jobs", "1"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": SOURCE},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "starting a Dask cluster on this machine" in done.stderr
    assert len(objects(tmp_path / "results")) == 1
