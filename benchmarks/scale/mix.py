"""Ten thousand files as an account holds them, made in a minute: 90 % FIT of about 200 kB.

A few hundred runs are simulated and encoded; the rest are these at other times. In a FIT file the
times are found by encoding it twice, with starts that differ in each byte of a time; in GPX and TCX
the date is another. Real files are added where a folder of them is given.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels.fit import crc16
from intervaldetect.read.fit_scan import as_words
from intervaldetect.simulate import Plan, simulate
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx
from intervaldetect.write.fit_bytes import BaseType, FitWriter

# A clock before July 1998 counts as never set.
FIRST = datetime(2000, 1, 1, 6, tzinfo=UTC)
# As FIT seconds 0x01010101: no byte of a time stays what it was.
APART = timedelta(seconds=0x01010101)
SEEDS = 200
XML_SEEDS = 24
SMALL_SEEDS = 20
REAL = ("run", "gpx", "tcx", "odd", "damaged")
PLANS: tuple[dict[str, Any], ...] = (
    {"run_type": "easy", "duration_s": 3000.0},
    {"workout": "10 x 1000 m @ 3:40 (1:00 jog)", "warmup_s": 900.0, "cooldown_s": 600.0},
    {"run_type": "long", "duration_s": 5700.0},
    {"workout": "5 x 6:00 @ 3:45/km (1:00 jog)", "warmup_s": 900.0, "cooldown_s": 600.0},
    {"run_type": "steady", "duration_s": 3600.0},
    {"workout": "6 x 800 m @ 2:40 (3:00 jog)", "warmup_s": 900.0, "cooldown_s": 600.0},
    {"run_type": "progression", "duration_s": 4200.0},
    {"workout": "20 x 400 m @ 1:20 (0:30 stand)", "warmup_s": 900.0, "strides": 4},
    {"run_type": "trail", "duration_s": 4800.0, "terrain": "trail"},
    {"workout": "10 mi @ 3:50/km", "warmup_s": 900.0, "cooldown_s": 600.0},
)
# What a watch of today writes beside: running dynamics, stamina, power of wind and form.
RECORD = 20
BESIDE = (39, 40, 41, 83, 84, 85, 87, 107, 108, 134, 135, 136, 137, 138)


class Writer(FitWriter):
    """Writes records as long as those of a watch with all its sensors."""

    def table(
        self, number: int, columns: Iterable[tuple[int, BaseType, NDArray[np.int64]]]
    ) -> NDArray[np.void]:
        columns = list(columns)
        if number == RECORD:
            noise = np.random.default_rng(columns[0][2].size)
            for field in BESIDE:
                values = 900 + np.cumsum(noise.integers(-3, 4, columns[0][2].size)) % 256
                columns.append((field, "uint16", values))
        return super().table(number, columns)


class Seed(NamedTuple):
    """A FIT file, and where in it the times stand."""

    data: NDArray[np.uint8]
    times: NDArray[np.intp]

    def later(self, seconds: int) -> bytes:
        """Return the file as of so much later, with its checksum."""
        data = self.data.copy()
        where = self.times[:, None] + np.arange(4)
        stamps = data[where].copy().view("<u4")[:, 0] + np.uint32(seconds)
        data[where] = stamps.astype("<u4").view(np.uint8).reshape(-1, 4)
        end = data.size - 2
        data[end:] = np.array([crc16(as_words(data.data, 0, end))], dtype="<u2").view(np.uint8)
        return data.tobytes()


def seed_of(plan: Plan, number: int) -> Seed:
    """Simulate a run and find the times in its file."""
    activity = simulate(plan, seed=number).to_activity()
    moved = replace(activity, start_time=activity.start_time + APART)
    with patch("intervaldetect.write.encode_fit.FitWriter", Writer):
        data, other = (np.frombuffer(encode_fit(one), dtype=np.uint8) for one in (activity, moved))
    end = data.size - 2
    changed = np.flatnonzero(data[:end] != other[:end])
    times = changed[::4]
    assert changed.size % 4 == 0
    assert (changed.reshape(-1, 4) == times[:, None] + np.arange(4)).all()
    return Seed(data, times)


def fit_seeds(count: int, *, small: bool = False) -> list[Seed]:
    """Return FIT files of about 200 kB, or small ones."""
    seeds = []
    for number in range(count):
        told = dict(PLANS[number % len(PLANS)])
        if small:
            told |= {"run_type": "easy", "duration_s": 600.0 + number, "workout": None}
        seeds.append(seed_of(Plan(**told, start_time=FIRST), number))
    return seeds


def make_mix(folder: Path, count: int, corpus: Path | None = None, *, first: int = 0) -> None:
    """Fill a folder with ``count`` activities from the number ``first`` on, some of them real."""
    files = _real(corpus) if corpus else []
    files = files[: count // 5]
    for index, file in enumerate(files):
        target = folder / "real" / f"{index:03d}{''.join(file.suffixes[-2:])}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    made = count - len(files)
    seeds = fit_seeds(min(SEEDS, made))
    texts = list(_texts(min(XML_SEEDS, made)))
    for index in range(first, first + made):
        # 17 hours apart and off the full quarter, so that none looks like another's copy.
        later = index * 17 * 3600 + index * 37 % 600
        day = FIRST + timedelta(days=index)
        target = folder / f"{day:%Y}"
        target.mkdir(parents=True, exist_ok=True)
        if index % 10 < 9:
            data = seeds[index % len(seeds)].later(later)
            target /= f"{index:05d}.fit"
        else:
            suffix, text = texts[index // 10 % len(texts)]
            data = text.replace(f"{FIRST:%Y-%m-%d}T".encode(), f"{day:%Y-%m-%d}T".encode())
            target /= f"{index:05d}.{suffix}.gz"
            data = gzip.compress(data, compresslevel=1, mtime=0)
        target.write_bytes(data)


def make_small(folder: Path, count: int) -> None:
    """Fill a folder with ten-minute runs in FIT."""
    seeds = fit_seeds(min(SMALL_SEEDS, count), small=True)
    folder.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        later = index * 17 * 3600 + index * 37 % 600
        (folder / f"{index:05d}.fit").write_bytes(seeds[index % len(seeds)].later(later))


def _texts(count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        plan = Plan(**PLANS[number % len(PLANS)], start_time=FIRST)
        activity = simulate(plan, seed=number).to_activity()
        suffix = "gpx" if number % 2 else "tcx"
        yield suffix, (encode_gpx if number % 2 else encode_tcx)(activity)


def _real(corpus: Path) -> list[Path]:
    files = (file for name in REAL for file in sorted((corpus / name).glob("*")))
    return [file for file in files if file.is_file()]
