"""What the Dask engine costs on top of the work: by file, by chunk and by athlete.

    python benchmarks/scale/cluster.py [--files 600] [--chunk 300] [--folder FOLDER]

Files of ten minutes keep the work small beside the overhead; a folder of real ones shows the
sizes. Both engines run in this process tree; CPU seconds are of all their processes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from distributed import Client, LocalCluster
from measure import batch, run
from mix import make_small

from intervaldetect.batch.dask import run_on_dask
from intervaldetect.store import DATABASE

EMPTY = 500


def main() -> None:
    """Run both engines over the same files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=600)
    parser.add_argument("--chunk", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        runs = given.folder or root / "runs"
        if not given.folder:
            make_small(runs, given.files)
        count = sum(file.is_file() for file in runs.rglob("*"))
        done = run(batch(runs, root / "store", "--jobs", "2"))
        size = (root / "store" / DATABASE).stat().st_size
        print(f"load {os.getloadavg()[0]:.1f}; {count} files")
        each = size / count
        print(f"local   {done.seconds:6.1f} s {done.cpu_s:6.1f} CPU s {each:8.0f} B/file")
        before = os.times()
        started = time.perf_counter()
        with LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0"
        ) as cluster:
            ready = time.perf_counter() - started
            progress = run_on_dask(
                str(runs), str(root / "results"), scheduler=cluster.scheduler_address,
                chunk=given.chunk,
            )  # fmt: skip
            taken = time.perf_counter() - started - ready
            with Client(cluster) as client:
                started = time.perf_counter()
                client.gather(client.map(abs, range(EMPTY), pure=False))
                empty = (time.perf_counter() - started) / EMPTY
            started = time.perf_counter()
            run_on_dask(str(runs), str(root / "results"), scheduler=cluster.scheduler_address)
            again = time.perf_counter() - started
        after = os.times()
        assert progress.done + progress.other == count, progress
        cpu = sum(after[:4]) - sum(before[:4])
        for part in ("files", "activities"):
            files = list((root / "results" / part).rglob("*.parquet"))
            size = sum(file.stat().st_size for file in files)
            print(f"{part:11}{len(files):3} Parquet files {size / count:8.0f} B/file")
        print(f"dask    {taken:6.1f} s {cpu:6.1f} CPU s, {ready:.1f} s to start")
        print(f"an empty task {1e3 * empty:.1f} ms; nothing new {again:.1f} s")


if __name__ == "__main__":
    main()
